"""Sending mail from the creator's own domain, by Resend or, once the account may, by SES."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from programs.creator.runtime.aws import client
from programs.creator.runtime.errors import Problem
from programs.creator.runtime.secrets import value
from programs.creator.runtime.settings import optional, text

SECONDS = 6
REFUSED = {400, 422}
BUSY, TRIES, LONGEST = 429, 4, 2.0  # seconds of a pause: a function has ten, or sixty


class Undeliverable(Problem):
    """The transport will never take this mail: trying again is useless."""


@dataclass(frozen=True)
class Mail:
    to: str
    subject: str
    text: str
    reply_to: str = ""
    html: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    sender: str = ""  # where it is not the usual one
    key: str = ""  # the transport sends mails of one key once
    until: int = 0  # after that moment nobody needs it any more


def send(mail: Mail, *, tries: int = TRIES) -> str:
    """The transport's id of the message."""
    return _by_ses(mail) if text("MAIL_TRANSPORT") == "ses" else _by_resend(mail, tries)


def _by_resend(mail: Mail, tries: int) -> str:
    body: dict[str, Any] = {"from": mail.sender or text("MAIL_FROM"), "to": [mail.to], "subject": mail.subject}
    more = {"text": mail.text, "html": mail.html, "reply_to": mail.reply_to, "headers": dict(mail.headers)}
    body |= {name: each for name, each in more.items() if each}
    headers = {"authorization": f"Bearer {value('mail', 'resend_key')}", "content-type": "application/json"}
    # All creators of a platform are one team there: what is the same key to two of them is a forged request.
    headers |= {"idempotency-key": f"{text('TENANT_ID')}/{mail.key}"} if mail.key else {}
    headers |= {"user-agent": "creator"}
    url = f"{text('RESEND_ENDPOINT')}/emails"
    request = urllib.request.Request(url, json.dumps(body).encode(), headers, method="POST")  # noqa: S310
    return _posted(request, tries)


def _posted(request: urllib.request.Request, tries: int) -> str:
    """The transport takes a few mails a second from all of us: turned away because of that, it is asked again."""
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310
            return str(json.load(answer)["id"])
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == BUSY and tries > 1:
            time.sleep(_pause(error.headers.get("retry-after")))
            return _posted(request, tries - 1)
        refused = Undeliverable if error.code in REFUSED else Problem
        raise refused("unavailable", "the mail could not be sent") from None
    except OSError:
        raise Problem("unavailable", "the mail could not be sent") from None


def _pause(told: str | None) -> float:
    return min(float(told), LONGEST) if told and told.isdecimal() else 1.0


def _by_ses(mail: Mail) -> str:
    parts = {"Text": mail.text, "Html": mail.html}
    content: dict[str, Any] = {"Subject": {"Data": mail.subject}}
    content |= {"Body": {name: {"Data": part} for name, part in parts.items() if part}}
    headers = [{"Name": name, "Value": each} for name, each in mail.headers.items()]
    content |= {"Headers": headers} if headers else {}
    sent = client("sesv2").send_email(
        FromEmailAddress=mail.sender or text("MAIL_FROM"),
        Destination={"ToAddresses": [mail.to]},
        Content={"Simple": content},
        **({"ReplyToAddresses": [mail.reply_to]} if mail.reply_to else {}),
        **({"ConfigurationSetName": optional("MAIL_SET")} if optional("MAIL_SET") else {}),
    )
    return str(sent["MessageId"])
