"""Changing a creator that lives: copies of all that holds data first, and back when the proof of life is red."""

from datetime import timedelta

from controlplane.core.errors import NeedsPerson, TryLater
from controlplane.provisioning.steps import creator_site, creator_smoke
from controlplane.provisioning.steps.creator_stack import member, modules_of, physical
from controlplane.provisioning.work import Facts, Work
from programs.creator.plan import Table
from programs.creator.registry import MODULES
from tenants.models import Tenant


def kept_tables(work: Work) -> list[Table]:
    """Those whose data must outlive everything."""
    return [table for name in modules_of(work.tenant) for table in MODULES[name].plan().TABLES if table.kind.is_kept]


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
