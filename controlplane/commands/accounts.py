"""AWS accounts from the command line."""

import json
from typing import Annotated

import typer

from controlplane.commands.shared import AsJson, Reason, api, ask, on_the_host, show, tell

app = typer.Typer(no_args_is_help=True, help="AWS accounts.")
COLUMNS = ("id", "account_id", "state", "wanted", "unit", "tenant_id", "error", "who", "next_action")


@app.command("list")
def list_accounts(state: Annotated[str, typer.Option()] = "", as_json: AsJson = False) -> None:
    """Newest first."""
    with api() as client:
        rows = ask(client, "GET", "/v1/accounts", params={"state": state, "limit": 100})["items"]
    show(rows, COLUMNS, as_json=as_json)


@app.command("stock")
def stock(as_json: AsJson = False) -> None:
    """What is ready, what is coming, who waits."""
    with api() as client:
        found = ask(client, "GET", "/v1/accounts/stock")
    tell(found, json.dumps(found, indent=1), as_json=as_json)


@app.command("claim")
def claim(tenant_id: str, as_json: AsJson = False) -> None:
    """An account for a creator."""
    with api() as client:
        found = ask(client, "POST", "/v1/accounts/claims", json={"tenant_id": tenant_id})
    if found["account"] is None:
        tell(found, f"queued; expected at {found['expected_at']}", as_json=as_json)
        return
    show([found["account"]], COLUMNS, as_json=as_json)


@app.command("probe")
def probe(account: str, as_json: AsJson = False) -> None:
    """Try every service again, or go on at once."""
    with api() as client:
        found = ask(client, "POST", f"/v1/accounts/{account}/probe")
    show([found], COLUMNS, as_json=as_json)


def _verb(name: str, text: str) -> None:
    def act(account: str, reason: Reason, as_json: AsJson = False) -> None:
        with api() as client:
            found = ask(client, "POST", f"/v1/accounts/{account}/{name}", json={"reason": reason})
        show([found], COLUMNS, as_json=as_json)

    app.command(name, help=text)(act)


for _name, _text in (
    ("suspend", "Take all rights from what runs in it; data and backups stay."),
    ("reopen", "Back to work."),
    ("quarantine", "Nobody but us gets in."),
    ("close", "For good. Needs a second person."),
):
    _verb(_name, _text)


@app.command("reconcile")
def reconcile(as_json: AsJson = False) -> None:
    """Compare with the organisation: unknown, missing and misplaced accounts."""
    from controlplane.accounts import reconciliation

    with on_the_host() as gateways:
        report = reconciliation.reconcile(gateways)
    lines = [json.dumps(found) for found in report.body["findings"]]
    same = "ours and the organisation's are the same"
    tell({"passed": report.passed, **report.body}, "\n".join(lines) or same, as_json=as_json)
    if not report.passed:
        raise typer.Exit(1)


@app.command("prepare")
def prepare(as_json: AsJson = False) -> None:
    """Units and policies of the organisation: made when missing, mended when changed."""
    import time

    from controlplane.accounts import units
    from controlplane.core.errors import TryLater

    with on_the_host() as gateways:
        while True:
            try:
                written = units.prepare(gateways)
                break
            except TryLater as error:  # one write at a time, with a pause after each
                time.sleep(max(0.2, error.after.total_seconds()))
    tell({"written": written}, "\n".join(written) or "everything is there", as_json=as_json)


@app.command("restore")
def restore(
    tenant_id: str,
    at: Annotated[str, typer.Argument(help="The moment, as 2026-11-21T06:00:00Z.")],
    reason: Reason,
    as_json: AsJson = False,
) -> None:
    """Every table of a creator back to a moment. Needs a second person."""
    _restore({"tenant_id": tenant_id, "at": at, "reason": reason}, as_json=as_json)


@app.command("drill")
def drill(tenant_id: str, reason: Reason = "drill", as_json: AsJson = False) -> None:
    """Markers written and destroyed, all tables restored, time and loss measured. Needs a second person."""
    _restore({"tenant_id": tenant_id, "drill": True, "reason": reason}, as_json=as_json)


def _restore(body: dict[str, object], *, as_json: bool) -> None:
    with api() as client:
        found = ask(client, "POST", "/v1/accounts/restores", json=body)
    tell(found, f"operation {found['id']}: controlplane operations watch {found['id']}", as_json=as_json)


@app.command("reports")
def reports(kind: Annotated[str, typer.Option(help="reconcile or drill")] = "", as_json: AsJson = False) -> None:
    with api() as client:
        rows = ask(client, "GET", "/v1/accounts/reports", params={"kind": kind})
    show(rows, ("created_at", "kind", "tenant_id", "passed", "body"), as_json=as_json)
