"""What a merchant sees: sessions, subscriptions, invoices, and each event with its deliveries."""

import json
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from sandbox.control.pages import require_same_site
from sandbox.stripe import events, outbox, texts
from sandbox.stripe.books import Books
from sandbox.stripe.errors import Doc
from sandbox.stripe.pages_checkout import PAGES

_LATEST = 25
_GOOD = {"complete", "paid", "active", "trialing", "succeeded", "delivered", "won"}
_BAD = {"past_due", "unpaid", "canceled", "failed", "undelivered", "uncollectible", "lost", "incomplete_expired"}


def dashboard_routes(books: Books) -> list[Route]:
    dashboard = _Dashboard(books)
    return [
        Route("/", dashboard.overview, methods=["GET"]),
        Route("/events/{id}", dashboard.event, methods=["GET"]),
        Route("/events/{id}/redeliver", dashboard.redeliver, methods=["POST"]),
    ]


def tone(status: str | None) -> str:
    return "ok" if status in _GOOD else "bad" if status in _BAD else "wait"


class _Dashboard:
    def __init__(self, books: Books) -> None:
        self._books = books

    async def overview(self, request: Request) -> Response:
        del request
        return PAGES.show(
            "dashboard.html", sessions=self._latest("checkout.session"), subscriptions=self._latest("subscription"),
            invoices=self._latest("invoice"), events=self._events(), tone=tone, when=_when, names=self._names,
            money=_money, endpoints=self._books.all("webhook_endpoint"),
        )  # fmt: skip

    def _latest(self, kind: str) -> list[Doc]:
        return self._books.all(kind)[: -_LATEST - 1 : -1]

    def _names(self, subscription: Doc) -> str:
        prices = [self._books.get("price", item["price"]) for item in subscription["items"]["data"]]
        products = [self._books.get("product", price["product"]) for price in prices if price]
        return ", ".join(product["name"] for product in products if product)

    def _events(self) -> list[Doc]:
        return [
            {**event, "deliveries": outbox.of_event(self._books, event["id"])}
            for event in events.latest(self._books, _LATEST)
        ]

    async def event(self, request: Request) -> Response:
        event = self._books.need("event", request.path_params["id"], status=404)
        attempts = self._books.store.all("attempt", event=event["id"])
        body = json.dumps(event["data"]["object"], indent=2, ensure_ascii=False)
        deliveries = outbox.of_event(self._books, event["id"])
        urls = {doc["id"]: doc["url"] for doc in self._books.all("webhook_endpoint")}
        return PAGES.show(
            "event.html",
            event=event,
            body=body,
            attempts=attempts,
            deliveries=deliveries,
            urls=urls,
            when=_when,
            tone=tone,
        )

    async def redeliver(self, request: Request) -> Response:
        require_same_site(request)
        event = self._books.need("event", request.path_params["id"], status=404)
        outbox.redeliver(self._books, event["id"])
        return RedirectResponse(f"{self._books.url}/events/{event['id']}", 303)


def _when(moment: float | None) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M:%S") if moment else "–"


def _money(amount: int | None, currency: str | None) -> str:
    return texts.money(amount, currency, "en")
