"""The creator's own Stripe account: its HTTP API, and how its events are believed."""

import hmac
import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from programs.creator.runtime.errors import Problem
from programs.creator.runtime.secrets import value
from programs.creator.runtime.settings import text

Doc = dict[str, Any]
SECONDS = 6
TOLERANCE = 300


class Rejected(Problem):
    """Stripe will not do this, however often it is asked."""


def create(path: str, fields: Doc, *, key: str = "") -> Doc:
    """Requests of one key are one request."""
    return _call("POST", path, fields, key)


def read(path: str, **query: Any) -> Doc:
    return _call("GET", f"{path}?{urlencode(list(_flat(query)))}" if query else path)


def remove(path: str) -> Doc:
    return _call("DELETE", path)


def event(body: bytes, header: str) -> Doc:
    """What the body says, if Stripe signed it a moment ago."""
    parts = [part.partition("=")[::2] for part in header.split(",")]
    at = next((found for name, found in parts if name == "t" and found.isdecimal()), "0")
    secret = value("stripe", "webhook_secret").encode()
    seal = hmac.new(secret, f"{at}.".encode() + body, sha256).hexdigest()
    genuine = any(hmac.compare_digest(found.encode(), seal.encode()) for name, found in parts if name == "v1")
    if not genuine or abs(time.time() - int(at)) > TOLERANCE:
        raise Problem("invalid_input", "this is not signed by Stripe")
    found: Doc = json.loads(body)
    return found


def _call(method: str, path: str, fields: Doc | None = None, key: str = "") -> Doc:
    headers = {"authorization": f"Bearer {value('stripe', 'secret_key')}", "user-agent": "creator"}
    headers |= {"stripe-version": text("STRIPE_VERSION"), "content-type": "application/x-www-form-urlencoded"}
    headers |= {"idempotency-key": key} if key else {}
    body = urlencode(list(_flat(fields))).encode() if fields is not None else None
    url = f"{text('STRIPE_ENDPOINT')}/v1/{path}"
    request = urllib.request.Request(url, body, headers, method=method)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310
            found: Doc = json.load(answer)
            return found
    except urllib.error.HTTPError as error:
        error.close()
        # A conflict is the same request, still running; the others of the fours are final.
        final = error.code < 500 and error.code not in {409, 429}
        raise (Rejected if final else Problem)("unavailable", "the payment service refused this") from None
    except OSError:
        raise Problem("unavailable", "the payment service does not answer") from None


def _flat(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """line_items[0][quantity]=1"""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _flat(inner, f"{name}[{key}]" if name else str(key))
    elif isinstance(value, list | tuple):
        for at, inner in enumerate(value):
            yield from _flat(inner, f"{name}[{at}]")
    elif value is not None:
        yield name, str(value).lower() if isinstance(value, bool) else str(value)
