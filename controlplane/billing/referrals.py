"""Referrals: a code per customer, attributed when a quote becomes an order, rewarded when the money is sure to stay."""

import secrets
from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from controlplane.audit.service import SYSTEM, record
from controlplane.billing import decisions
from controlplane.billing.catalog import catalog
from controlplane.billing.ledger import Claim, Payment
from controlplane.billing.models import Customer, Order, OrderState, Quote
from controlplane.billing.referral_models import Referral, ReferralCode, ReferralState
from controlplane.core.errors import Invalid
from controlplane.gateways import Gateways

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # 32 letters, none that looks like another
SURE_AFTER = timedelta(days=30)
PER_QUARTER = 20
QUARTER = timedelta(days=91)
AGREED = "agreed"  # a person looked at the cap and let it pass


def code_of(session: Session, customer_id: str) -> ReferralCode:
    found = session.exec(select(ReferralCode).where(ReferralCode.customer_id == customer_id)).first()
    if found is None:
        found = ReferralCode(customer_id=customer_id, code="".join(secrets.choice(ALPHABET) for _ in range(10)))
        session.add(found)
        session.flush()
    return found


def known(session: Session, code: str) -> ReferralCode:
    found = session.exec(select(ReferralCode).where(ReferralCode.code == code.upper())).first()
    if found is None:
        raise Invalid("There is no such recommendation code.", code="referral_unknown")
    return found


def attribute(session: Session, quote: Quote, order: Order) -> None:
    """At checkout: who is new and was sent by somebody else. A refusal here is an answer to the buyer."""
    if not quote.referral_code:
        return
    code = known(session, quote.referral_code)
    referrer, referred = session.get_one(Customer, code.customer_id), session.get_one(Customer, order.customer_id)
    if referrer.id == referred.id or _same_person(referrer, referred, order):
        raise Invalid("You cannot recommend us to yourself.", code="referral_self")
    if _bought_before(session, referred.id, order.id):
        raise Invalid("A recommendation counts for the first order only.", code="referral_used")
    session.add(Referral(code=code.code, referrer_id=referrer.id, referred_id=referred.id, order_id=order.id))


def _same_person(referrer: Customer, referred: Customer, order: Order) -> bool:
    vat_id = str(order.buyer.get("vat_id") or referred.vat_id)
    return bool(vat_id) and vat_id == referrer.vat_id


def _bought_before(session: Session, customer_id: str, order_id: str) -> bool:
    paid = select(Order.id).where(
        Order.customer_id == customer_id, Order.id != order_id, col(Order.funded_at).is_not(None)
    )
    used = select(Referral.id).where(Referral.referred_id == customer_id)
    return bool(session.exec(paid).first() or session.exec(used).first())


def paid(session: Session, order: Order, *, now: datetime) -> None:
    """The first invoice with money in it: from now on the reward waits."""
    row = of_order(session, order.id)
    if row and row.state == ReferralState.ATTRIBUTED:
        row.state, row.paid_at, row.due_at = ReferralState.WAITING, now, now + SURE_AFTER
        session.add(row)


def of_order(session: Session, order_id: str) -> Referral | None:
    return session.exec(select(Referral).where(Referral.order_id == order_id).with_for_update()).first()


def due(session: Session, *, now: datetime, limit: int = 50) -> list[str]:
    query = select(Referral.id).where(Referral.state == ReferralState.WAITING, col(Referral.due_at) <= now)
    return list(session.exec(query.limit(limit)).all())


def reward(gateways: Gateways, referral_id: str) -> None:
    """Checked again on the day it is due; the credit carries the referral's id, so that it is given once."""
    with gateways.db.transaction() as session:
        row = session.exec(select(Referral).where(Referral.id == referral_id).with_for_update()).first()
        if row is None or row.state != ReferralState.WAITING or (row.due_at and row.due_at > gateways.now()):
            return
        refusal = _refusal(session, row, now=gateways.now())
        if refusal:
            _refuse(session, row, refusal)
            return
        paying = _paying_order(session, row.referrer_id)
    if paying is None:
        return  # the credit waits for a subscription that it can be taken off
    book = catalog()
    vendor_id = gateways.stripe.credit(
        paying.stripe_customer,
        amount=book.referral_reward,
        currency=book.currency,
        text="Danke für Ihre Empfehlung" if paying.locale == "de" else "Thank you for your recommendation",
        why=f"referral:{referral_id}",
    )
    _settle(gateways, referral_id, vendor_id)


def _refuse(session: Session, row: Referral, reason: str) -> None:
    row.state, row.reason = ReferralState.REFUSED, reason
    session.add(row)
    if reason == "cap":
        row.state = ReferralState.PERSON
        order = session.get_one(Order, row.order_id)
        question = "Somebody recommends us more often than people usually do. Give this reward, or not?"
        decisions.ask(
            session, order, kind="referral_cap", about=row.id, question=question, choices=("reward", "refuse"),
            amount=catalog().referral_reward, facts={"referrer": row.referrer_id},
        )  # fmt: skip


def decided(gateways: Gateways, referral_id: str, *, agreed: bool) -> None:
    """A person has looked at the cap; everything else is checked again."""
    with gateways.db.transaction() as session:
        row = session.exec(select(Referral).where(Referral.id == referral_id).with_for_update()).one()
        if row.state == ReferralState.PERSON:
            row.state = ReferralState.WAITING if agreed else ReferralState.REFUSED
            row.reason = AGREED if agreed else "cap"
            session.add(row)
    if agreed:
        reward(gateways, referral_id)


def _settle(gateways: Gateways, referral_id: str, vendor_id: str) -> None:
    with gateways.db.transaction() as session:
        row = session.exec(select(Referral).where(Referral.id == referral_id).with_for_update()).one()
        if row.state != ReferralState.WAITING:
            return
        row.state, row.vendor_id, row.rewarded_at = ReferralState.REWARDED, vendor_id, gateways.now()
        row.reward, row.currency = catalog().referral_reward, catalog().currency
        session.add(row)
        record(
            session, actor=SYSTEM, action="referral.rewarded", object_type="referral", object_id=row.id, stream="money"
        )


def _refusal(session: Session, row: Referral, *, now: datetime) -> str:
    order = session.get_one(Order, row.order_id)
    if order.state != OrderState.FUNDED or session.exec(select(Claim.id).where(Claim.order_id == order.id)).first():
        return "money_went_back"
    if _cards(session, row.referrer_id) & _cards(session, row.referred_id):
        return "same_card"
    if row.reason == AGREED:
        return ""
    rewarded = select(func.count()).where(
        col(Referral.referrer_id) == row.referrer_id,
        col(Referral.state) == ReferralState.REWARDED,
        col(Referral.rewarded_at) > now - QUARTER,
    )
    return "cap" if session.exec(rewarded).one() >= PER_QUARTER else ""


def _cards(session: Session, customer_id: str) -> set[str]:
    query = select(Payment.fingerprint).join(Order, col(Order.id) == col(Payment.order_id))
    found = session.exec(query.where(Order.customer_id == customer_id, Payment.fingerprint != "")).all()
    return set(found)


def _paying_order(session: Session, customer_id: str) -> Order | None:
    query = select(Order).where(Order.customer_id == customer_id, Order.state == OrderState.FUNDED)
    return session.exec(query.where(col(Order.ended_at).is_(None)).order_by(col(Order.id))).first()


def list_of(session: Session, customer_id: str) -> list[Referral]:
    query = select(Referral).where(Referral.referrer_id == customer_id).order_by(col(Referral.id).desc())
    return list(session.exec(query.limit(200)).all())
