"""Sending mail from the creator's own domain, by Resend or, once the account may, by SES."""

import json
import urllib.error
import urllib.request
from dataclasses import dataclass

from programs.creator.runtime.aws import client
from programs.creator.runtime.errors import Problem
from programs.creator.runtime.secrets import value
from programs.creator.runtime.settings import optional, text

SECONDS = 6


@dataclass(frozen=True)
class Mail:
    to: str
    subject: str
    text: str
    reply_to: str = ""
    key: str = ""  # the transport sends mails of one key once


def send(mail: Mail) -> str:
    """The transport's id of the message."""
    return _by_ses(mail) if text("MAIL_TRANSPORT") == "ses" else _by_resend(mail)


def _by_resend(mail: Mail) -> str:
    body = {"from": text("MAIL_FROM"), "to": [mail.to], "subject": mail.subject, "text": mail.text}
    body |= {"reply_to": mail.reply_to} if mail.reply_to else {}
    headers = {"authorization": f"Bearer {value('mail', 'resend_key')}", "content-type": "application/json"}
    headers |= {"idempotency-key": mail.key} if mail.key else {}
    headers |= {"user-agent": "creator"}
    url = f"{text('RESEND_ENDPOINT')}/emails"
    request = urllib.request.Request(url, json.dumps(body).encode(), headers, method="POST")  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310
            return str(json.load(answer)["id"])
    except urllib.error.HTTPError as error:
        error.close()
        raise Problem("unavailable", "the mail could not be sent") from None
    except OSError:
        raise Problem("unavailable", "the mail could not be sent") from None


def _by_ses(mail: Mail) -> str:
    content = {"Subject": {"Data": mail.subject}, "Body": {"Text": {"Data": mail.text}}}
    sent = client("sesv2").send_email(
        FromEmailAddress=text("MAIL_FROM"),
        Destination={"ToAddresses": [mail.to]},
        Content={"Simple": content},
        **({"ReplyToAddresses": [mail.reply_to]} if mail.reply_to else {}),
        **({"ConfigurationSetName": optional("MAIL_SET")} if optional("MAIL_SET") else {}),
    )
    return str(sent["MessageId"])
