"""The operator's verbs over the REST API: what is stuck, why, whose turn it is, and going on."""

import json
import uuid
from typing import Annotated

import typer

from controlplane.commands import live
from controlplane.commands.shared import AsJson, Reason, Tenant, api, ask, id_of, show, tell

tenants = typer.Typer(no_args_is_help=True, help="Tenants.")
operations = typer.Typer(no_args_is_help=True, help="Operations.")
approvals = typer.Typer(no_args_is_help=True, help="Changes that wait for a decision.")
acts = typer.Typer(no_args_is_help=True, help="Requests that wait for a second person.")

STEP = ("name", "attempts", "seconds", "memory_mb", "finished_at", "error")
KINDS = ("provision", "update", "suspend", "resume", "refresh", "restore", "offboard", "drift")


@tenants.command("list")
def list_tenants(
    state: Annotated[str, typer.Option()] = "",
    health: Annotated[str, typer.Option()] = "",
    q: Annotated[str, typer.Option(help="Slug or id.")] = "",
    as_json: AsJson = False,
) -> None:
    """Newest first."""
    with api() as client:
        params = {"state": state, "health": health, "q": q, "limit": 100}
        rows = ask(client, "GET", "/v1/tenants", params=params)["items"]
    show(rows, ("id", "slug", "product", "state", "live_at", "applied_release"), as_json=as_json)


@tenants.command("show")
def show_tenant(tenant_id: Tenant, as_json: AsJson = False) -> None:
    """One, with all its conditions."""
    with api() as client:
        found = ask(client, "GET", f"/v1/tenants/{id_of(client, tenant_id)}")
    if as_json:
        typer.echo(json.dumps(found, default=str))
        return
    show([found], ("id", "slug", "product", "state", "health", "reason", "who", "next_action", "url"), as_json=False)
    raw = found.get("conditions", [])
    rows = [{"concern": key, **value} for key, value in raw.items()] if isinstance(raw, dict) else raw
    show(rows, ("concern", "health", "reason", "who", "next_action", "since"), as_json=False, title="conditions")


@tenants.command("costs")
def show_costs(tenant_id: Tenant, as_json: AsJson = False) -> None:
    """What a creator's account costs by month, against the estimate; and how much of the package is used."""
    with api() as client:
        found = ask(client, "GET", f"/v1/tenants/{id_of(client, tenant_id)}/costs")
    if as_json:
        typer.echo(json.dumps(found, default=str))
        return
    columns = ("name", "expected", "actual", "deviation", "far_over", "is_final", "days")
    show(found["months"], columns, as_json=False, title="US cents")
    title = f"this month: {found['level']} % of the package, pauses at {found['cap']} %"
    show(found["usage"], ("what", "unit", "used", "included"), as_json=False, title=title)


@tenants.command("unlock-owner")
def unlock_owner(
    tenant_id: Tenant,
    reason: Annotated[str, typer.Option()],
    proof: Annotated[str, typer.Option(help="How they have proved who they are.")],
    as_json: AsJson = False,
) -> None:
    """A creator lost the second factor and the recovery code: the password alone lets in. Needs a second person."""
    with api() as client:
        path = f"/v1/tenants/{id_of(client, tenant_id)}/unlock-owner"
        found = ask(client, "POST", path, json={"reason": reason, "proof": proof})
        if as_json:
            typer.echo(json.dumps(found))
        else:
            live.watch(client, found["id"])


@tenants.command("ask")
def ask_operation(
    tenant_id: Tenant,
    kind: Annotated[str, typer.Argument(autocompletion=lambda: list(KINDS))],
    reason: Reason = "",
    follow: Annotated[bool, typer.Option(help="Watch it.")] = True,
    as_json: AsJson = False,
) -> None:
    """Queue an operation and watch it."""
    with api() as client:
        path, key = f"/v1/tenants/{id_of(client, tenant_id)}/operations/{kind}", {"idempotency-key": uuid.uuid4().hex}
        found = ask(client, "POST", path, json={"reason": reason}, headers=key)
        if as_json:
            typer.echo(json.dumps(found))
        elif follow:
            live.watch(client, found["id"])


@operations.command("list")
def list_operations(
    phase: Annotated[str, typer.Option(help="waiting, running, approval, parked, done, cancelled")] = "",
    tenant: Annotated[str, typer.Option()] = "",
    as_json: AsJson = False,
) -> None:
    with api() as client:
        params = {"phase": phase, "tenant_id": tenant, "limit": 100}
        rows = ask(client, "GET", "/v1/operations", params=params)["items"]
    show(rows, ("id", "tenant_id", "kind", "phase", "attempt", "error", "who", "next_action"), as_json=as_json)


@tenants.command("history")
def show_history(tenant_id: Tenant, as_json: AsJson = False) -> None:
    """Each move and each change of a condition, newest first."""
    with api() as client:
        rows = ask(client, "GET", f"/v1/tenants/{id_of(client, tenant_id)}/history", params={"limit": 100})["items"]
    show(rows, ("at", "subject", "before", "after", "reason"), as_json=as_json)


@operations.command("show")
def show_operation(operation_id: str, as_json: AsJson = False) -> None:
    """One, with its steps and approvals."""
    with api() as client:
        found = ask(client, "GET", f"/v1/operations/{operation_id}")
    if as_json:
        typer.echo(json.dumps(found, default=str))
        return
    show([found], ("id", "tenant_id", "kind", "phase", "attempt", "error", "who", "next_action"), as_json=False)
    show(found["steps"], STEP, as_json=False, title="steps")
    waiting = [row for row in found["approvals"] if row["decision"] is None]
    if waiting:
        show(waiting, ("id", "expires_at"), as_json=False, title="approvals show …")


@operations.command("events")
def show_events(operation_id: str, after: int = 0, as_json: AsJson = False) -> None:
    """What the engine said."""
    with api() as client:
        rows = ask(client, "GET", f"/v1/operations/{operation_id}/events", params={"after": after})
    show(rows, ("step", "kind", "op", "urn", "text"), as_json=as_json)


@operations.command("watch")
def watch(operation_id: str) -> None:
    """Its steps, as they go."""
    with api() as client:
        live.watch(client, operation_id)


@operations.command("retry")
def retry(operation_id: str, as_json: AsJson = False) -> None:
    _act(f"/v1/operations/{operation_id}/retry", as_json=as_json)


@operations.command("cancel")
def cancel(operation_id: str, as_json: AsJson = False) -> None:
    """Needs a second person."""
    _act(f"/v1/operations/{operation_id}/cancel", as_json=as_json)


@operations.command("release-lease")
def release_lease(operation_id: str, as_json: AsJson = False) -> None:
    """Only when its worker is certainly gone. Needs a second person."""
    _act(f"/v1/operations/{operation_id}/release-lease", as_json=as_json)


@approvals.command("list")
def list_approvals(as_json: AsJson = False) -> None:
    with api() as client:
        rows = ask(client, "GET", "/v1/approvals")
    show(rows, ("id", "tenant_id", "operation_id", "requested_by", "expires_at"), as_json=as_json)


@approvals.command("show")
def show_approval(approval_id: str, as_json: AsJson = False) -> None:
    """What would happen: everything that changes, and what of it loses data."""
    with api() as client:
        found = ask(client, "GET", f"/v1/approvals/{approval_id}")
    if as_json:
        typer.echo(json.dumps(found, default=str))
        return
    show([found], ("id", "tenant_id", "operation_id", "release", "requested_by", "expires_at"), as_json=False)
    show(found["plan"].get("critical", []), ("op", "urn"), as_json=False, title="loses what it holds")
    show(found["plan"].get("changes", []), ("op", "urn", "detail"), as_json=False, title="all changes")
    if last := found["since_last"]:
        show(last["added"], ("op", "urn"), as_json=False, title="not in the plan before")
        show(last["gone"], ("op", "urn"), as_json=False, title="only in the plan before")


@approvals.command("decide")
def decide_approval(
    approval_id: str,
    approve: Annotated[bool, typer.Option("--approve/--refuse")],
    reason: Annotated[str, typer.Option()],
    as_json: AsJson = False,
) -> None:
    with api() as client:
        found = ask(client, "POST", f"/v1/approvals/{approval_id}", json={"approve": approve, "reason": reason})
    tell(found, found["decision"], as_json=as_json)


@acts.command("list")
def list_acts(as_json: AsJson = False) -> None:
    with api() as client:
        rows = ask(client, "GET", "/v1/acts")["acts"]
    show(rows, ("id", "method", "path", "requested_by", "reason", "expires_at"), as_json=as_json)


@acts.command("decide")
def decide_act(
    act_id: str,
    agree: Annotated[bool, typer.Option("--agree/--refuse")],
    reason: Annotated[str, typer.Option()],
    as_json: AsJson = False,
) -> None:
    with api() as client:
        found = ask(client, "POST", f"/v1/acts/{act_id}", json={"agree": agree, "reason": reason})
    tell(found, found["decision"], as_json=as_json)


def _act(path: str, *, as_json: bool) -> None:
    with api() as client:
        found = ask(client, "POST", path)
    show([found], ("id", "kind", "phase", "attempt"), as_json=as_json)
