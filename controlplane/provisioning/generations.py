"""Tables that a restore has left behind. They are the way back from the way back, for a while; then they are personal
data that nobody needs. They go in an update of their own: with a copy, a second proof, and a person's word for each.
"""

from contextlib import suppress
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from controlplane.core.errors import Conflict, NeedsPerson
from controlplane.gateways import Gateways
from controlplane.provisioning.models import Kind, Operation
from controlplane.provisioning.service import request
from controlplane.provisioning.steps.creator_smoke import smoke
from controlplane.provisioning.steps.creator_stack import member, physical
from controlplane.provisioning.work import Work
from programs.creator.registry import MODULES
from tenants.lifecycle import SERVING
from tenants.models import Tenant

CAUSE = "restored tables have held"
RULE = "rule:generations"
AGAIN = timedelta(days=28)  # nobody answered, or somebody said no


def left_behind(tenant: Tenant) -> dict[str, list[str]]:
    """By table, the names of its earlier generations that are still there."""
    oldest = tenant.facts.get("oldest", {})
    ranges = {
        table: range(int(oldest.get(table, 1)), int(newest))
        for table, newest in tenant.facts.get("generations", {}).items()
    }
    return {table: [physical(tenant, table, number) for number in found] for table, found in ranges.items() if found}


def known(tenant: Tenant, which: str = "generations", *, without: list[str]) -> dict[str, int]:
    """A module whose tables were erased begins with first ones, should it ever come back."""
    gone = {table.name for name in without for table in MODULES[name].plan().TABLES}
    return {table: number for table, number in tenant.facts.get(which, {}).items() if table not in gone}


def retired(work: Work) -> dict[str, list[str]]:
    """What this operation was asked to remove."""
    return left_behind(work.tenant) if work.operation.wanted.get("retire") else {}


def prove(work: Work) -> None:
    """The restore was proved when it was done. Before its way back goes, everything is proved once more."""
    entered = member(work)
    for table, names in retired(work).items():
        new = physical(work.tenant, table)
        found = entered.table(new)
        if not found or found["TableStatus"] != "ACTIVE" or entered.newest_restorable(new) is None:
            raise _doubt(f"{new} is not there, or cannot be recovered")
        if next(entered.items(new), None) is None and any(next(entered.items(name), None) for name in names):
            raise _doubt(f"{new} is empty, what it came from is not")
    smoke(work)


def _doubt(reason: str) -> NeedsPerson:
    return NeedsPerson(reason, next_action="compare it with the table before, then retry or cancel")


def sweep(gateways: Gateways) -> None:
    """Asked for by rule; an approval by a person decides."""
    if not gateways.settings.aws.generations_days:
        return
    with gateways.db.transaction() as session:
        restored = col(Tenant.facts)["restored_on"].as_string().is_not(None)
        query = select(Tenant).where(Tenant.product == "creator", col(Tenant.state).in_(SERVING), restored)
        for tenant in session.exec(query).all():
            if _due(session, gateways, tenant):
                with suppress(Conflict):  # something else is being done to it: tomorrow again
                    request(session, gateways, tenant, Kind.UPDATE, cause=CAUSE, actor=RULE, wanted={"retire": True})


def _due(session: Session, gateways: Gateways, tenant: Tenant) -> bool:
    restored, now = tenant.facts.get("restored_on"), gateways.now()
    if not restored or not left_behind(tenant):
        return False
    if datetime.fromisoformat(restored) > now - timedelta(days=gateways.settings.aws.generations_days):
        return False
    asked = select(Operation.id).where(
        Operation.tenant_id == tenant.id, Operation.cause == CAUSE, col(Operation.next_attempt_at) > now - AGAIN
    )
    return session.exec(asked.limit(1)).first() is None
