"""Sending one e-mail: claim the row, hand it to the vendor under the row's key, write down the vendor's id.

The vendor remembers a key for a day. Within it a lost answer is asked for again; after it nobody can know whether the
first attempt went through, so a person decides.
"""

from datetime import timedelta

from sqlmodel import Session, select

from controlplane.core.errors import NeedsPerson, Refused, TryLater
from controlplane.delivery import service
from controlplane.delivery.models import Email, EmailState
from controlplane.delivery.wording import render
from controlplane.gateways import Gateways
from controlplane.vendors.resend import Message

LEASE = timedelta(seconds=60)
KEY_LIVES = timedelta(hours=23)
USEFUL_FOR = timedelta(days=3)


def send(gateways: Gateways, email_id: str) -> None:
    email = _claim(gateways, email_id)
    if email is None:
        return
    letter = render(email.kind, email.locale, service.contents(gateways, email))
    message = Message(
        sender=gateways.settings.resend.sender,
        to=email.to,
        reply_to=gateways.settings.resend.reply_to,
        subject=letter.subject,
        html=letter.html,
        text=letter.text,
        tags={"email": email.id, "env": gateways.settings.name},
    )
    vendor_id = gateways.resend.send(message, key=f"{gateways.settings.name}:email:{email.id}")
    with gateways.db.transaction() as session:
        row = _settled(session, email)
        if row is None:
            return
        row.vendor_id, row.sent_at = vendor_id, gateways.now()
        if row.state == EmailState.SENDING:  # a webhook may have been faster
            row.state = EmailState.SENT
        row.next_attempt_at, row.error = None, ""
        session.add(row)


def _claim(gateways: Gateways, email_id: str) -> Email | None:
    now = gateways.now()
    with gateways.db.transaction() as session:
        query = select(Email).where(Email.id == email_id).with_for_update(skip_locked=True)
        row = session.exec(query).first()
        if row is None or row.state not in {EmailState.QUEUED, EmailState.SENDING}:
            return None
        if row.next_attempt_at and row.next_attempt_at > now:
            return None
        session.add(row)
        ending = _ending(session, row, gateways)
        if ending:
            row.state, row.error = ending
            row.next_attempt_at = None
            return None
        row.state, row.next_attempt_at = EmailState.SENDING, now + LEASE
        row.attempts, row.fence = row.attempts + 1, row.fence + 1
        row.first_attempt_at = row.first_attempt_at or now
    return row


def _ending(session: Session, row: Email, gateways: Gateways) -> tuple[EmailState, str] | None:
    now = gateways.now()
    if service.is_suppressed(session, row.to):
        return EmailState.SUPPRESSED, "this address gets no more mail"
    if row.first_attempt_at and now - row.first_attempt_at > KEY_LIVES:
        return EmailState.PARKED, "nobody knows whether it was sent: the vendor has forgotten the key"
    if row.first_attempt_at is None and now - row.created_at > USEFUL_FOR:
        return EmailState.EXPIRED, "too old to be of use"
    return None


def _settled(session: Session, email: Email) -> Email | None:
    row = session.exec(select(Email).where(Email.id == email.id).with_for_update()).one()
    return row if row.fence == email.fence else None


def failed(gateways: Gateways, email_id: str, error: Exception) -> None:
    """What the vendor refuses for good is parked; what a person or time mends is tried again."""
    with gateways.db.transaction() as session:
        row = session.exec(select(Email).where(Email.id == email_id).with_for_update()).one()
        if row.state != EmailState.SENDING:
            return
        row.error = str(error)[:500]
        if isinstance(error, Refused) or row.attempts >= 40:
            row.state, row.next_attempt_at = EmailState.PARKED, None
        else:
            row.state, row.next_attempt_at = EmailState.QUEUED, gateways.now() + service.pause(row.attempts)
        session.add(row)


def run(gateways: Gateways, email_id: str) -> None:
    try:
        send(gateways, email_id)
    except (TryLater, NeedsPerson) as error:
        failed(gateways, email_id, error)  # the sweep wakes it when it is due


def sweep(gateways: Gateways) -> None:
    with gateways.db.transaction() as session:
        wakeups = service.due(session, now=gateways.now())
    gateways.queue.push(wakeups)
