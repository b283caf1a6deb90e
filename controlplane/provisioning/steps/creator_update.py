"""Changing a creator that lives: copies of all that holds data first, and back when the proof of life is red."""

from datetime import timedelta

from controlplane.core.errors import NeedsPerson, TryLater
from controlplane.provisioning import approvals, creator_code, creator_names, engine, generations, hostnames
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
    stack = _planned(work)
    gone = sorted({*_erased_tables(work), *_retired_tables(work)})
    events = [*engine.preview(work, stack), *(_deletion(stack, work, name) for name in gone)]
    return approvals.require(work, events, stack)


def _planned(work: Work) -> Stack:
    return stack_of(work, erasing=erased(work), retiring=bool(generations.retired(work)))


def _erased_tables(work: Work) -> list[str]:
    names = [table.name for name in erased(work) for table in MODULES[name].plan().TABLES if table.kind.is_kept]
    before = generations.left_behind(work.tenant)
    return [found for name in names for found in (physical(work.tenant, name), *before.get(name, []))]


def _retired_tables(work: Work) -> list[str]:
    return [name for names in generations.retired(work).values() for name in names]


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
    if not approvals.holds(work, _planned(work)):
        preview(work)
    gone, retired = erased(work), _retired_tables(work)
    if retired:
        generations.prove(work)
    facts = apply(work, erasing=gone, retiring=bool(retired))
    if not gone and not retired:
        return facts
    left = sorted(set(switched_off(work.tenant)) - set(gone))
    newest = generations.known(work.tenant, without=gone)
    oldest = newest if retired else generations.known(work.tenant, "oldest", without=gone)
    facts = apply(work, switched_off=left, oldest=oldest)
    had = sorted(set(work.tenant.facts["modules_had"]) - set(gone))
    work.learn(modules_had=had, generations=newest, oldest=oldest)
    return {**facts, "erased": gone, "retired": retired}


def own_names(work: Work) -> Facts:
    """A name that this change attached is used for links as soon as it answers. One that its owner has not led here
    yet holds nobody up: when it answers, another change follows."""
    attached = creator_names.just_attached(work.gateways, work.tenant)
    if attached:
        creator_names.require_rolled_out(work.gateways, work.tenant)
    for identity in attached:
        hostnames.check(work.gateways, identity)
    with work.gateways.db.transaction() as session:
        is_due = creator_names.has_new_primary(session, work.tenant)
    return apply(work) if is_due else {}


def backup(work: Work) -> Facts:
    """A copy of each table, made before anything changes and proved to be complete. A module that is new has none."""
    entered, name = member(work), f"pre-{work.operation.id}"
    made = {}
    for table in kept_tables(work):
        if entered.table(physical(work.tenant, table.name)):
            made[table.name] = entered.ensure_backup(physical(work.tenant, table.name), name)
    made |= {old: entered.ensure_backup(old, name) for old in _retired_tables(work) if entered.table(old)}
    waiting = {name: state for name, arn in made.items() if (state := entered.backup_status(arn)) != "AVAILABLE"}
    if waiting:
        raise TryLater(f"copies are not complete: {', '.join(sorted(waiting))}", after=timedelta(seconds=5))
    site = {entry["Key"]: entry["ETag"] for entry in entered.files(work.tenant.facts["site_bucket"])}
    before = {"release": work.tenant.applied_release, "site_release": work.tenant.facts.get("site_release", "")}
    return {"backups": made, "site": len(site), **before}


def smoke(work: Work) -> Facts:
    """Red: site and code go back to the release before, and nobody else gets this one until a person has looked."""
    try:
        facts = creator_smoke.smoke(work)
    except NeedsPerson:
        before = work.result("backup")
        _failed(work)
        if before.get("site_release", "") not in {"", work.tenant.facts.get("site_release")}:
            creator_site.roll_back(work, before["site_release"])
        _roll_back(work, before.get("release") or "")
        raise
    if work.kind in creator_code.FORWARD and work.tenant.facts.get("held_code") not in {None, "", _now(work)}:
        work.learn(held_code="")
    return facts


def pages_shown(work: Work) -> Facts:
    """Red: the release that was shown before comes back."""
    try:
        return creator_smoke.pages(work)
    except NeedsPerson:
        if before := work.tenant.facts.get("site_release_before"):
            creator_site.roll_back(work, before)
        raise


def _now(work: Work) -> str:
    return work.tenant.applied_release or ""


def _failed(work: Work) -> None:
    def failed(tenant: Tenant) -> None:
        tenant.failed_release = work.result("stack").get("release")

    work.change(failed)


def _roll_back(work: Work, release: str) -> None:
    """The functions get the code that they had; what was added to the account stays, and is in nobody's way. From now
    on this creator keeps that code, whatever is done to it, until the next update."""
    if release in {"", work.result("stack").get("release")} or not creator_code.has(work, release):
        return
    work.learn(held_code=release)
    apply(work, code=creator_code.archive(work, release))
