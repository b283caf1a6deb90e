"""Operators: people with a password, a role and, once they set it up, a second factor."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, update
from sqlmodel import Session, col, select

from controlplane.audit.service import record
from controlplane.core.crypto import Place
from controlplane.core.errors import Conflict, Invalid, NotFound, Unauthenticated
from controlplane.core.ids import new_id
from controlplane.core.tokens import Kind, kind_of, mint
from controlplane.gateways import Gateways
from controlplane.identity import hashing, passwords, sign_ins, totp
from controlplane.identity.models import Operator, Principal, RecoveryCode, Role

WRONG = "This e-mail address, password or code is not right."


def create(session: Session, *, email: str, password: str, role: Role, name: str = "", by: str) -> Operator:
    email = email.strip().lower()
    passwords.check(password, email=email)
    if by_email(session, email):
        raise Conflict("There is an operator with this e-mail address.", code="operator_exists")
    row = Operator(id=new_id(), email=email, name=name, role=role, password=passwords.hashed(password))
    session.add(row)
    session.flush()
    _note(session, row, "created", by, {"role": [None, role.value]})
    return row


def create_federated(session: Session, *, email: str, role: Role, name: str, by: str) -> Operator:
    """Comes in through the identity provider only: no password fits until an administrator sets one."""
    row = Operator(id=new_id(), email=email, name=name, role=role, password=passwords.nobody())
    session.add(row)
    session.flush()
    _note(session, row, "created", by, {"role": [None, role.value]})
    return row


def by_email(session: Session, email: str) -> Operator | None:
    return session.exec(select(Operator).where(Operator.email == email.strip().lower())).first()


def find(session: Session, operator_id: str) -> Operator:
    row = session.exec(select(Operator).where(Operator.id == operator_id).with_for_update()).first()
    if row is None:
        raise NotFound("There is no such operator.")
    return row


def identify(
    session: Session, gateways: Gateways, *, email: str, password: str, code: str
) -> tuple[Operator, list[str]]:
    """Who it is and what was proved; the same answer whatever was wrong."""
    row = by_email(session, email)
    right = passwords.right(password, row.password if row else passwords.nobody())
    if row is None or not right or row.disabled_at:
        raise Unauthenticated(WRONG, code="sign_in_refused")
    return row, ["password", *second_factor(session, gateways, row, code)]


def second_factor(session: Session, gateways: Gateways, row: Operator, code: str) -> list[str]:
    if row.totp_since is None:
        return []
    if not code:
        raise Unauthenticated("The code of your second factor is missing.", code="code_needed")
    if kind_of(code) is Kind.RECOVERY and _use_recovery(session, gateways, row, code):
        return ["recovery"]
    if take_code(session, gateways, row, code):
        return ["totp"]
    raise Unauthenticated(WRONG, code="sign_in_refused")


def take_code(session: Session, gateways: Gateways, row: Operator, code: str) -> bool:
    """The counter moves in one statement, so that a code counts once even when it is sent twice at once."""
    if row.totp_seed is None:
        return False
    seed = gateways.seal.open_seal(row.totp_seed, _place(row))
    counter = totp.matching_counter(seed, code, now=gateways.now(), after=row.totp_counter)
    if counter is None:
        return False
    newer = update(Operator).where(col(Operator.id) == row.id, col(Operator.totp_counter) < counter)
    return bool(session.execute(newer.values(totp_counter=counter)).rowcount)  # type: ignore[attr-defined]


def begin_totp(session: Session, gateways: Gateways, row: Operator) -> dict[str, str]:
    """A new seed; it counts when the first code was right."""
    if row.totp_since:
        raise Conflict("The second factor is already set up.", next_step="Remove it first.")
    seed = totp.new_seed()
    row.totp_seed = gateways.seal.seal(seed, _place(row))
    session.add(row)
    issuer = f"Control plane ({gateways.settings.name})"
    address = totp.address(seed, issuer=issuer, account=row.email)
    return {"seed": seed, "address": address, "picture": totp.picture(address)}


def confirm_totp(session: Session, gateways: Gateways, row: Operator, code: str, *, by: str) -> list[str]:
    """Switches it on; the recovery codes are shown this once."""
    if row.totp_since or not take_code(session, gateways, row, code):
        raise Invalid("This code is not right.", code="bad_code")
    row.totp_since = gateways.now()
    session.add(row)
    for old in session.exec(select(RecoveryCode).where(RecoveryCode.operator_id == row.id)).all():
        session.delete(old)
    codes = [mint(Kind.RECOVERY) for _ in range(10)]
    session.add_all(RecoveryCode(operator_id=row.id, digest=hashing.digest(gateways, code)) for code in codes)
    _note(session, row, "factor_added", by)
    return codes


def remove_totp(session: Session, row: Operator, *, by: str) -> None:
    row.totp_seed, row.totp_since = None, None
    session.add(row)
    _note(session, row, "factor_removed", by)


def change(session: Session, gateways: Gateways, row: Operator, *, wanted: dict[str, Any], by: str) -> Operator:
    """Role, name, password, disabled. What shrinks a right ends the sessions that had it."""
    before = {"role": row.role, "disabled": row.disabled_at is not None, "name": row.name}
    if "password" in wanted:
        passwords.check(wanted["password"], email=row.email)
        row.password = passwords.hashed(wanted["password"])
    row.role = wanted.get("role", row.role)
    row.name = wanted.get("name", row.name)
    if "disabled" in wanted:
        row.disabled_at = gateways.now() if wanted["disabled"] else None
    session.add(row)
    session.flush()
    _keep_an_admin(session)
    after = {"role": row.role, "disabled": row.disabled_at is not None, "name": row.name}
    changed = {key: [before[key], after[key]] for key in before if before[key] != after[key]}
    if changed.keys() - {"name"} or "password" in wanted:
        sign_ins.end_all(session, Principal.OPERATOR, row.id, now=gateways.now())
    _note(session, row, "changed", by, {**changed, **({"password": [None, None]} if "password" in wanted else {})})
    return row


def count_with(session: Session, roles: frozenset[str]) -> int:
    query = select(func.count()).select_from(Operator).where(col(Operator.role).in_(roles))
    return session.exec(query.where(col(Operator.disabled_at).is_(None))).one()


def _keep_an_admin(session: Session) -> None:
    """Locks the admins' rows: two admins who demote each other at once would leave none."""
    admins = select(Operator).where(Operator.role == Role.ADMIN, col(Operator.disabled_at).is_(None))
    if not session.exec(admins.with_for_update()).all():
        raise Conflict("The last administrator stays.", code="last_admin", next_step="Make somebody else one first.")


def _use_recovery(session: Session, gateways: Gateways, row: Operator, code: str) -> bool:
    used = update(RecoveryCode).where(
        col(RecoveryCode.operator_id) == row.id,
        col(RecoveryCode.digest).in_(hashing.candidates(gateways, code)),
        col(RecoveryCode.used_at).is_(None),
    )
    return bool(session.execute(used.values(used_at=gateways.now())).rowcount)  # type: ignore[attr-defined]


def last_seen(session: Session, operator_id: str) -> datetime | None:
    return sign_ins.last_seen(session, Principal.OPERATOR, operator_id)


def _place(row: Operator) -> Place:
    return Place("operators", "totp_seed", row.id)


def _note(session: Session, row: Operator, verb: str, by: str, changes: dict[str, Any] | None = None) -> None:
    record(
        session,
        actor=by,
        action=f"operator.{verb}",
        object_type="operator",
        object_id=row.id,
        stream="identity",
        changes=changes,
    )
