"""Routes for tests and the CLI under `/_sim/`: what at Stripe a person does in the dashboard, or time does."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.control.guard import require_token
from sandbox.stripe import checkout_payment, disputes, keys, outbox, refunds, settings, settlement
from sandbox.stripe.books import Books
from sandbox.stripe.checkout_payment import Buyer
from sandbox.stripe.errors import Doc, StripeError, invalid
from sandbox.stripe.shape import show
from sandbox.stripe.views import inflate


@dataclass(frozen=True)
class Ask:
    books: Books
    path: dict[str, str]
    given: Doc  # the JSON body, or the query

    def need(self, kind: str) -> Doc:
        return self.books.need(kind, self.path["id"], status=404)


Action = Callable[[Ask], Any]


def control_routes(books: Books) -> list[Route]:
    return [_route(books, method, path, action) for method, path, action in _ACTIONS]


def _route(books: Books, method: str, path: str, action: Action) -> Route:
    async def endpoint(request: Request) -> Response:
        require_token(request, books.home.secrets)
        body = await request.body()
        given = json.loads(body) if body else dict(request.query_params)
        return await run_in_threadpool(_run, action, Ask(books, dict(request.path_params), given))

    return Route(f"/_sim{path}", endpoint, methods=[method])


def _run(action: Action, ask: Ask) -> Response:
    refusal: StripeError | None = None
    with ask.books.store.transaction():
        try:
            return JSONResponse(action(ask))
        except ValueError as error:
            return JSONResponse({"error": {"message": str(error)}}, 422)
        except StripeError as error:
            if not error.keep:
                raise
            refusal = error
    return JSONResponse(refusal.body(), refusal.status)


def _shown(books: Books, doc: Doc) -> Doc:
    return show(inflate(books, doc))


def _charge(ask: Ask) -> Doc:
    """Named itself, or as the latest of a payment intent."""
    intent = ask.books.get("payment_intent", ask.given.get("payment_intent"))
    id = intent["latest_charge"] if intent else ask.given.get("charge")
    if not id:
        raise invalid("Name a charge or a payment_intent.", "charge")
    return ask.books.need("charge", id, "charge")


def open_dispute(ask: Ask) -> Any:
    return _shown(ask.books, disputes.open_dispute(ask.books, _charge(ask), ask.given.get("reason", "fraudulent")))


def close_dispute(ask: Ask) -> Any:
    return _shown(ask.books, disputes.end(ask.books, ask.need("dispute"), won=ask.given.get("outcome") == "won"))


def warn(ask: Ask) -> Any:
    return _shown(ask.books, disputes.warn(ask.books, _charge(ask)))


def settle(ask: Ask) -> Any:
    succeeds = ask.given.get("outcome", "succeeded") == "succeeded"
    return _shown(ask.books, settlement.settle(ask.books, ask.need("payment_intent"), succeeds=succeeds))


def fail_refund(ask: Ask) -> Any:
    return _shown(ask.books, refunds.fail(ask.books, ask.need("refund")))


def pay_session(ask: Ask) -> Any:
    """Exactly what the hosted page does; `challenge` answers 3-D Secure as well."""
    books, given = ask.books, dict(ask.given)
    challenge = given.pop("challenge", None)
    outcome = checkout_payment.pay(books, ask.need("checkout.session"), _buyer(given))
    if outcome.challenge and challenge is not None:
        after = checkout_payment.answer_challenge(books, outcome.session, passed=challenge in (True, "pass"))
        return {"status": after["status"], "session": _shown(books, after)}
    status = "requires_action" if outcome.challenge else outcome.session["status"]
    return {"status": status, "session": _shown(books, outcome.session)}


_BUYER = {"email", "name", "vat_id", "card", "month", "year", "iban", "terms", "country"}


def _buyer(given: Doc) -> Buyer:
    other = set(given) - _BUYER - {"address"}
    if other:
        raise ValueError(f"unknown: {', '.join(sorted(other))}")
    address = {**given.get("address", {})}
    if "country" in given:
        address["country"] = given["country"]
    plain = {name: given[name] for name in _BUYER - {"country"} if given.get(name) is not None}
    return Buyer(address=address, **{"email": "", "name": "", **plain})


def redeliver(ask: Ask) -> Any:
    ask.need("event")
    return {"deliveries": outbox.redeliver(ask.books, ask.path["id"], ask.given.get("endpoint"))}


def attempts(ask: Ask) -> Any:
    equal = {name: ask.given[name] for name in ("event", "type", "endpoint") if name in ask.given}
    return {"attempts": ask.books.store.all("attempt", **equal)}


def pending(ask: Ask) -> Any:
    return {kind: ask.books.store.all(kind) for kind in (outbox.PENDING, outbox.FAILED)}


def read_settings(ask: Ask) -> Any:
    return settings.read(ask.books.store)


def change_settings(ask: Ask) -> Any:
    return settings.change(ask.books.store, ask.given)


def create_key(ask: Ask) -> Any:
    return keys.create(ask.books, ask.given.get("rights", {}), ask.given.get("name", ""))


def revoke_key(ask: Ask) -> Any:
    return {"revoked": keys.revoke(ask.books, ask.path["id"])}


_ACTIONS: list[tuple[str, str, Action]] = [
    ("POST", "/checkout/{id}/pay", pay_session),
    ("POST", "/payment_intents/{id}/settle", settle),
    ("POST", "/disputes", open_dispute),
    ("POST", "/disputes/{id}/close", close_dispute),
    ("POST", "/early_fraud_warnings", warn),
    ("POST", "/refunds/{id}/fail", fail_refund),
    ("POST", "/events/{id}/redeliver", redeliver),
    ("GET", "/deliveries", pending),
    ("GET", "/attempts", attempts),
    ("GET", "/settings", read_settings),
    ("POST", "/settings", change_settings),
    ("POST", "/keys", create_key),
    ("POST", "/keys/{id}/revoke", revoke_key),
]
