"""Routes for tests and the CLI under `/_sim/`: what at Stripe a person does in the dashboard, or time does."""

import json
from collections.abc import Callable
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

Action = Callable[[Books, dict[str, str], Doc], Any]


def control_routes(books: Books) -> list[Route]:
    return [_route(books, method, path, action) for method, path, action in _ACTIONS]


def _route(books: Books, method: str, path: str, action: Action) -> Route:
    async def endpoint(request: Request) -> Response:
        require_token(request, books.home.secrets)
        body = await request.body()
        given = json.loads(body) if body else dict(request.query_params)
        return await run_in_threadpool(_run, books, action, dict(request.path_params), given)

    return Route(f"/_sim{path}", endpoint, methods=[method])


def _run(books: Books, action: Action, path: dict[str, str], given: Doc) -> Response:
    refusal: StripeError | None = None
    with books.store.transaction():
        try:
            return JSONResponse(action(books, path, given))
        except ValueError as error:
            return JSONResponse({"error": {"message": str(error)}}, 422)
        except StripeError as error:
            if not error.keep:
                raise
            refusal = error
    return JSONResponse(refusal.body(), refusal.status)


def _shown(books: Books, doc: Doc) -> Doc:
    return show(inflate(books, doc))


def _charge(books: Books, given: Doc) -> Doc:
    """Named itself, or as the latest of a payment intent."""
    intent = books.get("payment_intent", given.get("payment_intent"))
    id = intent["latest_charge"] if intent else given.get("charge")
    if not id:
        raise invalid("Name a charge or a payment_intent.", "charge")
    return books.need("charge", id, "charge")


def open_dispute(books: Books, path: dict[str, str], given: Doc) -> Any:
    return _shown(books, disputes.open_dispute(books, _charge(books, given), given.get("reason", "fraudulent")))


def close_dispute(books: Books, path: dict[str, str], given: Doc) -> Any:
    dispute = books.need("dispute", path["id"], status=404)
    return _shown(books, disputes.end(books, dispute, won=given.get("outcome") == "won"))


def warn(books: Books, path: dict[str, str], given: Doc) -> Any:
    return _shown(books, disputes.warn(books, _charge(books, given)))


def settle(books: Books, path: dict[str, str], given: Doc) -> Any:
    intent = books.need("payment_intent", path["id"], status=404)
    return _shown(books, settlement.settle(books, intent, succeeds=given.get("outcome", "succeeded") == "succeeded"))


def fail_refund(books: Books, path: dict[str, str], given: Doc) -> Any:
    return _shown(books, refunds.fail(books, books.need("refund", path["id"], status=404)))


def pay_session(books: Books, path: dict[str, str], given: Doc) -> Any:
    """Exactly what the hosted page does; `challenge` answers 3-D Secure as well."""
    session = books.need("checkout.session", path["id"], status=404)
    challenge = given.pop("challenge", None)
    outcome = checkout_payment.pay(books, session, _buyer(given))
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


def redeliver(books: Books, path: dict[str, str], given: Doc) -> Any:
    books.need("event", path["id"], status=404)
    return {"deliveries": outbox.redeliver(books, path["id"], given.get("endpoint"))}


def attempts(books: Books, path: dict[str, str], given: Doc) -> Any:
    equal = {name: given[name] for name in ("event", "type", "endpoint") if name in given}
    return {"attempts": books.store.all("attempt", **equal)}


def pending(books: Books, path: dict[str, str], given: Doc) -> Any:
    return {kind: books.store.all(kind) for kind in (outbox.PENDING, outbox.FAILED)}


def read_settings(books: Books, path: dict[str, str], given: Doc) -> Any:
    return settings.read(books.store)


def change_settings(books: Books, path: dict[str, str], given: Doc) -> Any:
    return settings.change(books.store, given)


def create_key(books: Books, path: dict[str, str], given: Doc) -> Any:
    return keys.create(books, given.get("rights", {}), given.get("name", ""))


def revoke_key(books: Books, path: dict[str, str], given: Doc) -> Any:
    return {"revoked": keys.revoke(books, path["id"])}


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
