"""Sends what waits in the outbox. What is refused comes again, later each time, up to a quarter of an hour."""

import json
import logging
import time
from collections.abc import Mapping
from typing import Any

from programs.creator.runtime.aws import BotoCoreError, ClientError, client
from programs.creator.runtime.errors import Problem
from programs.creator.runtime.mail import Mail, send
from programs.creator.runtime.settings import text

FIRST, LONGEST = 2, 900  # seconds
_LOG = logging.getLogger("creator")


def handle(event: Mapping[str, Any], _context: object = None) -> dict[str, Any]:
    failed = [record for record in event["Records"] if not _sent(Mail(**json.loads(record["body"])))]
    for record in failed:
        _later(record)
    return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record in failed]}


def _sent(mail: Mail) -> bool:
    if mail.until and mail.until < time.time():
        return True
    try:
        send(mail)
    except (Problem, BotoCoreError, ClientError) as error:
        _LOG.warning("a mail has to wait: %s", type(error).__name__)
        return False
    return True


def _later(record: Mapping[str, Any]) -> None:
    seen = int(record["attributes"]["ApproximateReceiveCount"])
    wait = min(FIRST << min(seen, 10), LONGEST)
    client("sqs").change_message_visibility(
        QueueUrl=text("QUEUE_MAIL"), ReceiptHandle=record["receiptHandle"], VisibilityTimeout=wait
    )
