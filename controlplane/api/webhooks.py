"""Webhooks: verify the raw bytes, store once, commit, answer. Nothing else."""

import json
from typing import Any

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from controlplane.api.access import Router
from controlplane.core.clock import system_now
from controlplane.core.errors import Invalid, NotFound, TooLarge, Unauthenticated, WrongType
from controlplane.core.telemetry import REFUSED_WEBHOOKS
from controlplane.gateways import Gateways
from controlplane.inbox import aws_events, resend_events, service, stripe_events
from controlplane.inbox.service import News
from controlplane.vendors import signatures, sns
from controlplane.vendors.signatures import BadSignature

TYPES = {
    "stripe": {"application/json"},
    "resend": {"application/json"},
    "aws": {"text/plain", "application/json"},  # the vendor calls its JSON plain text
}

router = Router(prefix="/webhooks", tags=["webhooks"], group="webhooks")


@router.post("/stripe")
async def stripe(request: Request) -> dict[str, bool]:
    gateways: Gateways = request.app.state.gateways  # a dependency would cost a thread for each event
    secrets = _living("stripe", gateways.settings.stripe.webhook_secrets)
    body = await _body("stripe", request)
    try:
        header = request.headers.get("stripe-signature", "")
        signatures.verify_stripe(body, header, secrets, now=system_now())
    except BadSignature as error:
        raise _refused("stripe", error) from None
    news = _understood("stripe", lambda: stripe_events.news(gateways, json.loads(body)))
    return await _stored(gateways, news)


@router.post("/resend")
async def resend(request: Request) -> dict[str, bool]:
    gateways: Gateways = request.app.state.gateways  # a dependency would cost a thread for each event
    secrets = _living("resend", gateways.settings.resend.webhook_secrets)
    body = await _body("resend", request)
    try:
        identity = signatures.verify_svix(body, request.headers, secrets, now=system_now())
    except BadSignature as error:
        raise _refused("resend", error) from None
    news = _understood("resend", lambda: resend_events.news(gateways, identity, json.loads(body)))
    return await _stored(gateways, news)


@router.post("/aws")
async def aws(request: Request) -> dict[str, bool]:
    """Notifications of the accounts of creators: signed by the vendor, and only from accounts of ours."""
    gateways: Gateways = request.app.state.gateways
    if not gateways.settings.aws.management_account:
        raise NotFound("This endpoint is not switched on.", code="webhook_disabled")
    body = await _body("aws", request)
    message = _understood_message(body)
    try:
        endpoint = gateways.settings.aws.endpoint_url
        await run_in_threadpool(sns.verify, message, now=system_now(), own_endpoint=endpoint)
    except BadSignature as error:
        raise _refused("aws", error) from None
    news = await run_in_threadpool(_understood, "aws", lambda: aws_events.news(gateways, message))
    return await _stored(gateways, news)


def _understood_message(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        REFUSED_WEBHOOKS.labels("aws", "unreadable").inc()
        raise Invalid("This is not an event.", code="event_unreadable")
    return found


def _living(source: str, secrets: Any) -> Any:
    """An empty secret would verify what anybody signs with an empty key: then there is no endpoint."""
    living = [secret for secret in secrets if secret.get_secret_value()]
    if not living:
        REFUSED_WEBHOOKS.labels(source, "disabled").inc()
        raise NotFound("This endpoint is not switched on.", code="webhook_disabled")
    return living


async def _body(source: str, request: Request) -> bytes:
    """What is too large is stopped while it comes in, as at every door; here it is counted as well."""
    _check_type(source, request)
    try:
        return await request.body()
    except HTTPException:
        REFUSED_WEBHOOKS.labels(source, "too_large").inc()
        raise TooLarge("The event is larger than any real one.") from None
    except ClientDisconnect:
        REFUSED_WEBHOOKS.labels(source, "truncated").inc()
        raise Invalid("The event broke off.", code="event_truncated") from None


def _check_type(source: str, request: Request) -> None:
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given and given not in TYPES[source]:
        REFUSED_WEBHOOKS.labels(source, "wrong_type").inc()
        raise WrongType("Events are JSON.")


async def _stored(gateways: Gateways, news: News) -> dict[str, bool]:
    """What comes a second time is answered like the first, or its sender would not stop; it is counted."""
    is_new = await run_in_threadpool(service.receive, gateways, news)
    if not is_new:
        REFUSED_WEBHOOKS.labels(news.source, "replayed").inc()
    return {"new": is_new}


def _refused(source: str, error: BadSignature) -> Unauthenticated:
    REFUSED_WEBHOOKS.labels(source, error.why).inc()
    return Unauthenticated("The signature is not valid.", code=f"signature_{error.why}")


def _understood(source: str, read: Any) -> News:
    try:
        news: News = read()
    except (ValueError, KeyError, TypeError, AttributeError):
        REFUSED_WEBHOOKS.labels(source, "unreadable").inc()
        raise Invalid("This is not an event.", code="event_unreadable") from None
    if not news.external_id or len(news.external_id) > 255:
        REFUSED_WEBHOOKS.labels(source, "unreadable").inc()
        raise Invalid("This is not an event.", code="event_unreadable")
    return news
