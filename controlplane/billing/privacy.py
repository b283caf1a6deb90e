"""Erasure: end what runs, tell the vendors, forget the person, and prove what is gone.

What commercial law keeps (orders, invoices, payments) stays without the person in it.
"""

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlmodel import Session, col, func, or_, select

from controlplane.audit.service import SYSTEM, record
from controlplane.billing import claims, fulfilment, privacy_traces, standing
from controlplane.billing.ledger import Invoice, Payment
from controlplane.billing.models import Consent, Customer, Order, Quote
from controlplane.billing.money import day
from controlplane.billing.privacy_models import OPEN, Erasure, ErasureState
from controlplane.billing.referral_models import ReferralCode
from controlplane.core.errors import Conflict, NotFound
from controlplane.core.queue import Wakeup
from controlplane.delivery.models import OPEN as UNSENT
from controlplane.delivery.models import Email, EmailState
from controlplane.delivery.service import request_email
from controlplane.gateways import Gateways
from controlplane.identity.models import AccessToken, Client, Link, Member, SignIn
from tenants.lifecycle import State
from tenants.models import Name, Tenant

ERASE = "privacy.erase"
COOLING = timedelta(hours=72)
AGAIN = timedelta(minutes=10)
GONE = "erased"
KEPT = {
    "orders": "amounts and dates, 8 years",
    "invoices": "8 years, at Stripe as well",
    "payments": "8 years",
    "consents": "proof of consent without the person, 3 years",
    "backups": "overwritten after 35 days",
}


def request(session: Session, gateways: Gateways, customer_id: str, *, actor: str) -> Erasure:
    customer = _customer(session, customer_id)
    found = _open(session, customer_id)
    if found:
        return found
    row = Erasure(
        customer_id=customer_id,
        subject_key=blind(customer.email_key),
        requested_by=actor,
        starts_at=gateways.now() + COOLING,
        next_attempt_at=gateways.now() + COOLING,
    )
    session.add(row)
    session.flush()
    _note(session, row, "erasure.requested", actor)
    until = day(row.starts_at, customer.locale)
    request_email(
        session, gateways, kind="erasure_received", to=customer.email, locale=customer.locale, data={"until": until},
        dedup=f"erasure_received:{row.id}", customer_id=customer_id,
    )  # fmt: skip
    return row


def withdraw(session: Session, customer_id: str, *, actor: str) -> Erasure:
    row = _open(session, customer_id)
    if row is None:
        raise NotFound("No erasure was asked for.")
    if row.state != ErasureState.COOLING:
        raise Conflict("The erasure has begun.", code="erasure_begun")
    row.state, row.next_attempt_at = ErasureState.WITHDRAWN, None
    session.add(row)
    _note(session, row, "erasure.withdrawn", actor)
    return row


def erase(gateways: Gateways, erasure_id: str) -> None:
    """One attempt. It goes on where the last one had to wait; the end is written only when nothing is left."""
    with gateways.db.transaction() as session:
        row = session.get(Erasure, erasure_id)
        if row is None or row.state not in OPEN or (row.next_attempt_at and row.next_attempt_at > gateways.now()):
            return
        orders = _orders(session, row.customer_id)
        held = claims.open_disputes(session, [order.id for order in orders])
    if held:
        _wait(gateways, erasure_id, ErasureState.HELD, f"an open dispute ({held[0].stripe_id}) forbids it for now")
        return
    for order in orders:
        _end(gateways, order)
    left = _running(gateways, row.customer_id)
    if left:
        _wait(gateways, erasure_id, ErasureState.ENDING, f"waiting for {', '.join(left)}")
        return
    for order in orders:
        if order.stripe_customer:
            gateways.stripe.delete_customer(order.stripe_customer)
    proofs = {one.stripe_customer: gateways.stripe.customer_is_gone(one.stripe_customer) for one in orders}
    _forget(gateways, erasure_id, proofs)


def _end(gateways: Gateways, order: Order) -> None:
    """At once, and without the time in which data is usually kept: that is what the person asked for."""
    if order.stripe_subscription:
        gateways.stripe.cancel(order.stripe_subscription, at_period_end=False, key=f"erase:{order.id}")
    with gateways.db.transaction() as session:
        found = fulfilment.locked(session, order.id)
        found.ended_at, found.frozen = found.ended_at or gateways.now(), ""
        tenant = session.get(Tenant, found.tenant_id) if found.tenant_id else None
        if tenant and tenant.state == State.RETENTION:
            tenant.retention_until = gateways.now()
            session.add(tenant)
        standing.steer(session, gateways, found)


def _running(gateways: Gateways, customer_id: str) -> list[str]:
    gone = State.DEPROVISIONED
    query = select(Tenant.slug).where(Tenant.customer_id == customer_id, Tenant.state != gone)
    with gateways.db.transaction() as session:
        return list(session.exec(query).all())


def _wait(gateways: Gateways, erasure_id: str, state: ErasureState, reason: str) -> None:
    with gateways.db.transaction() as session:
        row = session.get_one(Erasure, erasure_id)
        row.state, row.reason, row.next_attempt_at = state, reason, gateways.now() + AGAIN
        session.add(row)


def _forget(gateways: Gateways, erasure_id: str, proofs: dict[str, bool]) -> None:
    with gateways.db.transaction() as session:
        row = session.exec(select(Erasure).where(Erasure.id == erasure_id).with_for_update()).one()
        counts = anonymise(session, gateways, row.customer_id)
        session.flush()
        left = left_over(session, row.customer_id)
        if any(left.values()):
            raise RuntimeError(f"still readable after the erasure: {left}")
        row.state, row.done_at, row.next_attempt_at, row.reason = ErasureState.DONE, gateways.now(), None, ""
        row.certificate = {
            "subject": row.subject_key,
            "anonymised": counts,
            "readable_afterwards": left,
            "stripe_customers_gone": proofs,
            "kept": KEPT,
            "finished_at": gateways.now().isoformat(),
        }
        session.add(row)
        _note(session, row, "erasure.done", SYSTEM)


def anonymise(session: Session, gateways: Gateways, customer_id: str) -> dict[str, int]:
    now = gateways.now()
    customer = _customer(session, customer_id)
    letters = _anonymise_letters(session, customer)
    customer.email, customer.email_key = GONE, blind(customer.email_key)
    customer.name = customer.company = customer.vat_id = ""
    customer.address, customer.erased_at = {}, now
    session.add(customer)
    counts = {"customers": 1, "orders": 0, "emails": letters, "consents": 0, "mirrors": 0}
    for order in _orders(session, customer_id):
        order.buyer = {**dict.fromkeys(("email", "kind", "name", "company", "vat_id"), GONE), "address": {}}
        order.name, order.slug, order.token = GONE, GONE, f"{GONE}:{order.id}"
        counts["orders"] += 1
        counts["mirrors"] += _anonymise_mirrors(session, order)
        session.add(order)
    for consent in session.exec(select(Consent).where(Consent.customer_id == customer_id)).all():
        consent.withdrawn_at = consent.withdrawn_at or now
        counts["consents"] += 1
    for code in session.exec(select(ReferralCode).where(ReferralCode.customer_id == customer_id)).all():
        session.delete(code)
    counts["tenants"] = _anonymise_tenants(session, gateways, customer_id, counts)
    counts |= _end_access(session, customer_id)
    return counts


def _anonymise_tenants(session: Session, gateways: Gateways, customer_id: str, counts: dict[str, int]) -> int:
    """Names and hosts lead back to the person; the row itself says only that there was one, and when."""
    found = session.exec(select(Tenant).where(Tenant.customer_id == customer_id)).all()
    for tenant in found:
        tenant.name, tenant.slug, tenant.spec, tenant.facts = GONE, GONE, {}, {}
        session.add(tenant)
    session.flush()
    counts |= privacy_traces.forget(session, gateways, [tenant.id for tenant in found])
    return len(found)


def _end_access(session: Session, customer_id: str) -> dict[str, int]:
    """Nobody signs in as somebody who is forgotten, and nobody was let in by them."""
    mine = select(Tenant.id).where(Tenant.customer_id == customer_id)
    team = or_(col(Member.customer_id) == customer_id, col(Member.tenant_id).in_(mine))
    clients = select(Client.id).where(Client.customer_id == customer_id)
    rows: dict[str, Sequence[Any]] = {
        "access_tokens": session.exec(select(AccessToken).where(col(AccessToken.client_id).in_(clients))).all(),
        "clients": session.exec(select(Client).where(Client.customer_id == customer_id)).all(),
        "sign_ins": session.exec(select(SignIn).where(SignIn.principal_id == customer_id)).all(),
        "sign_in_links": session.exec(select(Link).where(Link.customer_id == customer_id)).all(),
        "memberships": session.exec(select(Member).where(team)).all(),
    }
    for row in (row for found in rows.values() for row in found):
        session.delete(row)
    return {name: len(found) for name, found in rows.items()}


def left_over(session: Session, customer_id: str) -> dict[str, int]:
    """Asked again after the work: what of the person is still readable in each place. All of it must be nothing."""
    mine = {
        "customers": select(Customer.id).where(Customer.id == customer_id, Customer.email != GONE),
        "orders": select(Order.id).where(Order.customer_id == customer_id, Order.name != GONE),
        "tenants": select(Tenant.id).where(Tenant.customer_id == customer_id, Tenant.slug != GONE),
        "emails": select(Email.id).where(Email.customer_id == customer_id, col(Email.to).contains("@")),
        "sign_ins": select(SignIn.id).where(SignIn.principal_id == customer_id),
        "sign_in_links": select(Link.id).where(Link.customer_id == customer_id),
        "memberships": select(Member.id).where(Member.customer_id == customer_id),
        "clients": select(Client.id).where(Client.customer_id == customer_id),
        "names": select(Name.slug).where(
            col(Name.holder).in_(select(Tenant.id).where(Tenant.customer_id == customer_id))
        ),
        "referral_codes": select(ReferralCode.id).where(ReferralCode.customer_id == customer_id),
    }
    return {name: len(session.exec(query).all()) for name, query in mine.items()}


def _anonymise_mirrors(session: Session, order: Order) -> int:
    """Links to documents at Stripe and the mark of a card lead back to the person."""
    invoices = session.exec(select(Invoice).where(Invoice.order_id == order.id)).all()
    payments = session.exec(select(Payment).where(Payment.order_id == order.id)).all()
    for invoice in invoices:
        invoice.hosted_url = invoice.pdf_url = ""
    for payment in payments:
        payment.fingerprint = ""
    quote = session.get_one(Quote, order.quote_id)
    quote.attribution = {}
    return len(invoices) + len(payments)


def _anonymise_letters(session: Session, customer: Customer) -> int:
    """To the person, and about the person to others."""
    orders = col(Email.order_id).in_(select(Order.id).where(Order.customer_id == customer.id))
    written = func.lower(col(Email.to)) == customer.email_key
    whose = or_(col(Email.customer_id) == customer.id, orders, written)
    letters = session.exec(select(Email).where(whose)).all()
    for letter in letters:
        letter.to, letter.data, letter.sealed = blind(letter.to), {}, ""
        if letter.state in UNSENT:
            letter.state, letter.next_attempt_at = EmailState.EXPIRED, None
    return len(letters)


def blind(text: str) -> str:
    return hashlib.sha256(f"erased:{text}".encode()).hexdigest()


def _customer(session: Session, customer_id: str) -> Customer:
    found = session.exec(select(Customer).where(Customer.id == customer_id).with_for_update()).first()
    if found is None or found.erased_at:
        raise NotFound("There is no such customer.")
    return found


def _open(session: Session, customer_id: str) -> Erasure | None:
    query = select(Erasure).where(Erasure.customer_id == customer_id, col(Erasure.state).in_(OPEN))
    return session.exec(query.with_for_update()).first()


def _orders(session: Session, customer_id: str) -> list[Order]:
    return list(session.exec(select(Order).where(Order.customer_id == customer_id)).all())


def _note(session: Session, row: Erasure, action: str, actor: str) -> None:
    record(session, actor=actor, action=action, object_type="erasure", object_id=row.id, stream="identity")


def due(gateways: Gateways) -> list[Wakeup]:
    query = select(Erasure.id).where(col(Erasure.state).in_(OPEN), col(Erasure.next_attempt_at) <= gateways.now())
    minute = int(gateways.now().timestamp()) // 60
    with gateways.db.transaction() as session:
        return [Wakeup(ERASE, found, attempt=minute) for found in session.exec(query.limit(20)).all()]
