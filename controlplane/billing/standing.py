"""Where the money says a tenant should stand, and one step towards it.

`standing` is the rule; `steer` compares it with where the tenant is and asks for what is missing. What cannot be asked
now, because an operation runs, is tried again: `order.steer_at` says when.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from sqlmodel import Session

from controlplane.audit.service import tenant_recorder
from controlplane.billing import banner, caps, mirror, notices, plans
from controlplane.billing.ledger import Subscription
from controlplane.billing.models import Order
from controlplane.core.errors import Conflict
from controlplane.gateways import Gateways
from controlplane.provisioning import service as operations
from controlplane.provisioning.models import Kind, Phase
from tenants import service as tenants
from tenants.conditions import OK, Concern, Finding, Health, Who
from tenants.lifecycle import SERVING, State
from tenants.models import Tenant

AGAIN = timedelta(seconds=15)
S = State
CHANGES = frozenset({Kind.UPDATE, Kind.REFRESH, Kind.RESTORE})
UNSTARTED = frozenset({S.QUEUED, S.QUEUED_CAPACITY, S.FAILED})


class Standing(StrEnum):
    RUNNING = "running"
    PAST_DUE = "past_due"  # runs on, with a banner
    SUSPENDED = "suspended"  # closed, comes back with the payment
    CAPPED = "capped"  # paid, but closed until the month is over or the customer allows more
    ENDED = "ended"  # closed, kept for a while, then gone
    FROZEN = "frozen"  # closed until a person has looked


def standing(
    order: Order, subscription: Subscription | None, *, now: datetime, grace: timedelta, capped: bool = False
) -> Standing:
    if order.frozen:
        return Standing.FROZEN
    if order.ended_at or (subscription and subscription.status in {"canceled", "incomplete_expired"}):
        return Standing.ENDED
    if subscription is None or subscription.status in {"active", "trialing", "incomplete"}:
        return Standing.CAPPED if capped else Standing.RUNNING
    since = subscription.past_due_since or now
    if subscription.status == "past_due" and now < since + grace:
        return Standing.CAPPED if capped else Standing.PAST_DUE
    return Standing.SUSPENDED  # unpaid, paused


FINDINGS = {
    Standing.RUNNING: OK,
    Standing.PAST_DUE: Finding(Health.ATTENTION, "payment_failed", "", "pay", Who.CUSTOMER),
    Standing.SUSPENDED: Finding(Health.BLOCKED, "payment_missing", "", "pay", Who.CUSTOMER),
    Standing.CAPPED: Finding(Health.BLOCKED, "usage_cap_reached", "", "raise_cap", Who.CUSTOMER),
    Standing.ENDED: Finding(Health.BLOCKED, "subscription_ended", "", "export_or_order_again", Who.CUSTOMER),
    Standing.FROZEN: Finding(Health.BLOCKED, "frozen", "", "decide", Who.OPERATOR),
}


def steer(session: Session, gateways: Gateways, order: Order) -> None:
    """`order` is locked."""
    tenant = tenants.locked(session, order.tenant_id) if order.tenant_id else None
    order.steer_at = None
    if tenant is None or tenant.state == S.DEPROVISIONED:
        return
    subscription = mirror.subscription_of(session, order.id)
    selling = gateways.settings.selling
    grace = timedelta(days=selling.grace_days)
    capped = caps.is_reached(tenant, gateways.now())
    wanted = standing(order, subscription, now=gateways.now(), grace=grace, capped=capped)
    step = _Step(session, gateways, order, tenant, subscription)
    arrived = STEPS[wanted](step) and not step.is_under_way()
    step.show(wanted, grace)
    banner.want(session, gateways, order, tenant)
    if wanted in {Standing.RUNNING, Standing.PAST_DUE} and arrived:
        arrived = plans.adapt(session, gateways, order)
    later = _due_by_time(wanted, subscription, tenant, grace, gateways.now())
    order.steer_at = later if arrived else gateways.now() + AGAIN
    session.add(order)


def _due_by_time(
    wanted: Standing, subscription: Subscription | None, tenant: Tenant, grace: timedelta, now: datetime
) -> datetime | None:
    """Nothing happens at Stripe then, but time decides."""
    if wanted is Standing.CAPPED:
        return caps.ends_at(now)
    if wanted is Standing.PAST_DUE and subscription and subscription.past_due_since:
        return subscription.past_due_since + grace
    return tenant.retention_until if tenant.state == S.RETENTION else None


class _Step:
    """One step, in one transaction. Each method says whether the tenant has arrived."""

    def __init__(
        self, session: Session, gateways: Gateways, order: Order, tenant: Tenant, subscription: Subscription | None
    ) -> None:
        self.session, self.gateways, self.order = session, gateways, order
        self.tenant, self.subscription = tenant, subscription

    @property
    def state(self) -> State:
        return State(self.tenant.state)

    def run(self) -> bool:
        if self.state is S.PAST_DUE:
            self.move(S.ACTIVE, "paid")
            notices.payment_recovered(self.session, self.gateways, self.order, self.subscription)
        elif self.state is S.SUSPENDED:
            self.ask(Kind.RESUME, "paid")
        elif self.state is S.QUARANTINED:
            self._thaw()
        return self.state not in {S.SUSPENDED, S.QUARANTINED, S.RESUMING}

    def _thaw(self) -> None:
        if self.tenant.live_at:
            self.ask(Kind.RESUME, "decided")
        elif self.ask(Kind.PROVISION, "decided"):
            self.move(S.QUEUED, "decided")

    def warn(self) -> bool:
        if self.state is S.ACTIVE:
            self.move(S.PAST_DUE, "payment failed")
        notices.payment_failed(self.session, self.gateways, self.order, self.subscription)
        return True

    def close(self) -> bool:
        if self.state in SERVING and self.ask(Kind.SUSPEND, "payment"):
            notices.suspended(self.session, self.gateways, self.order, self.subscription)
        return self.state is S.SUSPENDED

    def pause(self) -> bool:
        if self.state in SERVING:
            self.ask(Kind.SUSPEND, "usage cap")
        return self.state is S.SUSPENDED

    def end(self) -> bool:
        if self.state in SERVING:
            self.ask(Kind.SUSPEND, "ended")
        elif self.state in UNSTARTED:
            self._end_before_start()
        elif self.state in {S.SUSPENDED, S.QUARANTINED}:
            self.move(S.CANCELLED, "subscription ended")
            self._retain()
        elif self.state is S.CANCELLED and self.tenant.live_at:
            self._retain()
        elif self.state is S.CANCELLED:
            self.ask(Kind.OFFBOARD, "ended before it was live")
        elif self.state is S.RETENTION and self._retention_is_over():
            self.ask(Kind.OFFBOARD, "retention over")
        return self.state is S.RETENTION and not self._retention_is_over()

    def _end_before_start(self) -> None:
        """Nothing of the customer's is in it yet: it goes at once."""
        if self._stop_operation():
            self.move(S.CANCELLED, "ended before it was live")
            self.ask(Kind.OFFBOARD, "ended before it was live")

    def _retain(self) -> None:
        days = self.gateways.settings.selling.retention_days
        self.tenant.retention_until = self.gateways.now() + timedelta(days=days)
        self.move(S.RETENTION, "kept for a while")
        notices.ended(self.session, self.gateways, self.order, self.tenant)

    def _retention_is_over(self) -> bool:
        until = self.tenant.retention_until
        return until is None or until <= self.gateways.now()

    def freeze(self) -> bool:
        if self.state in SERVING:
            self.ask(Kind.SUSPEND, "frozen")
        elif self.state is S.SUSPENDED or (self.state in UNSTARTED and self._stop_operation()):
            self.move(S.QUARANTINED, self.order.frozen)
        return self.state not in {*SERVING, *UNSTARTED, S.SUSPENDED, S.PROVISIONING}

    def is_under_way(self) -> bool:
        """Something asked for earlier may still take the tenant elsewhere."""
        running = operations.open_operation(self.session, self.tenant.id)
        return running is not None and running.kind in {Kind.SUSPEND, Kind.RESUME, Kind.OFFBOARD}

    def _stop_operation(self) -> bool:
        """True when nothing is under way any more; who runs it stops at the next step."""
        running = operations.open_operation(self.session, self.tenant.id)
        if running is None:
            return True
        running.cancel_requested = True
        self.session.add(running)
        return False

    def ask(self, kind: Kind, cause: str) -> bool:
        try:
            operations.request(self.session, self.gateways, self.tenant, kind, cause=cause)
        except Conflict:
            if kind in {Kind.SUSPEND, Kind.OFFBOARD}:
                self._withdraw_change()
            return False
        return True

    def _withdraw_change(self) -> None:
        """A change that waits for a person must not keep a site up that is not paid for."""
        open_one = operations.open_operation(self.session, self.tenant.id)
        if open_one and open_one.kind in CHANGES and open_one.phase in {Phase.APPROVAL, Phase.PARKED}:
            open_one.cancel_requested = True  # the sweep ends it, the next look finds the way free
            self.session.add(open_one)

    def move(self, to: State, reason: str) -> None:
        recorder = tenant_recorder(self.session)
        tenants.move(self.session, self.tenant, to, reason=reason, now=self.gateways.now(), record=recorder)

    def show(self, wanted: Standing, grace: timedelta) -> None:
        finding, now = FINDINGS[wanted], self.gateways.now()
        if wanted is Standing.FROZEN:
            finding = Finding(Health.BLOCKED, self.order.frozen, "", "decide", Who.OPERATOR)
        until = _due_by_time(wanted, self.subscription, self.tenant, grace, now)
        tenants.set_condition(self.session, self.tenant, Concern.BILLING, finding, now=now, expected_by=until)


STEPS = {
    Standing.RUNNING: _Step.run,
    Standing.PAST_DUE: _Step.warn,
    Standing.SUSPENDED: _Step.close,
    Standing.CAPPED: _Step.pause,
    Standing.ENDED: _Step.end,
    Standing.FROZEN: _Step.freeze,
}
