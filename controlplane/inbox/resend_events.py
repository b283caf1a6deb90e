"""Resend's events: what became of a letter, and what the sending domains are."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session, select

from controlplane.delivery import service as delivery
from controlplane.delivery.models import Email, EmailState
from controlplane.domains import mail
from controlplane.gateways import Gateways
from controlplane.inbox.models import InboxEvent
from controlplane.inbox.service import News
from controlplane.vendors.resend import EmailSeen

STATES = {
    "sent": EmailState.SENT,
    "delivered": EmailState.DELIVERED,
    "delivery_delayed": EmailState.DELAYED,
    "bounced": EmailState.BOUNCED,
    "complained": EmailState.COMPLAINED,
    "failed": EmailState.FAILED,
    "suppressed": EmailState.SUPPRESSED,
}
SILENCING = {EmailState.BOUNCED: "bounced", EmailState.COMPLAINED: "complained", EmailState.SUPPRESSED: "vendor"}
# What we did ourselves (sent a letter, made a domain) is no news. Each look is one of the vendor's few calls a second.
FOLLOWED = frozenset({*(f"email.{name}" for name in STATES if name != "sent"), "domain.updated", "domain.deleted"})


def news(gateways: Gateways, external_id: str, event: Mapping[str, Any]) -> News:
    data = event.get("data") or {}
    tags = data.get("tags") if isinstance(data.get("tags"), Mapping) else {}
    kind = str(event.get("type", ""))
    facts = {"email": str(tags.get("email", "")), "env": str(tags.get("env", ""))} if tags else {}
    bounce = data.get("bounce") or {}
    if bounce:
        facts["bounce"] = str(bounce.get("type", ""))
    if kind == "domain.updated":
        facts["status"] = str(data.get("status", ""))
    ours = facts.get("env") == gateways.settings.name or kind.startswith("domain.")
    object_id = str(data.get("email_id") or data.get("id") or "")
    return News("resend", external_id, kind, object_id, facts, is_ours=kind in FOLLOWED and ours)


def read(gateways: Gateways, event: InboxEvent) -> EmailSeen | None:
    return None if event.type.startswith("domain.") else gateways.resend.email(event.object_id)


def apply(session: Session, gateways: Gateways, event: InboxEvent, seen: EmailSeen | None) -> None:
    """The vendor's last word counts, not the order of the events."""
    if event.type.startswith("domain."):
        mail.heard(session, gateways, event.object_id, status=event.facts.get("status", ""))
    if seen is None:
        return
    row = session.exec(select(Email).where(Email.id == event.facts.get("email", "")).with_for_update()).first()
    state = STATES.get(seen.last_event)
    if row is None or state is None:
        return
    row.vendor_id = row.vendor_id or seen.id
    row.state, row.next_attempt_at = state, None
    session.add(row)
    if state in SILENCING and event.facts.get("bounce") != "Transient":
        delivery.suppress(session, row.to, reason=SILENCING[state], email_id=row.id)
