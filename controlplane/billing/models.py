"""Who buys, what was offered, what was ordered, and what they agreed to."""

from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Index, text
from sqlmodel import Field, UniqueConstraint

from controlplane.core.db import Row, Stamp, json_field, stamp_field, words


class OrderState(StrEnum):
    DRAFT = "draft"  # no payment page yet
    AWAITING_PAYMENT = "awaiting_payment"  # the payment page is open
    AWAITING_FUNDS = "awaiting_funds"  # paid by a method that takes days
    AWAITING_APPROVAL = "awaiting_approval"  # free or odd: a person looks first
    FUNDED = "funded"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    PAYMENT_FAILED = "payment_failed"
    REFUNDED = "refunded"


WAITING = frozenset({OrderState.AWAITING_PAYMENT, OrderState.AWAITING_FUNDS, OrderState.AWAITING_APPROVAL})
PAID = frozenset({OrderState.FUNDED, OrderState.REFUNDED})


class Customer(Row, table=True):
    __tablename__ = "customers"

    email: str = Field(max_length=320)
    email_key: str = Field(unique=True, max_length=320)  # lower case, without tricks; a blind index once erased
    kind: str = "private"  # private, company
    name: str = Field(default="", max_length=200)
    company: str = Field(default="", max_length=200)
    vat_id: str = Field(default="", max_length=20)
    country: str = Field(default="DE", max_length=2)
    address: dict[str, Any] = json_field()
    locale: str = Field(default="de", max_length=2)
    erased_at: Stamp | None = stamp_field()


class Consent(Row, table=True):
    """Never updated, except that it was withdrawn."""

    __tablename__ = "consents"

    customer_id: str = Field(foreign_key="customers.id", index=True)
    order_id: str = Field(index=True)
    kind: str
    version: str
    language: str
    text_hash: str
    wording: str
    source: str = "checkout"
    given_at: Stamp = stamp_field()
    withdrawn_at: Stamp | None = stamp_field()


class Quote(Row, table=True):
    """A price for a selection, fixed until it expires; its hash covers everything that was promised."""

    __tablename__ = "quotes"

    line: str
    locale: str = "de"
    buyer: str = "private"
    country: str = Field(default="DE", max_length=2)
    selection: dict[str, Any] = json_field()
    lines: list[dict[str, Any]] = json_field(list)
    currency: str = "eur"
    subtotal: int = Field(sa_type=BigInteger)
    discount: int = Field(default=0, sa_type=BigInteger)
    total: int = Field(sa_type=BigInteger)  # due with the first payment, as Stripe will show it before tax on top
    recurring: int = Field(default=0, sa_type=BigInteger)  # each interval, without discounts
    tax_estimate: int = Field(default=0, sa_type=BigInteger)
    discount_code: str = ""
    trial_days: int = 0
    referral_code: str = Field(default="", index=True)
    attribution: dict[str, Any] = json_field()
    running_cost: dict[str, Any] = json_field()
    catalog_version: str = ""
    replaces_order: str = ""  # a plan change of this order instead of a purchase
    digest: str = ""
    valid_until: Stamp = stamp_field(index=True)


class Order(Row, table=True):
    __tablename__ = "orders"
    __table_args__ = (
        Index("ix_orders_check_at", "check_at", postgresql_where=text("check_at IS NOT NULL")),
        Index("ix_orders_steer_at", "steer_at", postgresql_where=text("steer_at IS NOT NULL")),
        Index("ix_orders_edge_due_at", "edge_due_at", postgresql_where=text("edge_due_at IS NOT NULL")),
        CheckConstraint("(state NOT IN ('funded', 'refunded')) OR funded_at IS NOT NULL", name="funded"),
    )

    token: str = Field(unique=True, max_length=40)  # 128 bits: who has it may watch the order
    quote_id: str = Field(foreign_key="quotes.id", unique=True)  # one order for one quote
    customer_id: str = Field(foreign_key="customers.id", index=True)
    product: str
    slug: str = Field(max_length=40)
    name: str = Field(default="", max_length=200)
    locale: str = Field(default="de", max_length=2)
    buyer: dict[str, Any] = json_field()  # as typed at checkout
    state: OrderState = Field(default=OrderState.DRAFT, sa_type=words(OrderState))
    selection: dict[str, Any] = json_field()  # what is subscribed to now
    currency: str = "eur"
    total: int = Field(default=0, sa_type=BigInteger)
    stripe_customer: str = Field(default="", index=True)
    stripe_session: str | None = Field(default=None, unique=True)
    stripe_subscription: str | None = Field(default=None, unique=True)
    checkout_url: str = ""
    session_expires_at: Stamp | None = stamp_field()
    funded_at: Stamp | None = stamp_field()
    tenant_id: str | None = Field(default=None, index=True, max_length=26)
    frozen: str = ""  # why a person must look before it runs on: dispute, fraud_warning, refund
    ended_at: Stamp | None = stamp_field()  # the subscription is over
    read_at: Stamp | None = stamp_field()  # when Stripe was last asked about it
    check_at: Stamp | None = stamp_field()  # ask Stripe again then: an event may be lost
    checks: int = 0
    steer_at: Stamp | None = stamp_field()  # the tenant does not yet stand where the money says it should
    edge_wanted: str = "active:"  # what the edge shall show because of money: status and banner
    edge_due_at: Stamp | None = stamp_field()  # it has not been told yet

    @property
    def page(self) -> str:
        """Where its buyer watches it."""
        return f"/en/order/{self.token}" if self.locale == "en" else f"/de/bestellung/{self.token}"


class CatalogPrice(Row, table=True):
    """Which price at Stripe stands for an offer, interval and kind of buyer; one living row per lookup key."""

    __tablename__ = "catalog_prices"
    __table_args__ = (
        Index("uq_catalog_prices_living", "lookup_key", unique=True, postgresql_where=text("archived_at IS NULL")),
        UniqueConstraint("stripe_price"),
    )

    offer: str
    lookup_key: str
    interval: str
    buyer: str
    amount: int = Field(sa_type=BigInteger)
    currency: str
    stripe_product: str
    stripe_price: str
    archived_at: Stamp | None = stamp_field()
