"""The billing portal: a person cancels, changes the plan, replaces the card, reads invoices."""

import hmac
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from sandbox.control.pages import require_same_site
from sandbox.stripe import cards_form, customers, payment_methods, setup, subscription_changes, subscription_end, texts
from sandbox.stripe.books import Books
from sandbox.stripe.errors import Doc, StripeError, invalid, no_such
from sandbox.stripe.events import changed
from sandbox.stripe.instruments import declined
from sandbox.stripe.pages_checkout import PAGES, atomically, send_back
from sandbox.stripe.portal import CONFIGURATION, SESSION

Step = Callable[["_Visit", dict[str, str]], None]
_LIVES = 24 * 3600


def portal_routes(books: Books) -> list[Route]:
    portal = _Portal(books)
    return [
        Route("/p/session/{id}/{secret}", portal.show, methods=["GET"]),
        Route("/p/session/{id}/{secret}", portal.submit, methods=["POST"]),
    ]


class _Visit:
    """One session with what it may do."""

    def __init__(self, books: Books, session: Doc) -> None:
        self.books, self.session = books, session
        self.customer = books.need("customer", session["customer"], status=404)
        self.features = books.need(CONFIGURATION, session["configuration"])["features"]

    def subscription(self, id: str) -> Doc:
        found = self.books.need("subscription", id, status=404)
        if found["customer"] != self.customer["id"]:
            raise no_such("subscription", id, status=404)
        return found

    def need(self, feature: str) -> Doc:
        settings: Doc = self.features[feature]
        if not settings["enabled"]:
            raise invalid(f"This portal does not offer {feature}.")
        return settings


class _Portal:
    def __init__(self, books: Books) -> None:
        self._books = books

    def _visit(self, request: Request) -> _Visit:
        session = self._books.need(SESSION, request.path_params["id"], status=404)
        known = hmac.compare_digest(session["_secret"].encode(), request.path_params["secret"].encode())
        if not known or session["created"] + _LIVES < self._books.now():
            raise no_such("session", request.path_params["id"], status=404)
        return _Visit(self._books, session)

    async def show(self, request: Request) -> Response:
        return self._page(request, self._visit(request), {}, None)

    async def submit(self, request: Request) -> Response:
        require_same_site(request)
        form = {name: str(value).strip() for name, value in (await request.form()).items()}
        return await run_in_threadpool(self._submit, request, form)

    def _submit(self, request: Request, form: dict[str, str]) -> Response:
        try:
            return atomically(self._books, lambda: self._act(self._visit(request), form))
        except StripeError as error:
            return self._page(request, self._visit(request), form, error)

    def _act(self, visit: _Visit, form: dict[str, str]) -> Response:
        step = _STEPS.get(form.get("action", ""))
        if step is None:
            raise invalid("Unknown action.", "action")
        step(visit, form)
        return RedirectResponse(f"{visit.session['url']}?done=1", 303)

    def _page(self, request: Request, visit: _Visit, form: dict[str, str], error: StripeError | None) -> Response:
        lang = texts.language(request, visit.session.get("locale"))
        complaint = texts.complaint(error.body()["error"], lang) if error else {"field": "", "message": ""}
        merchant = self._books.setting("account_name")
        page = PAGES.show(
            "portal.html", 422 if error else 200, lang=lang, t=texts.words(lang),
            merchant=merchant, session=visit.session, features=visit.features, customer=visit.customer,
            error=complaint, values=form, subscriptions=_subscriptions(visit, lang),
            invoices=_invoices(visit, lang), methods=_methods(visit),
            done="done" in request.query_params,
        )  # fmt: skip
        return send_back(page, visit.session["return_url"])


def _cancel(visit: _Visit, form: dict[str, str]) -> None:
    settings = visit.need("subscription_cancel")
    subscription = visit.subscription(form.get("subscription", ""))
    if settings["mode"] == "immediately":
        subscription_end.cancel(visit.books, subscription, reason="cancellation_requested")
    else:
        subscription_changes.update(visit.books, subscription, {"cancel_at_period_end": True})


def _keep(visit: _Visit, form: dict[str, str]) -> None:
    visit.need("subscription_cancel")
    subscription_changes.update(
        visit.books, visit.subscription(form.get("subscription", "")), {"cancel_at_period_end": False}
    )


def _change(visit: _Visit, form: dict[str, str]) -> None:
    settings = visit.need("subscription_update")
    subscription = visit.subscription(form.get("subscription", ""))
    allowed = [price for product in settings["products"] for price in product["prices"]]
    price = form.get("price", "")
    if price not in allowed:
        raise invalid("This plan is not offered here.", "price")
    (item, *_) = subscription["items"]["data"]
    change = {"items": [{"id": item["id"], "price": price}], "proration_behavior": settings["proration_behavior"]}
    subscription_changes.update(visit.books, subscription, change)


def _replace_method(visit: _Visit, form: dict[str, str]) -> None:
    visit.need("payment_method_update")
    customer = visit.customer
    billing = {"name": customer.get("name") or "-", "email": customer.get("email")}
    method = cards_form.read(visit.books, form, billing)
    intent = setup.new_intent(visit.books, customer=customer["id"])
    # The page stands in for the bank's own page as well: whoever replaces a card here has confirmed it.
    if method["type"] == "card" and (refusal := payment_methods.card_behaviour(method).refuses):
        raise declined(refusal)
    setup.succeed(visit.books, intent, method, authenticated=True)
    after = {**customer, "invoice_settings": {**customer["invoice_settings"], "default_payment_method": method["id"]}}
    changed(visit.books, "customer.updated", customer, after)
    for subscription in visit.books.all("subscription", customer=customer["id"]):
        if subscription["status"] not in subscription_end.ENDED:
            subscription_changes.update(visit.books, subscription, {"default_payment_method": method["id"]})


def _update_customer(visit: _Visit, form: dict[str, str]) -> None:
    settings = visit.need("customer_update")
    params: dict[str, Any] = {
        name: form[name] for name in ("name", "email") if name in form and name in settings["allowed_updates"]
    }
    if "address" in settings["allowed_updates"] and "country" in form:
        params["address"] = {name: form.get(name) or None for name in ("line1", "postal_code", "city", "country")}
    customers.change(visit.books, visit.customer, params)


_STEPS: dict[str, Step] = {
    "cancel": _cancel, "keep": _keep, "change": _change, "method": _replace_method, "customer": _update_customer
}  # fmt: skip


def _subscriptions(visit: _Visit, lang: str) -> list[Doc]:
    found = visit.books.all("subscription", customer=visit.customer["id"])
    return [
        _subscription(visit, subscription, lang)
        for subscription in found
        if subscription["status"] != "incomplete_expired"
    ]


def _subscription(visit: _Visit, subscription: Doc, lang: str) -> Doc:
    (first, *_) = items = subscription["items"]["data"]
    names = []
    for item in items:
        price = visit.books.need("price", item["price"])
        names.append((visit.books.need("product", price["product"])["name"], _price(price, lang)))
    offered = [
        price for product in visit.features["subscription_update"]["products"] or [] for price in product["prices"]
    ]
    choices = [(id, _choice(visit.books, id, lang)) for id in offered if id != first["price"]]
    running = subscription["status"] not in subscription_end.ENDED
    end = subscription["cancel_at"] or first["current_period_end"]
    return {"doc": subscription, "names": names, "choices": choices, "running": running, "until": _day(end)}


def _choice(books: Books, id: str, lang: str) -> str:
    price = books.need("price", id)
    return f"{books.need('product', price['product'])['name']} · {_price(price, lang)}"


def _price(price: Doc, lang: str) -> str:
    every = texts.words(lang)[f"every_{price['recurring']['interval']}"]
    return f"{texts.money(price['unit_amount'], price['currency'], lang)} {every}"


def _invoices(visit: _Visit, lang: str) -> list[Doc]:
    found = [doc for doc in visit.books.all("invoice", customer=visit.customer["id"]) if doc["status"] != "draft"]
    return [
        {"doc": doc, "day": _day(doc["created"]), "total": texts.money(doc["total"], doc["currency"], lang)}
        for doc in reversed(found)
    ]


def _methods(visit: _Visit) -> list[str]:
    default = visit.customer["invoice_settings"].get("default_payment_method")
    found = visit.books.all("payment_method", customer=visit.customer["id"])
    chosen = [doc for doc in found if doc["id"] == default] or found[-1:]
    return [
        f"{doc['card']['brand'].title() if doc['type'] == 'card' else 'SEPA'} ···· {doc[doc['type']]['last4']}"
        for doc in chosen
    ]


def _day(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d")
