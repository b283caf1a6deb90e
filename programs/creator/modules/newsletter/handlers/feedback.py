"""What SES says of letters that did not arrive, or that somebody called unwanted: these addresses get no more."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from programs.creator.modules.newsletter.handlers import suppressed
from programs.creator.runtime.documents import Unmet, change, write

STATES = {"Bounce": "bounced", "Complaint": "complained"}


def handle(event: Mapping[str, Any], _context: object = None) -> None:
    for record in event["Records"]:
        told = json.loads(record["Sns"]["Message"])
        for address in _unwilling(told):
            _suppress(address.lower(), STATES[told["eventType"]])


def _unwilling(told: Mapping[str, Any]) -> Iterator[str]:
    """A mailbox that is full today is no reason: only what will never arrive."""
    if told.get("eventType") == "Bounce" and told["bounce"]["bounceType"] == "Permanent":
        yield from (each["emailAddress"] for each in told["bounce"]["bouncedRecipients"])
    elif told.get("eventType") == "Complaint":
        yield from (each["emailAddress"] for each in told["complaint"]["complainedRecipients"])


def _suppress(address: str, reason: str) -> None:
    write(suppressed.note(address, reason))
    try:
        write(change("subscribers", {"email": address}, set={"status": "bounced"}, when="attribute_exists(#email)"))
    except Unmet:
        pass  # no subscriber: a buyer, or somebody who left
