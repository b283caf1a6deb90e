"""Idempotency-Key on POST: the same key and body give the first answer again, and the work is done once."""

import re
from collections.abc import Awaitable, Callable

from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool

from controlplane.core.errors import Invalid
from controlplane.gateways import Gateways
from controlplane.identity import replays
from controlplane.identity.actor import Actor, ActorKind
from controlplane.identity.replays import Claim, Given

HEADER, REPLAYED = "idempotency-key", "Idempotency-Replayed"
KEPT_HEADERS = ("content-type", "location", "etag")
_KEY = re.compile(r"^[\w.:-]{1,100}$")
_GUESSABLE = 16  # without a sign-in the key alone says whose answer it is


async def once(
    gateways: Gateways, request: Request, actor: Actor, body: bytes, work: Callable[[Request], Awaitable[Response]]
) -> Response:
    key = request.headers.get(HEADER)
    if key is None:
        return await work(request)
    _check(key, actor)
    route = f"{request.method} {request.url.path}?{request.url.query}"
    claim = await run_in_threadpool(lambda: replays.claim(gateways, actor=str(actor), key=key, route=route, body=body))
    if claim.answer:
        headers = {**claim.answer.headers, REPLAYED: "true", "cache-control": "no-store"}
        return Response(claim.answer.body, status_code=claim.answer.status, headers=headers)
    return await _first(gateways, request, claim, work)


async def _first(
    gateways: Gateways, request: Request, claim: Claim, work: Callable[[Request], Awaitable[Response]]
) -> Response:
    try:
        answer = await work(request)
        if not hasattr(answer, "body") or answer.status_code >= 400:
            await run_in_threadpool(replays.forget, gateways, claim.row_id)
            return answer
        await run_in_threadpool(_keep, gateways, request, claim, answer)
    except Exception:
        await run_in_threadpool(replays.forget, gateways, claim.row_id)
        raise
    return answer


def _keep(gateways: Gateways, request: Request, claim: Claim, answer: Response) -> None:
    headers = {name: answer.headers[name] for name in KEPT_HEADERS if name in answer.headers}
    given = Given(answer.status_code, headers, bytes(answer.body))
    secret = bool(getattr(request.state, "secret_answer", False))
    session = getattr(request.state, "session", None)
    if session is not None and session.is_active:
        replays.settle(session, gateways, claim.row_id, given, secret=secret)
        return
    with gateways.db.transaction() as own:
        replays.settle(own, gateways, claim.row_id, given, secret=secret)


def _check(key: str, actor: Actor) -> None:
    shortest = _GUESSABLE if actor.kind is ActorKind.ANONYMOUS else 1
    if not _KEY.match(key) or len(key) < shortest:
        raise Invalid(f"An Idempotency-Key has {shortest} to 100 letters, digits or -_.:", code="bad_idempotency_key")
