"""The creator's frontend: content-named files first, then the two that name them; the last release stays at hand."""

import mimetypes
from collections.abc import Mapping
from typing import Any

from controlplane.provisioning.steps.creator_stack import domain_of, member, modules_of
from controlplane.provisioning.work import Facts, Work
from controlplane.publishing import creator_site
from controlplane.vendors.aws_member import Member
from tenants.models import Tenant

FOR_EVER = "public, max-age=31536000, immutable"
NOT_KEPT = "no-cache"
SWITCHES = ("config.json", "index.html")  # the second last, the last last


def deploy(work: Work) -> Facts:
    frontend, entered = creator_site.build(config_of(work)), member(work)
    upload(entered, work.tenant.facts["site_bucket"], frontend)
    work.lease.require()
    _switch(work, entered, frontend.release, frontend.switch)
    return {"release": frontend.release, "files": len(frontend.assets) + len(frontend.switch)}


def upload(entered: Member, bucket: str, frontend: creator_site.Frontend) -> None:
    """Nobody sees it yet."""
    for path, body in frontend.assets.items():
        _put(entered, bucket, path, body, frontend.release, FOR_EVER)
    for path in SWITCHES:  # a copy that a roll-back finds
        _put(entered, bucket, f"_releases/{frontend.release}/{path}", frontend.switch[path], frontend.release, NOT_KEPT)


def show(entered: Member, bucket: str, release: str, files: Mapping[str, bytes]) -> None:
    for path in SWITCHES:
        _put(entered, bucket, path, files[path], release, NOT_KEPT)


def roll_back(work: Work, release: str) -> None:
    """To a release that was live before: nothing is built, two files are put back."""
    bucket, entered = work.tenant.facts["site_bucket"], member(work)
    kept = {path: entered.get(bucket, f"_releases/{release}/{path}") for path in SWITCHES}
    if all(kept.values()):
        _switch(work, entered, release, {path: body for path, body in kept.items() if body is not None})


def _switch(work: Work, entered: Member, release: str, files: dict[str, bytes]) -> None:
    facts = work.tenant.facts
    show(entered, facts["site_bucket"], release, files)
    reference = f"{work.operation.id}-{release}"[:120]
    entered.invalidate(facts["distribution_id"], ["/", *(f"/{path}" for path in SWITCHES)], reference)

    def live(tenant: Tenant) -> None:
        before = tenant.facts.get("site_release")
        earlier = before if before and before != release else tenant.facts.get("site_release_before")
        tenant.facts = {**tenant.facts, "site_release": release, "site_release_before": earlier}

    work.change(live)


def _put(entered: Member, bucket: str, path: str, body: bytes, release: str, cache: str) -> None:
    kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
    kind += "; charset=utf-8" if kind.startswith("text/") or kind.endswith(("json", "javascript")) else ""
    entered.put(bucket, path, body, kind=kind, cache=cache, release=release)


def config_of(work: Work) -> dict[str, Any]:
    """What the frontend is told. No secret: everybody can read it."""
    tenant, facts = work.tenant, work.tenant.facts
    look = tenant.spec.get("look") or {}
    own = {name: facts[name] for name in ("playback_url", "room_arn", "chat_endpoint") if facts.get(name)}
    return {
        **(facts.get("config") or {}),
        **own,
        "name": look.get("name") or tenant.name,
        "locale": tenant.locale,
        "domain": domain_of(work.gateways, tenant),
        "modules": sorted(modules_of(tenant)),
        "look": look,
        "legal": tenant.spec.get("legal") or {},
    }
