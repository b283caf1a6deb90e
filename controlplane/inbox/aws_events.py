"""What the accounts of creators tell: alarms that fire and end, copies that failed, somebody who came in as root.

A message is a hint: which alarms fire now is asked of the account itself.
"""

import json
from collections.abc import Mapping
from typing import Any

from sqlmodel import Session, select

from controlplane.accounts.costs import COUNT
from controlplane.accounts.models import Account
from controlplane.core.queue import Wakeup
from controlplane.gateways import Gateways
from controlplane.inbox.models import InboxEvent
from controlplane.inbox.service import News
from tenants import service as tenants
from tenants.conditions import OK, Concern, Finding, Health, Who
from tenants.models import Tenant

CONFIRM, ALARM, EVENT = "subscription", "alarm", "event"
TOPIC = "creator-alarms"
RINGING = "alarm"
ABOUT_USE = {"creator-site-traffic", "budget"}
# What EventBridge tells, and what it means for the creator's cloud.
MEANINGS = {
    "Backup Job State Change": ("backup_failed", "look_at_backups"),
    "AWS Console Sign In via CloudTrail": ("root_login", "ask_who_it_was"),
}


def news(gateways: Gateways, message: Mapping[str, Any]) -> News:
    topic = str(message["TopicArn"])
    account_id = topic.split(":")[4]
    with gateways.db.transaction() as session:
        known = session.exec(select(Account).where(Account.account_id == account_id)).first()
    ours = known is not None and topic.rpartition(":")[2] == TOPIC
    if message["Type"] != "Notification":
        facts = {"topic": topic, "token": str(message.get("Token", ""))}
        return News("aws", str(message["MessageId"]), CONFIRM, account_id, facts, is_ours=ours)
    kind, facts = _told(str(message.get("Message", "")))
    return News("aws", str(message["MessageId"]), kind, account_id, facts, is_ours=ours)


def _told(text: str) -> tuple[str, dict[str, Any]]:
    try:
        found = json.loads(text)
    except ValueError:
        found = {}
    if not isinstance(found, dict):
        found = {}
    if "AlarmName" in found:
        return ALARM, {"alarm": str(found["AlarmName"])[:200], "state": str(found.get("NewStateValue", ""))}
    return EVENT, {"detail": str(found.get("detail-type", "budget"))[:100]}


def read(gateways: Gateways, event: InboxEvent) -> Finding | None:
    """What is true of the account now; None: nothing to say about it."""
    member = gateways.aws.member(event.object_id)
    if event.type == CONFIRM:
        member.confirm(event.facts["topic"], event.facts["token"])
        return None
    if event.type == ALARM:
        ringing = member.alarms_ringing()
        text = ", ".join(sorted(ringing))
        return Finding(Health.ATTENTION, RINGING, text, "look_at_alarms", Who.OPERATOR) if ringing else OK
    reason, action = MEANINGS.get(event.facts.get("detail", ""), ("cost_warning", "look_at_costs"))
    return Finding(Health.ATTENTION, reason, event.facts.get("detail", ""), action, Who.OPERATOR)


def apply(session: Session, gateways: Gateways, event: InboxEvent, found: Finding | None) -> None:
    account = session.exec(select(Account).where(Account.account_id == event.object_id)).first()
    if found is None or account is None or account.tenant_id is None:
        return
    tenant = tenants.locked(session, account.tenant_id)
    if tenant is None or (found is OK and not _rings(session, tenant)):
        return  # what somebody else found stays
    tenants.set_condition(session, tenant, Concern.SITE, found, now=gateways.now())
    if {event.facts.get("alarm"), event.facts.get("detail")} & ABOUT_USE:  # a leaked key does not wait for the night
        gateways.queue.defer(session, Wakeup(COUNT, tenant.id, attempt=int(gateways.now().timestamp())))


def _rings(session: Session, tenant: Tenant) -> bool:
    present = tenants.conditions(session, tenant.id).get(Concern.SITE)
    return present is not None and present.reason == RINGING
