"""Events of Stripe are hints: the object is read again, and what it means is written with the mark of the event."""

import logging
from collections.abc import Mapping
from contextlib import suppress
from importlib import import_module
from typing import Any

from programs.creator.runtime import stripe
from programs.creator.runtime.documents import Unmet, Write, get, put, transact
from programs.creator.runtime.errors import Problem
from programs.creator.runtime.http import Answer, Request, Routes
from programs.creator.runtime.moments import now, today
from programs.creator.runtime.once import DAY, TABLE, first, forget
from programs.creator.runtime.settings import text, words
from programs.creator.runtime.settlement import Adapter, Doc, outcome, writes_for

routes = Routes()
MONTH = 30 * DAY
_LOG = logging.getLogger("creator")


def handle(event: Mapping[str, Any], context: object = None) -> Any:
    return routes(event, context) if "routeKey" in event else sweep()


@routes.add("POST /webhooks/stripe")
def received(request: Request) -> Answer:
    event = stripe.event(request.raw, request.header("stripe-signature"))
    mark = f"stripe#{event['id']}"
    if get(TABLE, consistent=True, eventId=mark) is None:
        _settle(str(event["type"]), event["data"]["object"], mark)
    return Answer(200, {})


def sweep() -> None:
    """What no event told us, and what waits for money that does not come."""
    failed = 0
    for adapter in adapters():
        if first(f"resync#{adapter.kind}#{today()}", kind="resync", seconds=2 * DAY):
            failed += _resync(adapter)
        for one in adapter.waiting():
            try:
                transact_if(writes_for(adapter, one.id, outcome(one)))
            except Exception as error:
                _LOG.error("a %s could not be settled: %s", adapter.kind, type(error).__name__)
                failed += 1
    if failed:
        raise RuntimeError(f"{failed} could not be settled")


def adapters() -> list[Adapter]:
    modules = (import_module(f"programs.creator.modules.{name}.payments") for name in words("PAYMENT_MODULES"))
    return [module.ADAPTER for module in modules]


def transact_if(writes: list[Write]) -> None:
    if writes:
        with suppress(Unmet):  # settled by somebody else in between
            transact(*writes)


def _resync(adapter: Adapter) -> int:
    try:
        adapter.resync()
    except Exception as error:
        _LOG.error("%s could not be compared with Stripe: %s", adapter.kind, type(error).__name__)
        forget(f"resync#{adapter.kind}#{today()}")
        return 1
    return 0


def _settle(type: str, told: Doc, mark: str) -> None:
    found = _read_again(type, told)
    marks = found.get("metadata") or {}
    adapter = next((one for one in adapters() if one.kind == marks.get("kind")), None)
    if adapter is None or marks.get("tenant") != text("TENANT_ID"):
        return  # the account may serve more than this site
    id, writes = str(marks["id"]), _writes(adapter, type, str(marks["id"]), found)
    seen = {"eventId": mark, "kind": "stripe", "at": now(), "ttl": now() + MONTH}
    try:
        transact(put(TABLE, seen, when="attribute_not_exists(#eventId)"), *writes)
    except Unmet as unmet:
        if 0 in unmet.at:
            return
        raise Problem("unavailable", "the row changed meanwhile") from None
    if writes and found["object"] == "checkout.session" and type != "checkout.session.expired":
        _thank(adapter, id, found)


def _read_again(type: str, told: Doc) -> Doc:
    if type.startswith("checkout.session."):
        found = stripe.read(f"checkout/sessions/{told['id']}")
        subscription = found.get("subscription")
        return stripe.read(f"subscriptions/{subscription}") if subscription else found
    if type.startswith("invoice."):
        subscription = _subscription_of(told)
        return stripe.read(f"subscriptions/{subscription}") if subscription else told
    if type.startswith("customer.subscription."):
        return stripe.read(f"subscriptions/{told['id']}")
    return stripe.read(f"charges/{told['id']}") if type == "charge.refunded" else told


def _subscription_of(invoice: Doc) -> str:
    details = (invoice.get("parent") or {}).get("subscription_details") or {}
    return str(details.get("subscription") or invoice.get("subscription") or "")


def _writes(adapter: Adapter, type: str, id: str, found: Doc) -> list[Write]:
    if found["object"] == "subscription":
        return adapter.subscribed(id, found)
    if found["object"] == "charge":
        return adapter.refunded(id, found) if found.get("refunded") else []
    if type == "checkout.session.async_payment_failed":
        return adapter.released(id, found)
    return writes_for(adapter, id, found) if found["object"] == "checkout.session" else []


def _thank(adapter: Adapter, id: str, found: Doc) -> None:
    """The money is written down; a mail that does not leave must not undo that."""
    try:
        adapter.thank(id, found)
    except Exception as error:
        _LOG.warning("nobody was thanked for a %s: %s", adapter.kind, type(error).__name__)
