"""The first operator, and a way back in when nobody can sign in any more."""

from typing import TYPE_CHECKING, Annotated

import typer

from controlplane.commands.shared import BY, AsJson, on_the_host, secret_from_stdin, show, tell

if TYPE_CHECKING:
    from sqlmodel import Session

    from controlplane.identity.models import Operator

app = typer.Typer(no_args_is_help=True, help="Operators, on the host itself.")


@app.command()
def create(
    email: Annotated[str, typer.Option(help="Their address; who is there already stays as they are.")],
    role: Annotated[str, typer.Option(help="auditor, support, engineer or admin")],
    name: Annotated[str, typer.Option()] = "",
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="Read the password from stdin.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make an operator. Asks for the password, or reads one line."""
    from controlplane.identity import operators
    from controlplane.identity.models import Role

    if role not in set(Role):
        raise typer.BadParameter("auditor, support, engineer or admin")
    password = (
        secret_from_stdin("Password") if not password_stdin else typer.get_text_stream("stdin").readline().rstrip("\n")
    )
    with on_the_host() as gateways, gateways.db.transaction() as session:
        row = operators.by_email(session, email)
        if row:
            _tell(row, f"{email} is there already", as_json=as_json)
            return
        row = operators.create(session, email=email, password=password, role=Role(role), name=name, by=BY)
        _tell(row, f"{row.email} is {row.role.value} ({row.id})", as_json=as_json)


@app.command("list")
def list_operators(as_json: AsJson = False) -> None:
    """All operators."""
    from sqlmodel import select

    from controlplane.identity.models import Operator

    with on_the_host() as gateways, gateways.db.transaction() as session:
        rows = session.exec(select(Operator).order_by(Operator.email)).all()
    shown = [
        {**row.model_dump(include={"id", "email", "role", "disabled_at"}), "second_factor": bool(row.totp_since)}
        for row in rows
    ]
    show(shown, ("id", "email", "role", "second_factor", "disabled_at"), as_json=as_json)


@app.command()
def password(email: str, as_json: AsJson = False) -> None:
    """A new password from stdin; all their sessions end and the second factor stays."""
    _change(email, as_json=as_json, password=secret_from_stdin("New password"))


@app.command()
def disable(email: str, as_json: AsJson = False) -> None:
    """Out, at once."""
    _change(email, as_json=as_json, disabled=True)


@app.command("forget-factor")
def forget_factor(email: str, as_json: AsJson = False) -> None:
    """When the phone and the recovery codes are gone."""
    from controlplane.identity import operators

    with on_the_host() as gateways, gateways.db.transaction() as session:
        row = _known(session, email)
        operators.remove_totp(session, row, by=BY)
        _tell(row, f"{row.email} has no second factor", as_json=as_json)


@app.command()
def connect(
    email: str,
    subject: Annotated[str, typer.Option(help="Who they are at the identity provider: `sub`, not an address.")],
    as_json: AsJson = False,
) -> None:
    """They may sign in with the identity provider from now on, as who they are here."""
    from controlplane.identity import federation

    with on_the_host() as gateways, gateways.db.transaction() as session:
        row = _known(session, email)
        issuer = gateways.settings.operators.oidc.issuer
        if not issuer:
            raise typer.BadParameter("no identity provider is set up: CP_OPERATORS__OIDC__ISSUER")
        federation.connect(session, row, issuer=issuer, subject=subject, by=BY)
        _tell(row, f"{row.email} is {subject} at {issuer}", as_json=as_json)


@app.command("break-glass")
def break_glass(
    email: str,
    reason: Annotated[str, typer.Option(help="Why; it stays in the trail, and everybody is told.")],
    hours: Annotated[float, typer.Option(help="At most four.")] = 4,
    as_json: AsJson = False,
) -> None:
    """A key for one administrator: in place of the password, with no second factor and no second person."""
    from controlplane.api.alerts import tell_everybody
    from controlplane.identity import emergency

    with on_the_host() as gateways, gateways.db.transaction() as session:
        row = _known(session, email)
        key, token = emergency.open_key(session, gateways, row, reason=reason, hours=hours, by=BY)
        what, until = f"Break-glass access opened for {row.email}", f"{key.expires_at:%Y-%m-%d %H:%M} UTC"
        detail = f"Until {until}. Reason given: {reason}"
        tell_everybody(session, gateways, what=what, detail=detail, dedup=f"break_glass:{key.id}:opened")
        found = {"email": row.email, "key": token, "until": key.expires_at}
    tell(found, f"until {until}, instead of the password, this once shown:\n{token}", as_json=as_json)


@app.command("break-glass-end")
def break_glass_end(email: str, as_json: AsJson = False) -> None:
    """The key and what was begun with it end now; everybody is told."""
    from controlplane.api.alerts import tell_everybody
    from controlplane.core.ids import new_id
    from controlplane.identity import emergency

    with on_the_host() as gateways, gateways.db.transaction() as session:
        row = _known(session, email)
        closed = emergency.close(session, gateways, row, by=BY)
        if closed:
            what = f"Break-glass access ended for {row.email}"
            tell_everybody(session, gateways, what=what, detail="By hand.", dedup=f"break_glass:{new_id()}:ended")
    tell({"closed": closed}, "closed" if closed else "nothing was open", as_json=as_json)


@app.command("end-sessions")
def end_sessions(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Everybody must sign in again: after a theft or a restore."""
    if not yes:
        typer.confirm("Really end all sessions of operators and customers?", abort=True)
    from controlplane.identity import sign_ins

    with on_the_host() as gateways, gateways.db.transaction() as session:
        ended = sign_ins.end_all(session, now=gateways.now())
    tell({"ended": ended}, f"{ended} sessions ended", as_json=as_json)


def _change(email: str, *, as_json: bool, **wanted: object) -> None:
    from controlplane.identity import operators

    with on_the_host() as gateways, gateways.db.transaction() as session:
        row = operators.change(session, gateways, _known(session, email), wanted=wanted, by=BY)
        _tell(row, f"{row.email} changed", as_json=as_json)


def _known(session: "Session", email: str) -> "Operator":
    from controlplane.identity import operators

    row = operators.by_email(session, email)
    if row is None:
        raise typer.BadParameter("there is no such operator")
    return row


def _tell(row: "Operator", text: str, *, as_json: bool) -> None:
    tell(row.model_dump(include={"id", "email", "role", "disabled_at"}), text, as_json=as_json)
