"""Telling who is watching. It is a courtesy: everything told here can also be asked for, so nothing may fail by it."""

import json
import logging
import urllib.request
from typing import Any

from programs.creator.runtime.settings import optional, text
from programs.creator.runtime.signing import signed

SECONDS = 1.5
_LOG = logging.getLogger("creator")


def publish(channel: str, event: dict[str, Any]) -> None:
    if not optional("REALTIME_HOST"):
        return
    body = json.dumps({"channel": channel, "events": [json.dumps(event)]}).encode()
    host = text("REALTIME_HOST")
    headers = signed("appsync", host, "/event", body)
    url = f"{optional('REALTIME_ENDPOINT') or f'https://{host}'}/event"
    request = urllib.request.Request(url, body, {**headers, "host": host}, method="POST")  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=SECONDS):  # noqa: S310
            return
    except OSError as error:
        _LOG.warning("%s was not told: %s", channel.split("/")[1], type(error).__name__)
