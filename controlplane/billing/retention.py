"""What is kept no longer than it is needed: quotes nobody took, and checkouts nobody finished."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, exists
from sqlmodel import Session, col, select

from controlplane.billing import names
from controlplane.billing.ledger import Decision, Invoice
from controlplane.billing.models import Consent, Customer, Order, OrderState, Quote
from controlplane.billing.privacy_models import Erasure
from controlplane.billing.referral_models import Referral, ReferralCode
from controlplane.core.retention import BATCH, forget, in_batches
from controlplane.gateways import Gateways
from controlplane.identity.models import Member, SignIn
from tenants.models import Tenant

UNUSED = timedelta(days=30)
ENDED = (OrderState.EXPIRED, OrderState.CANCELLED, OrderState.PAYMENT_FAILED)


def sweep(gateways: Gateways) -> dict[str, int]:
    """Once a night. What became a purchase stays as long as the books: see `privacy`."""
    before = gateways.now() - UNUSED
    orders = in_batches(gateways.db, lambda session: _checkouts(session, before))
    taken = exists().where(col(Order.quote_id) == col(Quote.id))
    quotes = forget(gateways.db, Quote, col(Quote.created_at) < before, col(Quote.valid_until) < gateways.now(), ~taken)
    rested = names.drop_rested(gateways)
    customers = forget(gateways.db, Customer, *_strangers(before))
    return {"checkouts": orders, "quotes": quotes, "customers": customers, "names": rested}


def _checkouts(session: Session, before: datetime) -> int:
    """Never paid, so that no law asks for them; one with an invoice or an open question stays."""
    used = [exists().where(col(kind.order_id) == col(Order.id)) for kind in (Invoice, Decision)]
    query = select(Order.id, Order.quote_id).where(
        col(Order.state).in_(ENDED),
        col(Order.funded_at).is_(None),
        col(Order.created_at) < before,
        *(~one for one in used),
    )
    found = session.exec(query.limit(BATCH).with_for_update(skip_locked=True)).all()
    ids = [identity for identity, _quote in found]
    for kind in (Consent, Referral):
        session.execute(delete(kind).where(col(kind.order_id).in_(ids)))
    session.execute(delete(Order).where(col(Order.id).in_(ids)))
    session.execute(delete(Quote).where(col(Quote.id).in_([quote for _identity, quote in found])))
    return len(ids)


def _strangers(before: datetime) -> list[ColumnElement[bool]]:
    """Whoever only looked: no order, no team, no recommendation, nobody who signed in."""
    links = [
        col(Order.customer_id), col(Tenant.customer_id), col(Member.customer_id), col(SignIn.principal_id),
        col(Referral.referrer_id), col(Referral.referred_id), col(ReferralCode.customer_id), col(Erasure.customer_id),
        col(Consent.customer_id),
    ]  # fmt: skip
    unused = [~exists().where(link == col(Customer.id)) for link in links]
    return [col(Customer.created_at) < before, col(Customer.erased_at).is_(None), *unused]
