"""Cloudflare's v4 API: envelope, errors, retries."""

import http.client
import json
import random
from collections.abc import Callable, Mapping
from threading import Event
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from sandbox.plugins.cloudflare import multipart
from sandbox.plugins.cloudflare.transport import Answer, Transport
from sandbox.plugins.failures import Cancelled, Denied, Exhausted, Exists, Failure, Invalid, Missing, Unreachable
from sandbox.plugins.values import Doc

Result = TypeVar("Result")

_ATTEMPTS = 5
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 30.0
_TAKEN = frozenset({10004, 10014, 10020, 1406, 81057, 81058})
_GONE = frozenset({10006, 10007, 10009, 10013, 10059, 1436, 81044})


class Refused(Failure):
    """An answer of Cloudflare that repeating will not change."""

    def __init__(self, message: str, codes: tuple[int, ...] = ()) -> None:
        super().__init__(message)
        self.codes = codes


class _Again(Exception):
    """Worth another attempt; `uncertain` when this one may have had its effect."""

    def __init__(self, failure: Failure, *, uncertain: bool, pause: float | None = None) -> None:
        super().__init__(str(failure))
        self.failure, self.uncertain, self.pause = failure, uncertain, pause


class Api:
    def __init__(self, *, base_url: str, headers: Mapping[str, str], cancelled: Event) -> None:
        self._transport = Transport(base_url)
        self._headers = dict(headers)
        self._cancelled = cancelled

    def get(self, path: str, **more: Any) -> Any:
        return self.call("GET", path, **more)

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, Any] | None = None,
        parts: list[multipart.Part] | None = None,
    ) -> Any:
        """The `result` of the envelope."""
        content, kind = _content(body, parts)
        sent = {**self._headers, **(headers or {}), **({"content-type": kind} if kind else {})}
        path += "?" + urlencode(query) if query else ""
        return self._repeat(lambda: _result(method, path, self._transport.send(method, path, content, sent)))

    def raw(self, path: str) -> Answer:
        def attempt() -> Answer:
            answer = self._transport.send("GET", path, None, self._headers)
            if answer.status != 200:
                _result("GET", path, answer)
            return answer

        return self._repeat(attempt)

    def _repeat(self, attempt: Callable[[], Result]) -> Result:
        uncertain = False
        for number in range(_ATTEMPTS):
            try:
                return self._once(attempt)
            except _Again as again:
                uncertain = uncertain or again.uncertain
                self._pause(number, again, uncertain)
            except Exists as taken:
                raise Exists(str(taken), perhaps_ours=uncertain) from None
        raise AssertionError("the last pause raises")

    def _once(self, attempt: Callable[[], Result]) -> Result:
        try:
            return attempt()
        except (OSError, http.client.HTTPException) as error:
            # a refused connection had no effect; everything later may have had one
            uncertain = not isinstance(error, ConnectionRefusedError)
            raise _Again(Unreachable(f"Cloudflare: {type(error).__name__}"), uncertain=uncertain) from error

    def _pause(self, number: int, again: _Again, uncertain: bool) -> None:
        pause = again.pause if again.pause is not None else _FIRST_PAUSE * 2**number * random.uniform(0.8, 1.2)
        if number == _ATTEMPTS - 1 or pause > _LONGEST_PAUSE:
            raise again.failure from again
        if self._cancelled.wait(pause) and not uncertain:
            raise Cancelled("cancelled by the engine before the request was repeated") from again


def segment(text: str) -> str:
    return quote(text, safe="")


def _content(body: Any, parts: list[multipart.Part] | None) -> tuple[bytes | None, str]:
    if parts is not None:
        return multipart.write(parts)
    if body is None:
        return None, ""
    return json.dumps(body).encode(), "application/json"


def _result(method: str, path: str, answer: Answer) -> Any:
    what = f"{method} {path.split('?')[0]}"
    envelope = _envelope(what, answer)
    errors: list[Doc] = envelope.get("errors") or []
    if answer.status < 400 and envelope.get("success", True):
        return envelope.get("result")
    codes = tuple(error.get("code", 0) for error in errors)
    texts = "; ".join(f"{error.get('code')} {error.get('message')}" for error in errors) or "no reason given"
    message = f"Cloudflare: {what}: {answer.status}: {texts}"
    if answer.status == 429:
        raise _Again(Exhausted(message), uncertain=False, pause=_retry_after(answer))
    if answer.status >= 500:
        raise _Again(Unreachable(message), uncertain=True)
    raise _refusal(answer.status, codes, message)


def _refusal(status: int, codes: tuple[int, ...], message: str) -> Failure:
    if _TAKEN.intersection(codes):
        return Exists(message)
    if status == 404 or _GONE.intersection(codes):
        return Missing(message)
    if status in {401, 403} and 10000 in codes:
        return Denied(message)
    return Invalid(message) if status == 400 else Refused(message, codes)


def _envelope(what: str, answer: Answer) -> Doc:
    if not answer.body and answer.status < 400:
        return {}
    try:
        envelope = json.loads(answer.body)
    except ValueError:
        envelope = None
    if isinstance(envelope, dict):
        return envelope
    if answer.status >= 400:
        return {"errors": []}
    failure = Unreachable(f"Cloudflare: {what}: {answer.status}: the answer is no JSON object")
    raise _Again(failure, uncertain=True)


def _retry_after(answer: Answer) -> float | None:
    given = answer.headers.get("retry-after", "")
    return float(given) if given.isdigit() else None
