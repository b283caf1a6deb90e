"""A drill: markers written, destroyed, every table brought back into a new generation, time and loss measured."""

import hashlib

from sqlmodel import select

from controlplane.accounts.models import AccountReport
from controlplane.provisioning import drills
from controlplane.provisioning.models import Phase
from tenants.lifecycle import State
from tenants.models import Tenant
from tests.flow.platform.conftest import Creators


def a_drill_restores_everything_and_keeps_its_report(creators: Creators, tenant: Tenant) -> None:
    world, gateways = creators.world, creators.world.gateways
    member = gateways.aws.member(creators.account(tenant))
    pepper = (member.secret("creator/app") or {})["pepper"]
    for user in ("stays", "was-erased"):
        member.put_item("creator-users", {"userId": {"S": user}, "email": {"S": f"{user}@fan.example"},
                                          "username": {"S": user}, "status": {"S": "active"}})  # fmt: skip

    with gateways.db.transaction() as session:
        operation = drills.ask(session, gateways, tenant.id, actor="operator:test", cause="test")
    # Erased, as its journal says, but still there at the moment that everything goes back to.
    digest = hashlib.sha256(f"{pepper}was-erased".encode()).hexdigest()
    entry = {"requestId": "r1", "kind": "erase", "status": "done", "subjectHash": digest}
    member.put_item("creator-privacy-requests", {name: {"S": value} for name, value in entry.items()})

    done = creators.work(operation)
    assert (done.phase, done.error) == (Phase.DONE, "")
    with gateways.db.transaction() as session:
        [report] = session.exec(select(AccountReport).where(AccountReport.tenant_id == tenant.id)).all()
    assert report.passed
    assert report.body["markers_restored"] == report.body["markers"]
    assert report.body["rto_seconds"] < 3600
    assert report.body["rpo_seconds"] < 300
    assert creators.result(done, "replay") == {"erased_again": 1}

    assert world.reread(tenant).state == State.ACTIVE
    assert {"creator-users", "creator-users-g2"} <= set(member.tables())
    people = {row["userId"]["S"] for row in member.items("creator-users-g2")}
    assert "stays" in people
    assert "was-erased" not in people
    table = member.table("creator-users-g2")
    assert table
    assert table["DeletionProtectionEnabled"]
    assert member.newest_restorable("creator-users-g2") is not None
    assert gateways.visitor.ask(f"{tenant.slug}.localhost", "GET", "/").status == 200
