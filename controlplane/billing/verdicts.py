"""Carrying out what was decided. Each choice is repeatable: it is keyed by the decision at Stripe."""

from collections.abc import Callable
from typing import Any

from sqlmodel import Session, select

from controlplane.billing import fulfilment, notices, referrals, standing
from controlplane.billing.ledger import Decision, DecisionState
from controlplane.billing.models import Order, OrderState
from controlplane.core.errors import Refused
from controlplane.gateways import Gateways
from controlplane.vendors.stripe_values import ChargeSeen


def carry_out(gateways: Gateways, decision_id: str) -> None:
    with gateways.db.transaction() as session:
        row = session.get(Decision, decision_id)
        if row is None or row.state != DecisionState.CHOSEN:
            return
        order = session.get_one(Order, row.order_id)
    result = VERDICTS[row.choice](gateways, row, order)
    with gateways.db.transaction() as session:
        row = session.exec(select(Decision).where(Decision.id == decision_id).with_for_update()).one()
        if row.state == DecisionState.CHOSEN:
            row.state, row.result, row.error, row.next_attempt_at = DecisionState.DONE, result, "", None
            session.add(row)
            _tell(session, gateways, row, order)


def _start(gateways: Gateways, row: Decision, order: Order) -> dict[str, Any]:
    """A free or odd order may run after all."""
    del row
    with gateways.db.transaction() as session:
        fulfilment.fund(session, gateways, fulfilment.locked(session, order.id))
    return {"funded": True}


def _resume(gateways: Gateways, row: Decision, order: Order) -> dict[str, Any]:
    del row
    with gateways.db.transaction() as session:
        found = fulfilment.locked(session, order.id)
        found.frozen = ""
        standing.steer(session, gateways, found)
    return {"resumed": True}


def _end(gateways: Gateways, row: Decision, order: Order) -> dict[str, Any]:
    if order.stripe_subscription:
        gateways.stripe.cancel(order.stripe_subscription, at_period_end=False, key=f"end:{row.id}")
    with gateways.db.transaction() as session:
        found = fulfilment.locked(session, order.id)
        found.frozen, found.ended_at = "", found.ended_at or gateways.now()
        if found.funded_at is None:
            fulfilment.end_unpaid(session, gateways, found, OrderState.CANCELLED)
        standing.steer(session, gateways, found)
    return {"ended": True}


def _refund(gateways: Gateways, row: Decision, order: Order) -> dict[str, Any]:
    """As much as was decided, from the newest payments backwards; one refund of this decision for each payment."""
    left = row.amount
    refunds: list[str] = []
    for charge in _charges(gateways, row, order):
        made = next((claim for claim in gateways.stripe.claims(charge.id) if claim.decision == row.id), None)
        part = min(left, charge.amount - charge.refunded)
        if made is None and part > 0:
            made = gateways.stripe.refund(charge.id, amount=part, decision=row.id)
        if made:
            refunds.append(made.id)
            left -= made.amount
    if left > 0:
        raise Refused(f"{left} of {row.amount} cannot be paid back: not that much was charged")
    return {"refunds": refunds}


def _charges(gateways: Gateways, row: Decision, order: Order) -> list[ChargeSeen]:
    """Of the invoice in question, else all that can be paid back."""
    about = row.dedup.partition(":")[2]
    seen = gateways.stripe.charges(order.stripe_customer)
    wanted = [one for one in seen if one.status == "succeeded" and not one.disputed]
    if row.kind != "late_payment":
        return wanted
    return [one for one in wanted if gateways.stripe.invoice_of(one.payment_intent) == about]


def _refund_and_end(gateways: Gateways, row: Decision, order: Order) -> dict[str, Any]:
    return {**_refund(gateways, row, order), **_end(gateways, row, order)}


def _credit(gateways: Gateways, row: Decision, order: Order) -> dict[str, Any]:
    text = "Gutschrift für die Verspätung" if order.locale == "de" else "Credit for the delay"
    credited = gateways.stripe.credit(
        order.stripe_customer, amount=row.amount, currency=row.currency, text=text, why=f"decision:{row.id}"
    )
    return {"credit": credited}


def _reward(gateways: Gateways, row: Decision, order: Order) -> dict[str, Any]:
    del order
    referrals.decided(gateways, row.dedup.partition(":")[2], agreed=row.choice == "reward")
    return {"rewarded": row.choice == "reward"}


def _keep(gateways: Gateways, row: Decision, order: Order) -> dict[str, Any]:
    del gateways, row, order
    return {}


Verdict = Callable[[Gateways, Decision, Order], dict[str, Any]]
VERDICTS: dict[str, Verdict] = {
    "start": _start,
    "resume": _resume,
    "end": _end,
    "refund": _refund,
    "refund_and_end": _refund_and_end,
    "credit": _credit,
    "keep": _keep,
    "wait": _keep,
    "reward": _reward,
    "refuse": _reward,
}
LETTERS = {"refund": "refunded", "refund_and_end": "refunded", "credit": "credited"}


def _tell(session: Session, gateways: Gateways, row: Decision, order: Order) -> None:
    kind = LETTERS.get(row.choice)
    if kind:
        notices.paid_back(session, gateways, order, about=row.id, amount=row.amount, kind=kind)
