"""Mail that must arrive: sent at once, or left in the account's own queue until the transport takes it."""

import json
import logging
import uuid
from dataclasses import asdict, replace

from programs.creator.runtime.aws import BotoCoreError, ClientError, client
from programs.creator.runtime.errors import Problem
from programs.creator.runtime.mail import Mail, Undeliverable, send
from programs.creator.runtime.settings import text

_LOG = logging.getLogger("creator")


def post(mail: Mail) -> None:
    """Under one key in every attempt: an answer that was lost is no second mail."""
    keyed = mail if mail.key else replace(mail, key=uuid.uuid4().hex)
    try:
        send(keyed, tries=1)
    except Undeliverable:
        raise
    except (Problem, BotoCoreError, ClientError) as error:
        _LOG.warning("a mail waits in the outbox: %s", type(error).__name__)
        client("sqs").send_message(QueueUrl=text("QUEUE_MAIL"), MessageBody=json.dumps(asdict(keyed)))
