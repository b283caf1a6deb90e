"""What was sent, so that a person or a test can read it."""

import secrets
from typing import Any

from sandbox.aws.call import Call
from sandbox.aws.cloud import Cloud
from sandbox.kit.store import Doc


def keep(
    cloud: Cloud, call: Call, *, sender: str, to: list[str], subject: str, text: str = "", html: str = "", **more: Any
) -> Doc:
    id = f"{secrets.token_hex(8)}-{secrets.token_hex(16)}-000000"
    mail = {
        "id": id, "account": call.account, "region": call.region, "at": cloud.now(), "from": sender, "to": to,
        "subject": subject, "text": text, "html": html, **more,
    }  # fmt: skip
    return cloud.store.put("mail", id, mail)


def mails(cloud: Cloud, account: str | None) -> list[Doc]:
    return cloud.store.all("mail", account=account) if account else cloud.store.all("mail")
