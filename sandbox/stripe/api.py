"""The REST interface: authenticate, check parameters, run in one transaction, answer in Stripe's shape."""

import asyncio
import time
from collections import deque
from collections.abc import Iterable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.stripe import keys, pages, schema
from sandbox.stripe.books import API_VERSION, Books, token
from sandbox.stripe.books import request as current
from sandbox.stripe.errors import Doc, StripeError
from sandbox.stripe.form import parse
from sandbox.stripe.idempotency import Answer, Idempotency, fingerprint
from sandbox.stripe.routes import Call, Operation
from sandbox.stripe.shape import show
from sandbox.stripe.views import expand, inflate


class Api:
    def __init__(self, books: Books, operations: Iterable[Operation]) -> None:
        self._books = books
        self._operations = sorted(
            operations, key=lambda operation: operation.path.count("{")
        )  # `preview` before `{id}`
        self._idempotency = Idempotency(books)
        self._recent: deque[float] = deque()

    def routes(self) -> list[Route]:
        return [self._route(operation) for operation in self._operations]

    def _route(self, operation: Operation) -> Route:
        async def endpoint(request: Request) -> Response:
            request_id = token("req_", 14)
            try:
                answer = await self._answer(operation, request, request_id)
            except StripeError as error:
                answer = Answer(error.status, error.body(), request_id)
            return _response(answer, request_id)

        return Route(operation.path, endpoint, methods=[operation.method])

    async def _answer(self, operation: Operation, request: Request, request_id: str) -> Answer:
        keys.authorize(self._books, request.headers.get("authorization", ""), operation)
        self._limit()
        _check_version(request.headers.get("stripe-version", API_VERSION))
        raw = parse(await _encoded(request))
        key = request.headers.get("idempotency-key") if operation.method == "POST" else None
        with self._idempotency.hold(key):
            path = operation.path.format(**request.path_params)
            slow = self._books.home.faults.take("stripe", f"{operation.method} {path}", {"slow"})
            if slow:  # keeps the idempotency key busy, as a slow request at Stripe does
                await asyncio.sleep(slow.seconds)
            run = _Run(self._books, operation, dict(request.path_params), raw, key, request_id)
            return await run_in_threadpool(run.answer, self._idempotency)

    def _limit(self) -> None:
        allowed, now = self._books.setting("rate_limit"), time.monotonic()
        while self._recent and now - self._recent[0] > 1:
            self._recent.popleft()
        if allowed and len(self._recent) >= allowed:
            raise StripeError(
                "Request rate limit exceeded. Learn more about rate limits.", status=429, code="rate_limit"
            )
        self._recent.append(now)


class _Run:
    """One request from parsed form to answer."""

    def __init__(
        self, books: Books, operation: Operation, path: dict[str, str], raw: Doc, key: str | None, request_id: str
    ) -> None:
        self._books, self._operation, self._path = books, operation, path
        self._raw, self._key, self._request_id = raw, key, request_id
        self._fingerprint = fingerprint(operation.method, operation.path.format(**path), raw)

    def answer(self, idempotency: Idempotency) -> Answer:
        current.set({"id": self._request_id, "idempotency_key": self._key})
        with self._books.store.transaction():
            replay = idempotency.replay(self._key, self._fingerprint)
            if replay:
                return replay
            params = schema.check(self._operation.params, self._raw, self._operation.supports)
            answer = self._run(params)
            idempotency.remember(self._key, self._fingerprint, answer)
            return answer

    def _run(self, params: Doc) -> Answer:
        expansions = params.pop("expand", [])
        try:
            result = self._operation.run(Call(self._books, self._path, params))
            return Answer(200, self._shown(result, params, expansions), self._request_id)
        except StripeError as error:
            if not error.keep:
                raise
            return Answer(error.status, error.body(), self._request_id)

    def _shown(self, result: Any, params: Doc, expansions: list[str]) -> Doc:
        if isinstance(result, list):
            result = pages.page(self._operation.path.format(**self._path), result, params)
            if self._operation.load:
                result["data"] = [self._operation.load(self._books, row) for row in result["data"]]
        return expand(self._books, show(inflate(self._books, result)), expansions)


async def not_found(request: Request) -> Response:
    message = f"Unrecognized request URL ({request.method}: {request.url.path.removeprefix('/stripe')})."
    request_id = token("req_", 14)
    return _response(Answer(404, StripeError(message).body(), request_id), request_id)


async def _encoded(request: Request) -> str:
    """Stripe reads the query of any method and the body of a POST."""
    body = (await request.body()).decode()
    return "&".join(part for part in (request.url.query, body) if part)


def _check_version(version: str) -> None:
    if version != API_VERSION:
        raise StripeError(f"Invalid Stripe API version: {version}. The sandbox speaks {API_VERSION} only.")


def _response(answer: Answer, request_id: str) -> Response:
    headers = {"Request-Id": request_id, "Stripe-Version": API_VERSION}
    if answer.replayed:
        headers |= {"Idempotent-Replayed": "true", "Original-Request": answer.request_id}
    if answer.status == 429:
        headers["Retry-After"] = "1"
    return JSONResponse(answer.body, answer.status, headers)
