"""Jobs and ticks about money. A tick finds rows and wakes; the job takes the row and decides."""

from sqlmodel import col, select

from controlplane.billing import (
    banner,
    decisions,
    fulfilment,
    metering,
    privacy,
    promises,
    referrals,
    retention,
    standing,
    verdicts,
)
from controlplane.billing.models import Order
from controlplane.core.queue import Wakeup
from controlplane.gateways import Gateways

CHECK, STEER, REWARD = "order.check", "order.steer", "referral.reward"
CARRY_OUT, PUSH, ERASE, TELL_EDGE = decisions.CARRY_OUT, metering.PUSH, privacy.ERASE, banner.TELL
BATCH = 100

carry_out, decision_failed = verdicts.carry_out, decisions.failed
push, usage_failed = metering.push, metering.failed
erase, reward = privacy.erase, referrals.reward
promises_sweep, tell_edge = promises.sweep, banner.run


def forget(gateways: Gateways) -> None:
    retention.sweep(gateways)


def check(gateways: Gateways, order_id: str) -> None:
    fulfilment.refresh(gateways, order_id)


def steer(gateways: Gateways, order_id: str) -> None:
    with gateways.db.transaction() as session:
        order = fulfilment.locked(session, order_id)
        if order.steer_at and order.steer_at <= gateways.now():
            standing.steer(session, gateways, order)


def sweep(gateways: Gateways) -> None:
    """Orders that wait for money, and tenants that do not yet stand where the money says."""
    now = gateways.now()
    with gateways.db.transaction() as session:
        checks = session.exec(select(Order.id, Order.checks).where(col(Order.check_at) <= now).limit(BATCH)).all()
        banners = banner.due(session, gateways)
        steers = session.exec(select(Order.id).where(col(Order.steer_at) <= now).limit(BATCH)).all()
    gateways.queue.push(banners)
    gateways.queue.push([Wakeup(CHECK, found, attempt=count) for found, count in checks])
    gateways.queue.push([Wakeup(STEER, found, attempt=int(now.timestamp())) for found in steers])


def slow_sweep(gateways: Gateways) -> None:
    """What was decided, used, asked to be forgotten or earned, and is due."""
    metering.sweep(gateways)
    gateways.queue.push([*decisions.due(gateways), *privacy.due(gateways)])
    hour = int(gateways.now().timestamp()) // 3600
    with gateways.db.transaction() as session:
        rewards = referrals.due(session, now=gateways.now())
    gateways.queue.push([Wakeup(REWARD, found, attempt=hour) for found in rewards])
