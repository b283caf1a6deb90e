"""Stripe on loopback: the API, the hosted pages, the control routes and the sender of webhooks."""

import asyncio

import httpx
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.kit.faults import FaultMiddleware
from sandbox.kit.home import Emulator, Home
from sandbox.stripe import clocks, deliveries, resources, timers
from sandbox.stripe.api import Api, not_found
from sandbox.stripe.books import HOME, Books
from sandbox.stripe.control import control_routes
from sandbox.stripe.errors import StripeError, wire_shape
from sandbox.stripe.pages_checkout import checkout_routes
from sandbox.stripe.pages_dashboard import dashboard_routes
from sandbox.stripe.pages_invoice import invoice_routes
from sandbox.stripe.pages_portal import portal_routes

FAULTS = deliveries.KINDS
_TICK = 0.05
_TIMERS_EVERY = 10  # ticks


def build(home: Home) -> Emulator:
    books = Books(home, home.store("stripe"))
    home.clock.on_advance(lambda: run_timers(books))
    api = Api(books, resources.operations())
    pages = [*checkout_routes(books), *invoice_routes(books), *portal_routes(books), *dashboard_routes(books)]
    routes: list[Route] = [*api.routes(), *control_routes(books), *pages]
    anything = Route("/v1/{rest:path}", not_found, methods=["GET", "POST", "DELETE", "PUT", "PATCH"])
    app = Starlette(routes=[*routes, anything], exception_handlers={StripeError: _refuse, Exception: _crash})
    faulty = FaultMiddleware(app, vendor="stripe", faults=home.faults, shape=wire_shape)
    return Emulator("stripe", faulty, lambda: work(books))


async def _refuse(_: Request, error: Exception) -> Response:
    assert isinstance(error, StripeError)
    return JSONResponse(error.body(), error.status)


async def _crash(_: Request, error: Exception) -> Response:
    del error
    return JSONResponse(StripeError("An unknown error occurred", status=500, type="api_error").body(), 500)


def run_timers(books: Books) -> None:
    timers.run_due(books, HOME, books.home.clock.timestamp())


def tick(books: Books) -> None:
    clocks.run_advancing(books)
    timers.run_due(books, timers.WALL, timers.wall_now())
    run_timers(books)


async def work(books: Books) -> None:
    """As long as the process lives: send webhooks, finish test clocks, carry out what is due."""
    sender, count, seen, waiting = deliveries.Deliveries(books), 0, (-1, -1), False
    timeout = httpx.Timeout(books.setting("webhook_timeout"))
    async with httpx.AsyncClient(timeout=timeout, trust_env=False) as http:
        while True:
            before, seen = seen, books.store.version()
            if waiting or seen != before:
                waiting = sender.start_due(http)
                await run_in_threadpool(clocks.run_advancing, books)
            if count % _TIMERS_EVERY == 0:
                await run_in_threadpool(tick, books)
            count += 1
            await asyncio.sleep(_TICK)
