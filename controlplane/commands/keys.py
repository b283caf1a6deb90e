"""Keys: a new one becomes active, all values move to it, and only then may the old one go."""

from typing import TYPE_CHECKING, Annotated

import typer

from controlplane.commands.shared import BY, AsJson, on_the_host, show, tell
from controlplane.core.errors import Refused

if TYPE_CHECKING:
    from controlplane.gateways import Gateways

app = typer.Typer(no_args_is_help=True, help="Keys, on the host itself.")
RINGS = ("seal", "pepper", "csrf", "audit_mac")


@app.command()
def rotate(
    ring: Annotated[str, typer.Argument(help="seal, pepper, csrf or audit_mac", autocompletion=lambda: list(RINGS))],
    as_json: AsJson = False,
) -> None:
    """A new active key. Old ones go on opening and recognising what they made; restart all processes afterwards."""
    if ring not in RINGS:
        raise typer.BadParameter(", ".join(RINGS))
    from controlplane.gateways import new_key

    with on_the_host() as gateways:
        if ring == "seal":
            gateways.seal.rotate()
            kid = gateways.seal.active_key
        else:
            kid = gateways.secrets.rotate(ring, new_key)
        _note(gateways, "keys.rotated", f"{ring}:{kid}")
    tell({"ring": ring, "key": kid}, f"{ring}: {kid} is active", as_json=as_json)


@app.command()
def rewrap(
    kid: Annotated[
        str,
        typer.Option(help="Only what this one seals, as k0001 or local.k0001; else all that others seal."),
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Move values to the active key, also from another provider; may be stopped and begun again."""
    from controlplane import sealed

    rows: list[sealed.Moved] = []
    with on_the_host() as gateways:
        try:
            for moved in sealed.rewrap(gateways, old=kid):
                rows.append(moved)
                if not as_json:
                    typer.echo(f"{moved.column}: {moved.number}")
        except Refused as refused:
            raise typer.BadParameter(refused.reason) from None
        active, left = gateways.seal.active_key, sealed.left(gateways, old=kid)
        _note(gateways, "keys.rewrapped", active)
    broken = [line for moved in rows for line in moved.broken]
    found = {"active": active, "moved": sum(moved.number for moved in rows), "left": left, "broken": broken}
    tell(found, f"{left or 'nothing'} is left; {active} is active", as_json=as_json)
    _complain(broken)
    if left:
        raise typer.Exit(1)


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
    _complain(broken)


@app.command()
def retire(
    kid: Annotated[str, typer.Argument(help="The old pepper, as `keys peppers` names it.")],
    at_once: Annotated[bool, typer.Option("--now", help="After a theft: all that depends on it ends.")] = False,
    as_json: AsJson = False,
) -> None:
    """Recognise nothing any more that was made with an old pepper. Other processes follow within half a minute."""
    from controlplane.identity import peppers

    with on_the_host() as gateways:
        try:
            with gateways.db.transaction() as session:
                lost = peppers.retire(session, gateways, kid, at_once=at_once)
        except Refused as refused:
            raise typer.BadParameter(refused.reason) from None
        _note(gateways, "keys.retired", f"pepper:{kid}")
    tell({"retired": kid, "ended": lost}, f"pepper {kid} is retired; ended: {lost or 'nothing'}", as_json=as_json)


@app.command("peppers")
def list_peppers(as_json: AsJson = False) -> None:
    """The living ones, the newest first, and what still depends on each."""
    from controlplane.gateways import new_key
    from controlplane.identity import hashing, peppers

    with on_the_host() as gateways:
        ring = gateways.secrets.ring(hashing.PEPPER, new_key)
        with gateways.db.transaction() as session:
            rows = [{"key": kid, "living": peppers.living(session, gateways, kid)} for kid, _value in ring]
    show(rows, ("key", "living"), as_json=as_json)


def _note(gateways: "Gateways", action: str, key: str) -> None:
    from controlplane.audit.service import record

    with gateways.db.transaction() as session:
        record(session, actor=BY, action=action, object_type="key", object_id=key)


def _complain(broken: list[str]) -> None:
    for line in broken:
        typer.echo(f"does not open: {line}", err=True)
    if broken:
        raise typer.Exit(1)
