"""A mail as the API takes it, checked field by field."""

import re
from datetime import datetime, timedelta
from typing import Any

from sandbox.kit.store import Doc
from sandbox.resend.address import recipients, sender
from sandbox.resend.attachment import parse_attachments
from sandbox.resend.errors import invalid, missing
from sandbox.resend.schedule import parse_moment
from sandbox.resend.vendor import stamp

FIELDS = frozenset(
    "from to cc bcc reply_to subject html text headers attachments tags scheduled_at template topic_id".split()
)
FURTHEST = timedelta(days=30)
_TAG = re.compile(r"^[A-Za-z0-9_-]{1,256}$")


def parse_message(fields: Any, now: datetime) -> Doc:
    if not isinstance(fields, dict):
        raise invalid("An email must be a JSON object.")
    for unknown in sorted(fields.keys() - FIELDS):
        raise invalid(f"Unknown field `{unknown}`.")
    for absent in (name for name in ("template", "topic_id") if fields.get(name)):
        raise invalid(f"The sandbox has no templates and topics: send `html` or `text` instead of `{absent}`.")
    return {
        "from": sender(fields),
        "to": recipients(fields, "to", required=True),
        "cc": recipients(fields, "cc"),
        "bcc": recipients(fields, "bcc"),
        "reply_to": recipients(fields, "reply_to"),
        "subject": _subject(fields),
        "headers": _headers(fields.get("headers")),
        "tags": _tags(fields.get("tags")),
        "scheduled_at": _scheduled(fields.get("scheduled_at"), now),
        **_content(fields),
        "attachments": parse_attachments(fields.get("attachments")),
    }


def _subject(fields: dict[str, Any]) -> str:
    subject = fields.get("subject")
    if not subject:
        raise missing("subject")
    if not isinstance(subject, str) or "\n" in subject or len(subject) > 998:
        raise invalid("The `subject` field must be one line of text.")
    return subject


def _content(fields: dict[str, Any]) -> Doc:
    content = {name: fields.get(name) for name in ("html", "text")}
    if not any(content.values()):
        raise missing("html` or `text")
    if not all(value is None or isinstance(value, str) for value in content.values()):
        raise invalid("The `html` and `text` fields must be strings.")
    return content


def _headers(value: Any) -> dict[str, str]:
    headers = value or {}
    texts = isinstance(headers, dict) and all(isinstance(text, str) for text in headers.values())
    if not texts or any("\n" in text or "\r" in text for pair in headers.items() for text in pair):
        raise invalid("The `headers` field must be an object of one-line strings.")
    return dict(headers)


def _tags(value: Any) -> list[dict[str, str]]:
    tags = value or []
    if not isinstance(tags, list) or not all(isinstance(tag, dict) and set(tag) == {"name", "value"} for tag in tags):
        raise invalid("The `tags` field must be a list of objects with `name` and `value`.")
    if not all(isinstance(text, str) and _TAG.match(text) for tag in tags for text in tag.values()):
        raise invalid("Tags should only contain ASCII letters, numbers, underscores, or dashes, at most 256 of them.")
    return tags


def _scheduled(value: Any, now: datetime) -> str | None:
    if value is None:
        return None
    moment = parse_moment(value, now)
    if moment > now + FURTHEST:
        raise invalid("The `scheduled_at` field must not be more than 30 days ahead.")
    return stamp(moment)
