"""Releases and waves from the command line."""

from typing import Annotated, Any

import typer

from controlplane.commands.shared import AsJson, Reason, api, ask, show

app = typer.Typer(no_args_is_help=True, help="Which release runs where, and waves of updates.")
COLUMNS = ("id", "product", "release", "phase", "halted_because", "to_come", "under_way", "done", "failed", "skipped")


@app.command("releases")
def list_releases(as_json: AsJson = False) -> None:
    """How many tenants have which release."""
    with api() as client:
        rows = ask(client, "GET", "/v1/fleet/releases")
    show(rows, ("product", "release", "tenants", "is_installed"), as_json=as_json)


@app.command("waves")
def list_waves(as_json: AsJson = False) -> None:
    """Newest first."""
    with api() as client:
        rows = ask(client, "GET", "/v1/fleet/waves")["items"]
    _show(rows, as_json=as_json)


@app.command("members")
def list_members(wave_id: str, outcome: Annotated[str, typer.Option()] = "", as_json: AsJson = False) -> None:
    """Where each tenant of a wave is; `--outcome failed` needs a person."""
    with api() as client:
        rows = ask(client, "GET", f"/v1/fleet/waves/{wave_id}/members", params={"outcome": outcome, "limit": 100})
    show(rows["items"], ("tenant_id", "outcome", "operation_id", "note"), as_json=as_json)


@app.command("start")
def start(
    product: str,
    reason: Reason,
    at_once: Annotated[int, typer.Option(help="So many at the same time, once the first is done.")] = 5,
    tolerated: Annotated[int, typer.Option(help="Failures; one more halts the wave.")] = 2,
    everybody: Annotated[bool, typer.Option(help="Also those who have the release.")] = False,
    as_json: AsJson = False,
) -> None:
    """Bring the installed release to everybody who is behind."""
    body = {"product": product, "reason": reason, "at_once": at_once, "tolerated": tolerated}
    with api() as client:
        found = ask(client, "POST", "/v1/fleet/waves", json={**body, "only_behind": not everybody})
    _show([found], as_json=as_json)


def _verb(name: str, text: str) -> None:
    def act(wave_id: str, reason: Reason, as_json: AsJson = False) -> None:
        with api() as client:
            found = ask(client, "POST", f"/v1/fleet/waves/{wave_id}/{name}", json={"reason": reason})
        _show([found], as_json=as_json)

    app.command(name, help=text)(act)


for _name, _text in (
    ("halt", "Start nothing new; what is under way finishes."),
    ("resume", "Go on; what failed so far has been looked at."),
    ("end", "Whoever had no turn yet gets none."),
):
    _verb(_name, _text)


def _show(rows: list[dict[str, Any]], *, as_json: bool) -> None:
    show(rows if as_json else [{**row, **row["tenants"]} for row in rows], COLUMNS, as_json=as_json)
