"""What happens before and after every route: cheapest check first, the work last, the trail in its transaction."""

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response
from sqlalchemy.exc import DBAPIError
from starlette.concurrency import run_in_threadpool

from controlplane.api import csrf, hosts, idempotency, limits, ownership, refusals
from controlplane.api.identify import by_cookie, identify
from controlplane.api.second_person import SecondPerson, asked_again
from controlplane.audit.service import Acting, acting
from controlplane.core.errors import Forbidden, Problem, Unauthenticated
from controlplane.core.limits import Taken
from controlplane.gateways import Gateways
from controlplane.identity import policy
from controlplane.identity.actor import ANONYMOUS, Actor, ActorKind
from controlplane.identity.policy import Answer

Work = Callable[[Request], Coroutine[Any, Any, Response]]
STREAMED = frozenset({"webhooks"})  # their routes read the body piece by piece, and stop


@dataclass(frozen=True)
class Admitted:
    actor: Actor
    taken: Taken | None
    act_id: str | None = None


async def around(request: Request, group: str, work: Work) -> Response:
    gateways: Gateways = request.app.state.gateways
    address = hosts.client_address(request.scope, gateways.settings.trusted_proxies)
    request.state.address, request.state.group = address, group
    acting.set(Acting(address=hosts.network_of(address)))
    unread = request.method in csrf.SAFE or group in STREAMED
    body = b"" if unread else await request.body()
    token = "" if unread or not by_cookie(request) else await csrf.given_token(request)
    try:
        if group in limits.UNLIMITED:  # nobody to identify, nothing to count: a thread would cost more than the work
            admitted = _admit(gateways, request, group, body, token)
        else:
            admitted = await run_in_threadpool(_admit, gateways, request, group, body, token)
    except Problem as error:
        request.state.actor = getattr(request.state, "actor", ANONYMOUS)
        await run_in_threadpool(refusals.note, request.app, request, group, error)
        raise
    answer = await _work(gateways, request, admitted, body, work)
    for name, value in (admitted.taken.headers if admitted.taken else {}).items():
        answer.headers[name] = value
    if admitted.actor.kind is not ActorKind.ANONYMOUS:
        answer.headers.setdefault("cache-control", "no-store")
    return answer


async def _work(gateways: Gateways, request: Request, admitted: Admitted, body: bytes, work: Work) -> Response:
    try:
        if request.method == "GET":
            return await _looked(request, work)
        if request.method != "POST":
            return await _noted(gateways, request, admitted.actor, work)
        return await idempotency.once(gateways, request, admitted.actor, body, _with_trail(gateways, admitted, work))
    except Problem as error:
        if admitted.act_id:
            await run_in_threadpool(asked_again, gateways, admitted.act_id)
        if request.state.group == "webhooks" and isinstance(error, Unauthenticated):
            await run_in_threadpool(limits.require, gateways, limits.BAD_SIGNATURES, request.state.address)
        raise


async def _looked(request: Request, work: Work) -> Response:
    """Who only looks meets lost connections: all of them are new when it is done again."""
    try:
        return await work(request)
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
        return await work(request)


def _with_trail(gateways: Gateways, admitted: Admitted, work: Work) -> Callable[[Request], Awaitable[Response]]:
    async def noted(request: Request) -> Response:
        return await _noted(gateways, request, admitted.actor, work)

    return noted


async def _noted(gateways: Gateways, request: Request, actor: Actor, work: Work) -> Response:
    answer = await work(request)
    if request.method not in csrf.SAFE and actor.kind is not ActorKind.ANONYMOUS:
        await run_in_threadpool(refusals.note_call, gateways, request, actor, answer.status_code)
    return answer


def _admit(gateways: Gateways, request: Request, group: str, body: bytes, token: str) -> Admitted:
    address = hosts.counted_as(request.state.address)
    if request.method not in csrf.SAFE and group not in STREAMED:
        csrf.check_origin(gateways, request, required=False)
    actor = _identified(gateways, request, group, body, address)
    request.state.actor = actor
    acting.set(Acting(address=hosts.network_of(request.state.address), factors=actor.factors))
    by = limits.counted_by(actor, address)
    taken = limits.of_request(gateways, group=group, method=request.method, path=request.url.path, by=by)
    act_id = _permit(gateways, request, actor, group, body)
    if actor.sign_in_id and by_cookie(request) and request.method not in csrf.SAFE and group not in csrf.NO_AUTHORITY:
        csrf.check_origin(gateways, request, required=True)
        csrf.check_token(gateways, actor, token)
    return Admitted(actor, taken, act_id)


def _identified(gateways: Gateways, request: Request, group: str, body: bytes, address: str) -> Actor:
    if group in limits.UNLIMITED:
        return ANONYMOUS
    try:
        return identify(gateways, request, group=group, body=body, address=request.state.address)
    except Unauthenticated:
        limits.require(gateways, limits.BAD_TOKENS, address)
        raise


def _permit(gateways: Gateways, request: Request, actor: Actor, group: str, body: bytes) -> str | None:
    answer = policy.decide(actor, group, now=gateways.now())
    if answer is Answer.SIGN_IN:
        raise Unauthenticated()
    if answer is Answer.NO:
        raise Forbidden("Your role does not include this.", code="role")
    if policy.own_only(actor, group):
        ownership.check(gateways, actor, group, request.path_params)
    if answer is Answer.PROVE:
        raise Forbidden(
            "This needs a fresh proof that it is you.",
            code="step_up_required",
            next_step="Confirm with POST /v1/auth/step-up, then send it again.",
        )
    return SecondPerson(gateways, request, actor, group, body).act_id() if answer is Answer.SECOND else None
