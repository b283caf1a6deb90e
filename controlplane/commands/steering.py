"""An operation in somebody's hands, and what happened to a tenant: the same as the pages of the console."""

from typing import Annotated

import typer

from controlplane.commands.operating import operations, tenants
from controlplane.commands.shared import AsJson, Reason, Tenant, api, ask, id_of, show, tell

TOLD = ("at", "kind", "what", "outcome", "actor", "note")


@operations.command("park")
def park(operation_id: str, reason: Reason, as_json: AsJson = False) -> None:
    """Nobody goes on with it until somebody says so."""
    _act(f"/v1/operations/{operation_id}/park", says="phase", as_json=as_json, reason=reason)


@operations.command("take")
def take(operation_id: str, as_json: AsJson = False) -> None:
    """You look into it."""
    _act(f"/v1/operations/{operation_id}/take", says="held_by", as_json=as_json)


@operations.command("go-on-at")
def go_on_at(operation_id: str, step: str, reason: Reason, as_json: AsJson = False) -> None:
    """What is not done before this step is left out, it and what follows is done. Needs a second person."""
    _act(f"/v1/operations/{operation_id}/steps/{step}", says="phase", as_json=as_json, reason=reason)


@operations.command("log")
def log(operation_id: str, as_json: AsJson = False) -> None:
    """All that was said, line by line."""
    with api() as client:
        text = ask(client, "GET", f"/v1/operations/{operation_id}/log")
    tell({"lines": (text or "").splitlines()}, (text or "").rstrip("\n"), as_json=as_json)


@tenants.command("timeline")
def timeline(
    tenant_id: Tenant,
    kind: Annotated[str, typer.Option(help="operation, move, letter or act")] = "",
    who: Annotated[str, typer.Option(help="operator, customer or us")] = "",
    failed: Annotated[bool, typer.Option(help="Only what did not go well.")] = False,
    as_json: AsJson = False,
) -> None:
    """All that happened, newest first."""
    with api() as client:
        given = {"kind": kind, "who": who, "failed": failed, "limit": 100}
        rows = ask(client, "GET", f"/v1/tenants/{id_of(client, tenant_id)}/timeline", params=given)["items"]
    show(rows, TOLD, as_json=as_json)


def _act(path: str, *, says: str, as_json: bool, **body: str) -> None:
    with api() as client:
        found = ask(client, "POST", path, json=body or None)
    tell(found, found[says], as_json=as_json)
