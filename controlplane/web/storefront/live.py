"""How an order stands, in the words of whoever waits for it: one sentence, one action at most, six steps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import Session

from controlplane.billing.models import Order, OrderState
from controlplane.gateways import Gateways
from controlplane.provisioning import progress
from controlplane.web.usual import Usual, lately
from tenants.lifecycle import SERVING, State
from tenants.models import Tenant

# What a customer calls a part of the work, and the technical steps in it; a step nobody sorted belongs to `build`.
GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("payment", ()),
    ("build", ("begin", "account", "enter", "mail_domain", "stack", "edge_document", "app_secrets", "owner")),
    ("website", ("starter_site", "names", "live_stack", "frontend")),
    ("mail", ("mail_proof", "mail_key")),
    ("check", ("probe", "smoke", "backup")),
    ("handover", ("hand_over",)),
)
UNPAID = {
    OrderState.DRAFT: ("payment_page", "yours"),
    OrderState.AWAITING_PAYMENT: ("awaiting_payment", "yours"),
    OrderState.AWAITING_FUNDS: ("awaiting_funds", "waiting"),
    OrderState.AWAITING_APPROVAL: ("with_us", "waiting"),
    OrderState.EXPIRED: ("expired", "off"),
    OrderState.CANCELLED: ("cancelled", "off"),
    OrderState.PAYMENT_FAILED: ("payment_failed", "danger"),
    OrderState.REFUNDED: ("refunded", "off"),
}
OVER = frozenset({OrderState.EXPIRED, OrderState.CANCELLED, OrderState.REFUNDED})
CALM = frozenset({State.SUSPENDED, State.CANCELLED, State.RETENTION, State.DEPROVISIONING, State.DEPROVISIONED})


@dataclass(frozen=True)
class Standing:
    """Everything that the live page says; rendered whole each time, so that a lost message changes nothing."""

    slug: str
    number: str
    word: str  # key of headline and sentence
    tone: str
    steps: tuple[tuple[str, str], ...] = ()  # customer's word, state
    technical: tuple[Mapping[str, Any], ...] = ()
    url: str = ""
    checkout_url: str = ""
    held_until: datetime | None = None
    promised_at: datetime | None = None
    late: bool = False
    live_at: datetime | None = None
    funded_at: datetime | None = None
    usual: Usual | None = None
    seconds: Mapping[str, float] = field(default_factory=dict)  # customer's word → how long it took
    slow: bool = False  # longer than nine in ten took
    ended: bool = False  # nothing will change by itself any more

    @property
    def done(self) -> int:
        return sum(state == "done" for _name, state in self.steps)


def of_order(session: Session, gateways: Gateways, order: Order) -> Standing:
    if order.state is not OrderState.FUNDED or not order.tenant_id:
        word, tone = UNPAID.get(order.state, ("paid", "accent"))
        return Standing(
            word=word, tone=tone, checkout_url=order.checkout_url or "", held_until=order.session_expires_at,
            ended=order.state in OVER, steps=_steps({}, paid=order.funded_at is not None),
            funded_at=order.funded_at, slug=order.slug, number=order.id[-8:].upper(),
        )  # fmt: skip
    return _of_tenant(session, gateways, order)


def _of_tenant(session: Session, gateways: Gateways, order: Order) -> Standing:
    tenant = session.get_one(Tenant, str(order.tenant_id))
    found = _progress(session, gateways, tenant)
    operation = found.get("operation") or {}
    technical = tuple(operation.get("steps", ())) if operation.get("kind") == "provision" else ()
    word, tone = _word(tenant, operation)
    steps = _steps({step["name"]: step["state"] for step in technical}, paid=True)
    if tenant.live_at:
        steps = tuple((name, "done") for name, _state in steps)
    usual = lately(gateways)[tenant.product] if tone == "accent" else None
    waited = (gateways.now() - tenant.created_at).total_seconds()
    return Standing(
        seconds=_seconds(technical), usual=usual, slow=bool(usual and waited > usual.most),
        word=word, tone=tone, steps=steps, technical=technical, url=str(tenant.facts.get("url") or ""),
        promised_at=tenant.promised_at, late=bool(found.get("late")), live_at=tenant.live_at,
        funded_at=order.funded_at, ended=State(tenant.state) in SERVING | CALM,
        slug=order.slug, number=order.id[-8:].upper(),
    )  # fmt: skip


def _progress(session: Session, gateways: Gateways, tenant: Tenant) -> dict[str, Any]:
    try:
        return progress.of_tenant(session, gateways, tenant.id)
    except KeyError:  # a kind of operation whose steps this version does not know
        return {"late": False}


def _word(tenant: Tenant, operation: Mapping[str, Any]) -> tuple[str, str]:
    state = State(tenant.state)
    if state in SERVING:
        return "live", "ok"
    if state in CALM:
        return "closed", "off"
    if operation.get("phase") in {"parked", "approval"} or state in {State.FAILED, State.QUARANTINED}:
        return "with_us", "waiting"
    if state is State.QUEUED_CAPACITY:
        return "capacity", "waiting"
    if operation.get("phase") == "waiting" and operation.get("attempt", 0) > 1:
        return "again", "accent"
    return ("queued" if state is State.QUEUED else "building"), "accent"


def _seconds(technical: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    took = {step["name"]: float(step["seconds"] or 0) for step in technical}
    return {group: sum(took.get(name, 0) for name in names) for group, names in GROUPS}


def _steps(states: Mapping[str, str], *, paid: bool) -> tuple[tuple[str, str], ...]:
    """Done, now, next: the first that is not done is `now`, and only one."""
    known = {name for _group, names in GROUPS for name in names}
    loose = [name for name in states if name not in known]
    found: list[tuple[str, str]] = []
    for group, names in GROUPS:
        inside = [states[name] for name in (*names, *(loose if group == "build" else ())) if name in states]
        finished = paid if group == "payment" else bool(inside) and all(state == "done" for state in inside)
        current = not finished and all(state == "done" for _name, state in found)
        found.append((group, "done" if finished else "now" if current else "next"))
    return tuple(found)
