"""Machine clients over the REST API: what they may do, from where, until when."""

import uuid
from typing import Annotated, Any

import typer

from controlplane.commands.shared import AsJson, api, ask, show

app = typer.Typer(no_args_is_help=True, help="Machine clients and their secrets.")
COLUMNS = ("id", "name", "scopes", "networks", "last_four", "expires_at", "used_on", "disabled_at")
Scopes = Annotated[list[str], typer.Option("--scope", help="May be given several times.")]


@app.command("list")
def list_clients(as_json: AsJson = False) -> None:
    """Newest first."""
    with api() as client:
        rows = ask(client, "GET", "/v1/clients", params={"limit": 100})["items"]
    show(rows, COLUMNS, as_json=as_json)


@app.command()
def create(
    name: str,
    scope: Scopes,
    days: Annotated[int, typer.Option(help="Until its secret expires.")] = 90,
    network: Annotated[list[str] | None, typer.Option(help="Only from there; may be given several times.")] = None,
    customer: Annotated[str | None, typer.Option(help="Only what belongs to this customer.")] = None,
    as_json: AsJson = False,
) -> None:
    """Shows the secret this once."""
    body = {"name": name, "scopes": scope, "days": days, "networks": network or [], "customer_id": customer}
    _show(_post("/v1/clients", body), as_json=as_json)


@app.command()
def renew(client_id: str, as_json: AsJson = False) -> None:
    """A new secret, shown this once; the old one and its tokens end now."""
    _show(_post(f"/v1/clients/{client_id}/secret", None), as_json=as_json)


@app.command()
def scopes(client_id: str, scope: Scopes, as_json: AsJson = False) -> None:
    """These and no others; tokens of lost ones end."""
    _change(client_id, {"scopes": scope}, as_json=as_json)


@app.command()
def disable(client_id: str, as_json: AsJson = False) -> None:
    """Its secret and its tokens end now."""
    _change(client_id, {"disabled": True}, as_json=as_json)


def _post(path: str, body: dict[str, Any] | None) -> dict[str, Any]:
    with api() as client:
        found: dict[str, Any] = ask(client, "POST", path, json=body, headers={"idempotency-key": uuid.uuid4().hex})
    return found


def _change(client_id: str, body: dict[str, Any], *, as_json: bool) -> None:
    path = f"/v1/clients/{client_id}"
    with api() as client:
        seen = client.get(path).headers.get("etag", "")
        found = ask(client, "PATCH", path, json=body, headers={"if-match": seen})
    show([found], COLUMNS, as_json=as_json)


def _show(found: dict[str, Any], *, as_json: bool) -> None:
    show([found], ("id", "name", "scopes", "expires_at", "secret"), as_json=as_json)
