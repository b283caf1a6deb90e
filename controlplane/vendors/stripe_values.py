"""What we know of Stripe's objects, frozen, in our words. Both shapes that API versions have given them are read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Raw = Mapping[str, Any]


@dataclass(frozen=True)
class NewSession:
    """A payment page as we want it."""

    order_id: str
    customer: str
    prices: tuple[tuple[str, int | None], ...]  # (price, quantity); no quantity where it is metered
    success_url: str
    cancel_url: str
    locale: str
    expires_at: datetime
    coupon: str = ""
    trial_days: int = 0
    collects_vat_id: bool = False
    marks: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class EventSeen:
    id: str
    type: str
    body: Raw


@dataclass(frozen=True)
class Session:
    id: str
    url: str
    status: str  # open, complete, expired
    payment_status: str  # paid, unpaid, no_payment_required
    order_id: str
    env: str
    customer: str
    subscription: str
    invoice: str
    payment_intent: str
    subtotal: int
    discount: int
    total: int
    expires_at: datetime | None
    livemode: bool

    @property
    def is_funded(self) -> bool:
        return self.status == "complete" and self.payment_status != "unpaid"


@dataclass(frozen=True)
class Item:
    id: str
    price: str
    offer: str
    quantity: int
    interval: str
    metered: bool


@dataclass(frozen=True)
class SubscriptionSeen:
    id: str
    customer: str
    order_id: str
    env: str
    status: str
    items: tuple[Item, ...]
    period_start: datetime | None
    period_end: datetime | None
    cancel_at: datetime | None
    cancel_at_period_end: bool
    trial_end: datetime | None
    ended_at: datetime | None
    latest_invoice: str
    created: datetime | None

    @property
    def is_over(self) -> bool:
        return self.status in {"canceled", "incomplete_expired"}


@dataclass(frozen=True)
class InvoiceSeen:
    id: str
    customer: str
    subscription: str
    order_id: str
    env: str
    number: str
    status: str
    billing_reason: str
    currency: str
    total: int
    tax: int
    amount_due: int
    amount_paid: int
    attempts: int
    next_attempt_at: datetime | None
    issued_at: datetime | None
    paid_at: datetime | None
    hosted_url: str
    pdf_url: str


@dataclass(frozen=True)
class ChargeSeen:
    id: str
    customer: str
    payment_intent: str
    status: str
    currency: str
    amount: int
    refunded: int
    disputed: bool
    fingerprint: str


@dataclass(frozen=True)
class ClaimSeen:
    id: str
    kind: str  # refund, dispute, fraud_warning
    charge: str
    amount: int
    status: str
    reason: str
    decision: str  # ours, when we asked for it


def moment(seconds: Any) -> datetime | None:
    return datetime.fromtimestamp(int(seconds), UTC) if seconds else None


def identity(value: Any) -> str:
    """An id, whether the object was expanded or not."""
    if isinstance(value, Mapping):
        return str(value.get("id", ""))
    return str(value or "")


def metadata(raw: Raw, name: str) -> str:
    return str((raw.get("metadata") or {}).get(name, ""))


def session(raw: Raw) -> Session:
    details = raw.get("total_details") or {}
    return Session(
        id=raw["id"],
        url=raw.get("url") or "",
        status=raw.get("status") or "",
        payment_status=raw.get("payment_status") or "",
        order_id=metadata(raw, "order") or str(raw.get("client_reference_id") or ""),
        env=metadata(raw, "env"),
        customer=identity(raw.get("customer")),
        subscription=identity(raw.get("subscription")),
        invoice=identity(raw.get("invoice")),
        payment_intent=identity(raw.get("payment_intent")),
        subtotal=raw.get("amount_subtotal") or 0,
        discount=details.get("amount_discount") or 0,
        total=raw.get("amount_total") or 0,
        expires_at=moment(raw.get("expires_at")),
        livemode=bool(raw.get("livemode")),
    )


def subscription(raw: Raw) -> SubscriptionSeen:
    found = [_item(item) for item in raw["items"]["data"]]
    first = raw["items"]["data"][0] if raw["items"]["data"] else {}
    return SubscriptionSeen(
        id=raw["id"],
        customer=identity(raw.get("customer")),
        order_id=metadata(raw, "order"),
        env=metadata(raw, "env"),
        status=raw["status"],
        items=tuple(found),
        # moved to the items in 2025-03-31.basil
        period_start=moment(raw.get("current_period_start") or first.get("current_period_start")),
        period_end=moment(raw.get("current_period_end") or first.get("current_period_end")),
        cancel_at=moment(raw.get("cancel_at")),
        cancel_at_period_end=bool(raw.get("cancel_at_period_end")),
        trial_end=moment(raw.get("trial_end")),
        ended_at=moment(raw.get("ended_at")),
        latest_invoice=identity(raw.get("latest_invoice")),
        created=moment(raw.get("created")),
    )


def _item(raw: Raw) -> Item:
    price = raw["price"]
    recurring = price.get("recurring") or {}
    return Item(
        id=raw["id"],
        price=price["id"],
        offer=metadata(price, "offer"),
        quantity=int(raw.get("quantity") or 0),
        interval=str(recurring.get("interval") or "once"),
        metered=recurring.get("usage_type") == "metered",
    )


def subscription_of(raw: Raw) -> tuple[str, Raw]:
    """(subscription, its metadata) of an invoice; moved below `parent` in 2025-03-31.basil."""
    details = (raw.get("parent") or {}).get("subscription_details") or raw.get("subscription_details") or {}
    return identity(details.get("subscription") or raw.get("subscription")), details.get("metadata") or {}


def invoice(raw: Raw) -> InvoiceSeen:
    subscription_id, given = subscription_of(raw)
    transitions = raw.get("status_transitions") or {}
    return InvoiceSeen(
        id=raw["id"],
        customer=identity(raw.get("customer")),
        subscription=subscription_id,
        order_id=str(given.get("order") or metadata(raw, "order")),
        env=str(given.get("env") or metadata(raw, "env")),
        number=raw.get("number") or "",
        status=raw.get("status") or "",
        billing_reason=raw.get("billing_reason") or "",
        currency=raw.get("currency") or "",
        total=raw.get("total") or 0,
        tax=sum(part["amount"] for part in raw.get("total_taxes") or []) or raw.get("tax") or 0,
        amount_due=raw.get("amount_due") or 0,
        amount_paid=raw.get("amount_paid") or 0,
        attempts=raw.get("attempt_count") or 0,
        next_attempt_at=moment(raw.get("next_payment_attempt")),
        issued_at=moment(raw.get("created")),
        paid_at=moment(transitions.get("paid_at")),
        hosted_url=raw.get("hosted_invoice_url") or "",
        pdf_url=raw.get("invoice_pdf") or "",
    )


def charge(raw: Raw) -> ChargeSeen:
    details = raw.get("payment_method_details") or {}
    method: Raw = details.get(details.get("type") or "") or {}
    return ChargeSeen(
        id=raw["id"],
        customer=identity(raw.get("customer")),
        payment_intent=identity(raw.get("payment_intent")),
        status=raw.get("status") or "",
        currency=raw.get("currency") or "",
        amount=raw.get("amount") or 0,
        refunded=raw.get("amount_refunded") or 0,
        disputed=bool(raw.get("disputed")),
        fingerprint=str(method.get("fingerprint") or ""),
    )


def claim(raw: Raw) -> ClaimSeen:
    kind = {"refund": "refund", "dispute": "dispute"}.get(raw["object"], "fraud_warning")
    warned = "actionable" if raw.get("actionable") else "closed"
    return ClaimSeen(
        id=raw["id"],
        kind=kind,
        charge=identity(raw.get("charge")),
        amount=raw.get("amount") or 0,
        status=str(raw.get("status") or warned),
        reason=str(raw.get("reason") or raw.get("fraud_type") or ""),
        decision=metadata(raw, "decision"),
    )
