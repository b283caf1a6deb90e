"""An update whose proof of life is red: the functions run again on the code that they had, until the next update."""

import io
import json
import zipfile

import pytest

from controlplane.provisioning.models import Kind, Phase
from controlplane.provisioning.steps import creator_smoke
from tenants.models import Tenant
from tests.flow.platform.conftest import Creators

EARLIER = "creator@0.9.0+earlier"
HEALTH = "programs/creator/modules/monitoring/handlers/health.py"


def a_red_update_goes_back_to_the_code_before(
    creators: Creators, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = creators.world
    present, before = came_from_an_earlier_release(creators, tenant), site(creators)
    with monkeypatch.context() as patch:
        patch.setattr(creator_smoke, "PATIENCE", 0.0)
        patch.setattr(creator_smoke, "checks", lambda _work: {"shop 1": lambda: "answers 500"})
        red = creators.work(world.ask(tenant, Kind.UPDATE))
    assert (red.phase, "shop 1: answers 500" in red.error) == (Phase.PARKED, True), (red.phase, red.error)
    after = world.reread(tenant)
    assert (after.applied_release, after.failed_release) == (EARLIER, present), after
    assert version(creators) == "earlier", version(creators)
    assert (after.facts["site_release"], site(creators)) == (before, before)
    assert after.facts["site_release_before"] not in {before, None}  # it was live, for as long as nobody had looked

    with world.gateways.db.transaction() as session:
        cancelled = session.merge(red)
        cancelled.phase = Phase.CANCELLED
        session.add(cancelled)


def came_from_an_earlier_release(creators: Creators, tenant: Tenant) -> str:
    """As if what is installed were newer than what this creator runs on."""
    world = creators.world
    present, store = str(world.reread(tenant).applied_release), f"cr-{world.gateways.settings.name}-code"
    kept = world.gateways.cloudflare.get_object(store, f"{present}.zip")
    assert kept, "the code of each release is kept"
    content = altered(kept)
    world.gateways.cloudflare.put_object(store, f"{EARLIER}.zip", content, content_type="application/zip")
    with world.gateways.db.transaction() as session:
        row = session.get_one(Tenant, tenant.id)
        row.applied_release = EARLIER
        row.spec = {**row.spec, "look": {"colour": "#ffd400"}}
        session.add(row)
    return present


def altered(kept: bytes) -> bytes:
    """The same, but that it tells another version."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(kept)) as before, zipfile.ZipFile(target, "w") as after:
        for name in before.namelist():
            text = before.read(name).decode()
            assert name != HEALTH or 'text("VERSION")' in text
            after.writestr(name, text.replace('text("VERSION")', '"earlier"') if name == HEALTH else text)
    return target.getvalue()


def version(creators: Creators) -> str:
    return str(json.loads(creators.world.gateways.visitor.ask("anna.localhost", "GET", "/api/health").body)["version"])


def site(creators: Creators) -> str:
    """The release that visitors get."""
    return str(json.loads(creators.world.gateways.visitor.ask("anna.localhost", "GET", "/config.json").body)["release"])
