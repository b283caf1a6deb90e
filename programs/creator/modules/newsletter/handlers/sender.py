"""Sends a letter page by page: each page puts the next one into the queue when it is through."""

import json
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any

from programs.creator.modules.newsletter.handlers import suppressed
from programs.creator.modules.newsletter.handlers.tokens import token
from programs.creator.runtime.aws import client
from programs.creator.runtime.documents import Item, change, get, query, write
from programs.creator.runtime.mail import Mail, Undeliverable, send
from programs.creator.runtime.once import first, forget
from programs.creator.runtime.settings import text

PAGE = 25
MONTH = 30 * 86_400


def handle(event: Mapping[str, Any], _context: object = None) -> dict[str, Any]:
    """What fails comes again; who got the letter already is passed over then."""
    failed = []
    for record in event["Records"]:
        try:
            _page(json.loads(record["body"]))
        except Exception:
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}


def _page(message: dict[str, Any]) -> None:
    key = {"campaignId": message["campaignId"]}
    letter = get("campaigns", **key)
    if letter is None:
        return
    found = query(
        "subscribers", "#status = :c", {"c": "confirmed"}, index="status-index", limit=PAGE, after=message.get("after")
    )  # fmt: skip
    for subscriber in found.items:
        _deliver(letter, subscriber["email"])
    if found.after is None:
        write(change("campaigns", key, set={"state": "sent"}))
    else:
        following = json.dumps({**key, "after": found.after})
        client("sqs").send_message(QueueUrl=text("QUEUE_NEWS"), MessageBody=following)


def _deliver(letter: Item, to: str) -> None:
    """The index may be behind: who left a moment ago is asked for once more."""
    row = get("subscribers", consistent=True, email=to)
    mark = f"sent#{letter['campaignId']}#{sha256(to.encode()).hexdigest()}"
    if not row or row["status"] != "confirmed" or not first(mark, kind="letter", seconds=MONTH):
        return
    try:
        send(_mail(letter, to, mark))
    except Undeliverable:
        write(suppressed.note(to, "bounced"))
        write(change("subscribers", {"email": to}, set={"status": "bounced"}, when="attribute_exists(#email)"))
        return
    except Exception:
        forget(mark)
        raise
    write(change("campaigns", {"campaignId": letter["campaignId"]}, add={"sent": 1}))


def _mail(letter: Item, to: str, mark: str) -> Mail:
    leave = f"{text('SITE_ORIGIN')}/api/newsletter/unsubscribe?t={token('leave', to)}"
    headers = {"List-Unsubscribe": f"<{leave}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    mail = Mail(to, letter["subject"], letter["text"], html=letter["html"], headers=headers)
    return replace(mail, sender=text("NEWS_FROM"), key=mark)
