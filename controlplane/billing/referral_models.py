"""Who recommended us to whom, and what came of it."""

from enum import StrEnum

from sqlalchemy import Index
from sqlmodel import Field

from controlplane.core.db import Row, Stamp, stamp_field, words


class ReferralState(StrEnum):
    ATTRIBUTED = "attributed"  # ordered, not paid yet
    WAITING = "waiting"  # paid; the reward is due after the time in which money may go back
    REWARDED = "rewarded"
    REFUSED = "refused"
    PERSON = "person"  # more than a person usually recommends


class ReferralCode(Row, table=True):
    __tablename__ = "referral_codes"

    customer_id: str = Field(foreign_key="customers.id", unique=True)
    code: str = Field(unique=True, max_length=10)  # 50 bits


class Referral(Row, table=True):
    __tablename__ = "referrals"
    __table_args__ = (Index("ix_referrals_due", "state", "due_at"),)

    code: str = Field(index=True)
    referrer_id: str = Field(foreign_key="customers.id", index=True)
    referred_id: str = Field(foreign_key="customers.id", unique=True)  # a person is new once
    order_id: str = Field(foreign_key="orders.id", unique=True)
    state: ReferralState = Field(default=ReferralState.ATTRIBUTED, sa_type=words(ReferralState))
    reason: str = ""
    paid_at: Stamp | None = stamp_field()
    due_at: Stamp | None = stamp_field(index=True)
    reward: int = 0
    currency: str = "eur"
    vendor_id: str = ""
    rewarded_at: Stamp | None = stamp_field()
