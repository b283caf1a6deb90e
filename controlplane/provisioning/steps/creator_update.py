"""Changing a creator that lives: copies of all that holds data first, and back when the proof of life is red."""

from datetime import timedelta

from controlplane.core.errors import NeedsPerson, TryLater
from controlplane.provisioning import approvals, engine
from controlplane.provisioning.stack import Stack
from controlplane.provisioning.steps import creator_site, creator_smoke
from controlplane.provisioning.steps.creator_stack import (
    apply,
    member,
    modules_of,
    physical,
    stack_of,
    switched_off,
)
from controlplane.provisioning.work import Facts, Work
from programs.creator.plan import Table
from programs.creator.registry import MODULES
from tenants.models import Tenant


def kept_tables(work: Work) -> list[Table]:
    """Those whose data must outlive everything."""
    names = [*modules_of(work.tenant), *switched_off(work.tenant)]
    return [table for name in names for table in MODULES[name].plan().TABLES if table.kind.is_kept]


def erased(work: Work) -> list[str]:
    """Modules that were switched off and whose data somebody wants to be gone, by name."""
    asked = work.operation.wanted.get("erase") or []
    return sorted(name for name in asked if name in switched_off(work.tenant))


def preview(work: Work) -> Facts:
    """What the engine would do, and each table that would be erased after it: that always waits for a person."""
    stack = stack_of(work, erasing=erased(work))
    events = [*engine.preview(work, stack), *(_deletion(stack, work, name) for name in _erased_tables(work))]
    return approvals.require(work, events, release=stack.release)


def _erased_tables(work: Work) -> list[str]:
    plans = [table for name in erased(work) for table in MODULES[name].plan().TABLES]
    return [physical(work.tenant, table.name) for table in plans if table.kind.is_kept]


def _deletion(stack: Stack, work: Work, table: str) -> dict[str, str]:
    urn = f"urn:pulumi:{stack.name}::{stack.project}::aws:dynamodb/table:Table::{table.removeprefix('creator-')}"
    return {
        "kind": "resource_pre_event",
        "op": "delete",
        "urn": urn,
        "text": f"erase, asked by {work.operation.requested_by}",
    }


def stack(work: Work) -> Facts:
    """Between the plan and now the world may have moved: it is looked at again. Erasing is two runs, the first of
    which only lifts the protection."""
    preview(work)
    gone = erased(work)
    facts = apply(work, erasing=gone)
    if not gone:
        return facts
    left = sorted(set(switched_off(work.tenant)) - set(gone))
    facts = apply(work, switched_off=left)
    work.learn(modules_had=sorted(set(work.tenant.facts["modules_had"]) - set(gone)))
    return {**facts, "erased": gone}


def backup(work: Work) -> Facts:
    """A copy of each table, made before anything changes and proved to be complete. A module that is new has none."""
    entered, name = member(work), f"pre-{work.operation.id}"
    made = {}
    for table in kept_tables(work):
        if entered.table(physical(work.tenant, table.name)):
            made[table.name] = entered.ensure_backup(physical(work.tenant, table.name), name)
    waiting = {name: state for name, arn in made.items() if (state := entered.backup_status(arn)) != "AVAILABLE"}
    if waiting:
        raise TryLater(f"copies are not complete: {', '.join(sorted(waiting))}", after=timedelta(seconds=5))
    site = {entry["Key"]: entry["ETag"] for entry in entered.files(work.tenant.facts["site_bucket"])}
    return {"backups": made, "site": len(site), "site_release": work.tenant.facts.get("site_release", "")}


def smoke(work: Work) -> Facts:
    """Red: the site goes back to the release before, and nobody else gets this one until a person has looked."""
    try:
        return creator_smoke.smoke(work)
    except NeedsPerson:
        before = work.result("backup").get("site_release", "")
        if before and before != work.tenant.facts.get("site_release"):
            creator_site.roll_back(work, before)

        def failed(tenant: Tenant) -> None:
            tenant.failed_release = work.result("stack").get("release")

        work.change(failed)
        raise
