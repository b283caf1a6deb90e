"""The trail: checked and sealed from the host."""

import typer

from controlplane.commands.shared import AsJson, on_the_host, show

app = typer.Typer(no_args_is_help=True, help="The trail of who did what.")


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
def seal() -> None:
    """Number and chain what is waiting, without waiting for the worker."""
    from controlplane.audit import sealing

    with on_the_host() as gateways:
        typer.echo(f"{sealing.seal(gateways)} sealed")
