"""The code of each release of the creator's program, kept where it outlives this installation: the way back."""

import os
from pathlib import Path

from controlplane.core.errors import NeedsPerson
from controlplane.core.ids import new_id
from controlplane.provisioning.models import Kind
from controlplane.provisioning.work import Work
from programs.creator import artifact

FORWARD = {Kind.PROVISION, Kind.UPDATE}  # these bring the installed release; all others leave the code as it is


def keep(work: Work, release: str) -> None:
    """Before anybody runs on it."""
    vendor, store = work.gateways.cloudflare, _store(work)
    vendor.ensure_bucket(store)
    if not any(vendor.object_keys(store, prefix=_name(release))):
        vendor.put_object(store, _name(release), artifact.packed(), content_type="application/zip")


def has(work: Work, release: str) -> bool:
    vendor, store = work.gateways.cloudflare, _store(work)
    return bool(release) and vendor.bucket_exists(store) and any(vendor.object_keys(store, prefix=_name(release)))


def held(work: Work) -> dict[str, str]:
    """For the spec: the archive of the earlier release that this creator was brought back to, if it was."""
    release = work.tenant.facts.get("held_code")
    return {"code": str(_fetched(work, release))} if release and work.kind not in FORWARD else {}


def archive(work: Work, release: str) -> str:
    return str(_fetched(work, release))


def _fetched(work: Work, release: str) -> Path:
    folder = Path(work.gateways.settings.pulumi.work_folder or "/tmp") / "code"  # noqa: S108
    target = folder / _name(release)
    if not target.exists():
        content = work.gateways.cloudflare.get_object(_store(work), _name(release))
        if content is None:
            raise NeedsPerson(f"the code of {release} is not kept any more", next_action="update to a later release")
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = folder / f"{new_id()}.part"
        fresh.write_bytes(content)
        os.replace(fresh, target)
    return target


def _store(work: Work) -> str:
    return f"cr-{work.gateways.settings.name}-code"


def _name(release: str) -> str:
    return f"{release}.zip"
