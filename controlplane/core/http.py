"""One way to call another service: bounded time, bounded retries that obey Retry-After, one connection pool."""

import random
import ssl
import time
from collections.abc import Callable
from datetime import timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any

import httpx

from controlplane.core.clock import system_now
from controlplane.core.errors import TryLater

RETRIED = frozenset({429, 500, 502, 503, 504})
LONGEST_WAIT = 10.0  # beyond it the job itself waits and the worker is free


@cache
def trusted() -> ssl.SSLContext:
    """Reading all certificates takes some 25 ms: once for all clients of the process."""
    return httpx.create_ssl_context(trust_env=False)


def client(base_url: str, *, headers: dict[str, str] | None = None, seconds: float = 20.0) -> httpx.Client:
    timeout = httpx.Timeout(seconds, connect=5.0)
    return httpx.Client(
        base_url=base_url,
        headers=headers,
        timeout=timeout,
        follow_redirects=False,
        trust_env=False,
        verify=trusted(),
    )


def retry_after(response: httpx.Response) -> float | None:
    value = response.headers.get("retry-after", "")
    if value.isdigit():
        return float(value)
    try:
        return max(0.0, (parsedate_to_datetime(value) - system_now()).total_seconds())
    except (TypeError, ValueError):
        return None


def send(
    call: Callable[[], httpx.Response], *, what: str, repeatable: bool, tries: int = 3, sleep: Any = time.sleep
) -> httpx.Response:
    """Call, and call again where that cannot do harm. Only 429 is retried when the effect is not repeatable.

    A limit is waited for as long as it is worth keeping the worker: whoever goes away comes back seconds later.
    """
    waited, attempt = 0.0, 0
    while True:
        attempt += 1
        try:
            response = call()
        except httpx.TransportError as error:
            if attempt >= tries or not (repeatable or isinstance(error, httpx.ConnectError)):
                raise TryLater(f"{what}: {type(error).__name__}") from error
            sleep(_backoff(attempt))
            continue
        is_limit = response.status_code == 429
        if response.status_code not in RETRIED or not (is_limit or repeatable):
            return response
        wait = (retry_after(response) or _backoff(attempt)) * _apart()
        if waited + wait > LONGEST_WAIT or (attempt >= tries and not is_limit):
            raise TryLater(f"{what}: answered {response.status_code}", after=timedelta(seconds=max(wait, 5)))
        sleep(wait)
        waited += wait


def _apart() -> float:
    """Those who were refused together do not come back together. Never earlier than they were told."""
    return random.uniform(1.0, 1.5)  # noqa: S311 -- jitter, not a secret


def _backoff(attempt: int) -> float:
    return min(LONGEST_WAIT, 0.2 * 2.0**attempt) * random.uniform(0.5, 1.0)  # noqa: S311 -- jitter, not a secret
