"""A stack by hand: who holds it, what was interrupted, what is kept. Decided here, carried out by the worker."""

import json
from typing import Annotated, Any

import typer

from controlplane.commands.live import watch
from controlplane.commands.shared import AsJson, Reason, Tenant, api, ask, id_of, show, tell

stacks = typer.Typer(no_args_is_help=True, help="Leases, locks, interrupted creates and kept states.")

LEASE = ("id", "kind", "phase", "owner", "lease_until", "attempt", "error", "who", "next_action")
Follow = Annotated[bool, typer.Option(help="Watch it.")]


@stacks.command("show")
def show_stack(tenant_id: Tenant, as_json: AsJson = False) -> None:
    """The lease now; lock and interrupted creates as the last look found them."""
    with api() as client:
        found = ask(client, "GET", f"/v1/tenants/{id_of(client, tenant_id)}/stack")
    if as_json:
        typer.echo(json.dumps(found, default=str))
        return
    seen = found["seen"] or {}
    show([found["lease"]] if found["lease"] else [], LEASE, as_json=False, title="open operation and its lease")
    typer.echo(f"seen {seen.get('at', 'never')}; locks: {seen.get('locks', 'not asked')}")
    show(seen.get("pending", []), ("type", "urn"), as_json=False, title="interrupted")
    _show_versions(found["versions"], as_json=False)


@stacks.command("states")
def list_states(tenant_id: Tenant, as_json: AsJson = False) -> None:
    """The kept versions; their content stays sealed."""
    with api() as client:
        rows = ask(client, "GET", f"/v1/tenants/{id_of(client, tenant_id)}/states")
    _show_versions(rows, as_json=as_json)


@stacks.command("compare")
def compare(tenant_id: Tenant, version: int, since: int, as_json: AsJson = False) -> None:
    """Which resources came, went or changed from one kept version to another; names only, no values."""
    with api() as client:
        path = f"/v1/tenants/{id_of(client, tenant_id)}/states/{version}/changes"
        found = ask(client, "GET", path, params={"since": since})
    rows = [{"what": what, **one} for what, some in found.items() for one in some]
    show(rows, ("what", "urn", "id", "properties"), as_json=as_json)


@stacks.command("look")
def look(tenant_id: Tenant, follow: Follow = True, as_json: AsJson = False) -> None:
    """Ask the engine and the vendors now. Takes no lock, changes nothing."""
    _ask_for(tenant_id, "drift", {"reason": "look"}, follow=follow, as_json=as_json)


@stacks.command("restore")
def restore(tenant_id: Tenant, version: int, reason: Reason, follow: Follow = True, as_json: AsJson = False) -> None:
    """Make a kept version the state again, then bring the world in line. Needs a second person."""
    _ask_for(tenant_id, "restore", {"version": version, "reason": reason}, follow=follow, as_json=as_json)


@stacks.command("import")
def import_pending(tenant_id: Tenant, urn: str, found: str, reason: Reason, as_json: AsJson = False) -> None:
    """An interrupted create did make this object: its id at the vendor. Needs a second person."""
    _decide(tenant_id, {"urn": urn, "found": found, "reason": reason}, as_json=as_json)


@stacks.command("clear")
def clear_pending(tenant_id: Tenant, urn: str, reason: Reason, as_json: AsJson = False) -> None:
    """An interrupted create made nothing: forget it. Needs a second person."""
    _decide(tenant_id, {"urn": urn, "reason": reason}, as_json=as_json)


def _decide(tenant_id: str, body: dict[str, Any], *, as_json: bool) -> None:
    with api() as client:
        found = ask(client, "POST", f"/v1/tenants/{id_of(client, tenant_id)}/pending", json=body)
    tell(found, f"{found['kind']} {found['id']} goes on: {found['phase']}", as_json=as_json)


def _ask_for(tenant_id: str, kind: str, body: dict[str, Any], *, follow: bool, as_json: bool) -> None:
    with api() as client:
        found = ask(client, "POST", f"/v1/tenants/{id_of(client, tenant_id)}/operations/{kind}", json=body)
        tell(found, found["id"], as_json=as_json)
        if follow and not as_json:
            watch(client, found["id"])


def _show_versions(rows: list[dict[str, Any]], *, as_json: bool) -> None:
    show(rows, ("version", "moment", "resources", "created_at", "operation_id", "stack"), as_json=as_json, title="kept")
