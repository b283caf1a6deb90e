"""Subscribing, with a second yes by mail, leaving with one click, and starting a letter."""

import json
import time
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from programs.creator.modules.newsletter.handlers.suppressed import is_refused
from programs.creator.modules.newsletter.handlers.tokens import address, holds, token
from programs.creator.runtime import cursor
from programs.creator.runtime.aws import client
from programs.creator.runtime.documents import Item, Unmet, change, get, put, query, write
from programs.creator.runtime.errors import invalid
from programs.creator.runtime.fields import email, form, one_of, text
from programs.creator.runtime.http import Answer, Request, Routes
from programs.creator.runtime.mail import Mail
from programs.creator.runtime.once import idempotent, once
from programs.creator.runtime.outbox import post
from programs.creator.runtime.secrets import value
from programs.creator.runtime.settings import text as setting

handle = Routes()
SUBSCRIBERS, CAMPAIGNS = "subscribers", "campaigns"
SHOWN = ("email", "status", "createdAt", "consentAt")
LETTERS = ("campaignId", "subject", "state", "sent", "createdAt")
PAUSE = 300  # seconds between two mails that ask the same address
LETTER = form(subject=text(1, 200, r"[^\r\n]+"), html=text(1, 50_000), text=text(1, 50_000))
SUBSCRIBE = form(email=email, optional={"locale": one_of("de", "en")})
ASKING = {
    "de": (
        "Bitte bestätigen Sie Ihr Abonnement",
        "Mit diesem Link abonnieren Sie den Newsletter von {site}:\n\n{link}\n\n"
        "Haben Sie ihn nicht bestellt, ist nichts zu tun.",
    ),
    "en": (
        "Please confirm your subscription",
        "With this link you subscribe to the newsletter of {site}:\n\n{link}\n\n"
        "If you did not ask for it, there is nothing to do.",
    ),
}


@handle.add("POST /newsletter/subscribe")
def subscribe(request: Request) -> Answer:
    """The answer never tells who is subscribed."""
    wanted = request.form(SUBSCRIBE)
    to, at = wanted["email"], _now()
    asked = {"status": "pending", "createdAt": at, "consentAt": at, "consentIpHash": _hash(request.ip)}
    if is_refused(to):
        return Answer(202, {})
    with once(f"news#{_hash(to)}", kind="news", seconds=PAUSE) as is_new:
        if is_new and _pending(to, asked):
            _ask(to, at, wanted.get("locale", setting("LOCALE")))
    return Answer(202, {})


def _pending(to: str, asked: Item) -> bool:
    """Not for who subscribes already."""
    try:
        free = "attribute_not_exists(#status) OR #status IN (:pending, :left)"
        states = {"pending": "pending", "left": "unsubscribed"}
        write(change(SUBSCRIBERS, {"email": to}, set=asked, when=free, values=states))
    except Unmet:
        return False
    return True


def _ask(to: str, at: str, locale: str) -> None:
    subject, body = ASKING[locale]
    link = f"{setting('SITE_ORIGIN')}/api/newsletter/confirm?t={token('confirm', to, at)}"
    post(Mail(to, subject, body.format(site=setting("SITE_ORIGIN"), link=link)))


@handle.add("GET /newsletter/confirm")
def confirm(request: Request) -> Answer:
    text = request.query.get("t", "")
    row = get(SUBSCRIBERS, consistent=True, email=address(text))
    if not row or not holds(text, "confirm", row["email"], row["consentAt"]):
        raise invalid("t", "this link is no longer valid")
    try:
        values = {"at": row["consentAt"], "pending": "pending"}
        asked = "#status = :pending AND #consentAt = :at"
        done = {"status": "confirmed", "confirmedAt": _now()}
        write(change(SUBSCRIBERS, {"email": row["email"]}, set=done, when=asked, values=values))
    except Unmet:
        pass  # confirmed before, or left since: the link of back then changes nothing
    return Answer(302, headers={"location": f"{setting('SITE_ORIGIN')}/newsletter/confirmed"})


@handle.add("POST /newsletter/unsubscribe")
def unsubscribe(request: Request) -> Answer:
    """Mail programs call it themselves (RFC 8058); the body they send says nothing more."""
    text = request.query.get("t", "")
    who = address(text)
    if not holds(text, "leave", who):
        raise invalid("t", "this link is not valid")
    try:
        write(change(SUBSCRIBERS, {"email": who}, set={"status": "unsubscribed"}, when="attribute_exists(#email)"))
    except Unmet:
        pass
    return Answer(200, {})


@handle.add("GET /newsletter/subscribers")
def subscribers(request: Request) -> Answer:
    _ = request.admin
    return _page(request, SUBSCRIBERS, "status", ("confirmed", "pending", "unsubscribed", "bounced"), SHOWN)


@handle.add("GET /newsletter/campaigns")
def campaigns(request: Request) -> Answer:
    _ = request.admin
    return _page(request, CAMPAIGNS, "state", ("sent", "sending"), LETTERS)


@handle.add("POST /newsletter/campaigns")
def start(request: Request) -> Answer:
    admin, letter = request.admin, request.form(LETTER)

    def work(attempt: str) -> Answer:
        row = {"campaignId": attempt, **letter, "state": "sending", "sent": 0, "createdAt": _now()}
        write(put(CAMPAIGNS, row))
        page = json.dumps({"campaignId": attempt})
        client("sqs").send_message(QueueUrl=setting("QUEUE_NEWS"), MessageBody=page)
        return Answer(202, {"campaignId": attempt})

    return idempotent(request, admin.user_id, work)


def _page(request: Request, table: str, by: str, choices: tuple[str, ...], shown: tuple[str, ...]) -> Answer:
    wanted = one_of(*choices)(by, request.query.get(by, choices[0]))
    listing = f"{table}/{wanted}"
    after = cursor.opened(request.query.get("next", ""), listing=listing)
    page = query(table, f"#{by} = :v", {"v": wanted}, index=f"{by}-index", newest=True, after=after)
    items: list[dict[str, Any]] = [_some(row, shown) for row in page.items]
    return Answer(200, {"items": items, **cursor.closed(page.after, listing=listing)})


def _some(row: Item, names: tuple[str, ...]) -> Item:
    return {name: row[name] for name in names if name in row}


def _hash(text: str) -> str:
    return sha256(f"{value('app', 'pepper')}{text}".encode()).hexdigest()[:32]


def _now() -> str:
    return datetime.fromtimestamp(time.time(), UTC).isoformat(timespec="milliseconds")
