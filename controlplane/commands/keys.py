"""Keys: a new one becomes active, all values move to it, and only then may the old one go."""

from typing import Annotated

import typer

from controlplane.commands.shared import BY, AsJson, on_the_host, show
from controlplane.core.errors import Refused

app = typer.Typer(no_args_is_help=True, help="Keys, on the host itself.")
RINGS = ("seal", "pepper", "csrf", "audit_mac")


@app.command()
def rotate(
    ring: Annotated[str, typer.Argument(help="seal, pepper, csrf or audit_mac", autocompletion=lambda: list(RINGS))],
) -> None:
    """A new active key. Old ones go on opening and recognising what they made; restart all processes afterwards."""
    if ring not in RINGS:
        raise typer.BadParameter(", ".join(RINGS))
    from controlplane.audit.service import record
    from controlplane.gateways import new_key

    with on_the_host() as gateways:
        kid = gateways.seal.rotate() if ring == "seal" else gateways.secrets.rotate(ring, new_key)
        with gateways.db.transaction() as session:
            record(session, actor=BY, action="keys.rotated", object_type="key", object_id=f"{ring}:{kid}")
    typer.echo(f"{ring}: {kid} is active")


@app.command()
def rewrap(kid: Annotated[str, typer.Option(help="The old key.")]) -> None:
    """Move all values to the active key; may be stopped and begun again."""
    from controlplane import sealed

    with on_the_host() as gateways:
        try:
            for label, number in sealed.rewrap(gateways, old=kid):
                typer.echo(f"{label}: {number}")
        except Refused as refused:
            raise typer.BadParameter(refused.reason) from None
    typer.echo("nothing is left under it")


@app.command()
def verify(as_json: AsJson = False) -> None:
    """How many values each key seals, and whether every one opens."""
    from controlplane import sealed

    with on_the_host() as gateways:
        counts, broken = sealed.counts(gateways), sealed.unreadable(gateways)
    rows = [
        {"column": label, "key": kid, "values": number}
        for label, kids in counts.items()
        for kid, number in kids.items()
    ]
    show(rows, ("column", "key", "values"), as_json=as_json)
    for line in broken:
        typer.echo(f"does not open: {line}", err=True)
    if broken:
        raise typer.Exit(1)
