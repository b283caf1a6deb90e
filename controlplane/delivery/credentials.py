"""The sending-only key of a tenant: issued once, sealed at once, revealed once, revoked at the end.

The vendor shows a key only when it is made. A crash between making and sealing leaves a key that nobody has: it is
found by its name, deleted, and made again.
"""

from sqlmodel import Session, col, select

from controlplane.audit.service import record
from controlplane.core.crypto import Place
from controlplane.core.errors import Conflict, NotFound
from controlplane.delivery.credentials_models import Credential
from controlplane.gateways import Gateways

MAIL_KEY = "mail_key"
STRIPE_KEY = "stripe_key"  # of the creator's own account, given to us


def living(session: Session, tenant_id: str, *, kind: str = MAIL_KEY) -> Credential | None:
    query = select(Credential).where(Credential.tenant_id == tenant_id, Credential.kind == kind)
    return session.exec(query.where(col(Credential.revoked_at).is_(None))).first()


def issue(gateways: Gateways, tenant_id: str, *, domain_id: str) -> Credential:
    """The living key of this tenant, made if there is none. Safe to repeat after a crash at any point."""
    with gateways.db.transaction() as session:
        # the version is part of the name: a repeated attempt must look for the key of the first one
        earlier = living(session, tenant_id)
        row = earlier or Credential(tenant_id=tenant_id, kind=MAIL_KEY, version=_next_version(session, tenant_id))
        session.add(row)
    if row.body:
        return row
    name = key_name(gateways, row)
    if earlier:
        _drop_lost(gateways, name)
    identity, token = gateways.resend.create_key(name=name, domain_id=domain_id)
    with gateways.db.transaction() as session:
        row = session.get_one(Credential, row.id)
        row.vendor_id, row.last_four = identity, token[-4:]
        row.body = gateways.seal.seal(token, place(row))
        session.add(row)
        _note(session, row, "credential.issued", "worker:controlplane")
    return row


def _drop_lost(gateways: Gateways, name: str) -> None:
    """Only after an attempt that died: the list names every tenant's key."""
    for identity, other in gateways.resend.sending_keys():
        if other == name:
            gateways.resend.delete_key(identity)


def rotate(gateways: Gateways, tenant_id: str, *, domain_id: str, actor: str) -> Credential:
    """A new key beside the old one, which ends when the edge has the new: `retire`."""
    with gateways.db.transaction() as session:
        row = living(session, tenant_id)
        if row is None or not row.body:
            raise NotFound("There is no key yet.")
        row.revoked_at, row.body = gateways.now(), ""
        session.add(row)
        _note(session, row, "credential.rotated", actor)
    return issue(gateways, tenant_id, domain_id=domain_id)


def retire(gateways: Gateways, tenant_id: str) -> None:
    """Ends at the vendor what was revoked here; found again after a crash in between."""
    query = select(Credential).where(Credential.tenant_id == tenant_id, col(Credential.revoked_at).is_not(None))
    with gateways.db.transaction() as session:
        rows = session.exec(query.where(Credential.vendor_id != "")).all()
    for row in rows:
        gateways.resend.delete_key(row.vendor_id)
        with gateways.db.transaction() as session:
            session.get_one(Credential, row.id).vendor_id = ""


def of_tenant(session: Session, tenant_id: str) -> list[Credential]:
    query = select(Credential).where(Credential.tenant_id == tenant_id).order_by(col(Credential.id).desc())
    return list(session.exec(query).all())


def reveal(session: Session, gateways: Gateways, row: Credential, *, actor: str) -> str:
    """The key in clear, for its owner, once; later the only way is rotation."""
    if row.revealed_at is not None:
        raise Conflict("This key was already shown.", code="already_revealed", next_step="Rotate it to get a new one.")
    if not row.body:
        raise NotFound("There is no key yet.")
    row.revealed_at = gateways.now()
    session.add(row)
    _note(session, row, "credential.revealed", actor)
    return gateways.seal.open_seal(row.body, place(row))


def open_for_edge(gateways: Gateways, row: Credential) -> str:
    """The tenant's forms are sent with the tenant's own key."""
    return gateways.seal.open_seal(row.body, place(row))


def revoke(gateways: Gateways, tenant_id: str) -> None:
    with gateways.db.transaction() as session:
        row = living(session, tenant_id)
        if row:
            row.revoked_at, row.body = gateways.now(), ""
            session.add(row)
            _note(session, row, "credential.revoked", "worker:controlplane")
    retire(gateways, tenant_id)


def take(session: Session, gateways: Gateways, tenant_id: str, value: str, *, kind: str, actor: str) -> Credential:
    """A key that the customer gives us: sealed at once, never shown again; an earlier one is forgotten."""
    forget(session, gateways, tenant_id, kind=kind)
    row = Credential(tenant_id=tenant_id, kind=kind, last_four=value[-4:], revealed_at=gateways.now())
    row.body = gateways.seal.seal(value, place(row))
    session.add(row)
    _note(session, row, "credential.taken", actor)
    return row


def forget(session: Session, gateways: Gateways, tenant_id: str, *, kind: str) -> None:
    row = living(session, tenant_id, kind=kind)
    if row:
        row.revoked_at, row.body = gateways.now(), ""
        session.add(row)
        session.flush()


def key_name(gateways: Gateways, row: Credential) -> str:
    return f"{gateways.settings.name}-{row.tenant_id}-{row.version}"


def place(row: Credential) -> Place:
    return Place("credentials", "body", row.id, row.tenant_id)


def _next_version(session: Session, tenant_id: str) -> int:
    query = select(Credential).where(Credential.tenant_id == tenant_id, Credential.kind == MAIL_KEY)
    return max((row.version for row in session.exec(query).all()), default=0) + 1


def _note(session: Session, row: Credential, action: str, actor: str) -> None:
    record(
        session,
        actor=actor,
        action=action,
        object_type="credential",
        object_id=row.id,
        stream="tenant",
        tenant_id=row.tenant_id,
    )
