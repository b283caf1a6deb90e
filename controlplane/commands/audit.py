"""The trail: searched from anywhere, checked and sealed on the host."""

from typing import Annotated

import typer

from controlplane.commands.shared import AsJson, api, ask, on_the_host, show, tell

app = typer.Typer(no_args_is_help=True, help="The trail of who did what.")


COLUMNS = ("created_at", "actor", "action", "object_type", "object_id", "outcome", "reason")


@app.command("list")
def list_entries(
    actor: Annotated[str, typer.Option(help="kind:id")] = "",
    action: Annotated[str, typer.Option()] = "",
    tenant: Annotated[str, typer.Option()] = "",
    as_json: AsJson = False,
) -> None:
    """Newest first, over the REST API."""
    given = {"actor": actor, "action": action, "tenant_id": tenant}
    with api() as client:
        params = {name: value for name, value in given.items() if value}
        rows = ask(client, "GET", "/v1/audit", params={**params, "limit": 100})["items"]
    show(rows, COLUMNS, as_json=as_json)


@app.command()
def export(
    actor: Annotated[str, typer.Option(help="kind:id")] = "",
    action: Annotated[str, typer.Option()] = "",
    tenant: Annotated[str, typer.Option()] = "",
    as_json: AsJson = False,
) -> None:
    """All that a search finds, as a table; with --json a line for each."""
    given = {"actor": actor, "action": action, "tenant_id": tenant, "format": "jsonl" if as_json else "csv"}
    with api() as client:
        text = ask(client, "GET", "/v1/audit/export", params={name: value for name, value in given.items() if value})
    typer.echo(text or "", nl=False)


@app.command()
def verify(as_json: AsJson = False) -> None:
    """Altered, missing, rewritten, truncated, unsealed: with the place. Exit code 1 when it is not whole."""
    from controlplane.audit.verify import verify as check

    with on_the_host() as gateways:
        verdict = check(gateways)
    show([vars(finding) for finding in verdict.findings], ("stream", "what", "at", "entry"), as_json=as_json)
    if not as_json:
        typer.echo(f"{verdict.entries} entries, {len(verdict.findings)} findings")
    if verdict.findings:
        raise typer.Exit(1)


@app.command()
def seal(as_json: AsJson = False) -> None:
    """Number and chain what is waiting, without waiting for the worker."""
    from controlplane.audit import sealing

    with on_the_host() as gateways:
        number = sealing.seal(gateways)
    tell({"sealed": number}, f"{number} sealed", as_json=as_json)


@app.command()
def anchor(as_json: AsJson = False) -> None:
    """Write a signed head of each stream to where CP_AUDIT__ANCHORS says, if one is due."""
    from controlplane.audit import anchors

    with on_the_host() as gateways:
        number = anchors.anchor(gateways)
    tell({"heads": number}, f"{number} heads anchored", as_json=as_json)
