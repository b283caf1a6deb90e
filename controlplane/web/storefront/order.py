"""The live page of an order: right after reload, after days, without script; and as a stream while it is open."""

from typing import Any

from fastapi import Request, Response
from fastapi.responses import RedirectResponse, StreamingResponse

from controlplane.api import orders
from controlplane.api.deps import GatewaysDep, SessionDep
from controlplane.billing import checkout
from controlplane.billing.checkout import Purchase
from controlplane.core.errors import ProductError
from controlplane.gateways import Gateways
from controlplane.web import paths, policy, seo
from controlplane.web.language import Language
from controlplane.web.routing import Pages
from controlplane.web.shell import Class, Page, fragment, fragment_answer, render
from controlplane.web.storefront import live
from controlplane.web.storefront.routes import LanguageDep
from controlplane.web.stream import HEADERS, follow

router = Pages(group="order.status")
TEMPLATE = "storefront/order.html"


def show(token: str, request: Request, language: LanguageDep, gateways: GatewaysDep) -> Response:
    """Back from the vendor's page the session is read again; then the address is clean."""
    if "session_id" in request.query_params:
        _read_again(gateways, token)
        return RedirectResponse(request.url.path, 303, {"cache-control": "no-store"})
    values = {
        **_values(gateways, token),
        "cancelled": "cancelled" in request.query_params,
        "meta": seo.meta(request, language, "order", title="order.title", about="order.description",
                         indexed=False, token=token),
        "structured": "",
    }  # fmt: skip
    origins = policy.payment_origins(gateways.settings)
    return render(request, language, Page(TEMPLATE, values, kind=Class.TOKEN, forms_to=origins))


def pay(token: str, gateways: GatewaysDep, session: SessionDep) -> Response:
    """Opens the payment page again; the order stays the same."""
    order = orders.by_token(session, token)
    buyer = order.buyer
    purchase = Purchase(
        quote_id=order.quote_id, email=buyer["email"], kind=buyer["kind"], name=buyer["name"],
        company=buyer["company"], vat_id=buyer["vat_id"], address=buyer["address"], slug=order.slug,
        locale=order.locale, consents=frozenset(),
    )  # fmt: skip
    return RedirectResponse(checkout.start(gateways, purchase).checkout_url, 303, {"cache-control": "no-store"})


def state(token: str, request: Request, language: LanguageDep, gateways: GatewaysDep) -> Response:
    return fragment_answer(_live(request, language, gateways, token)[0])


async def stream(token: str, request: Request, language: LanguageDep, gateways: GatewaysDep) -> Response:
    def look() -> tuple[str, bool]:
        return _live(request, language, gateways, token)

    return StreamingResponse(follow(request, look), media_type="text/event-stream", headers=HEADERS)


def _live(request: Request, language: Language, gateways: Gateways, token: str) -> tuple[str, bool]:
    values = _values(gateways, token)
    return fragment(request, language, TEMPLATE, "live", values), values["standing"].ended


def _values(gateways: Gateways, token: str) -> dict[str, Any]:
    with gateways.db.transaction() as session:
        order = orders.by_token(session, token)
        standing = live.of_order(session, gateways, order)
    return {"token": token, "standing": standing, "line": order.product, "now": gateways.now(),
            "mail_hint": _hint(str(order.buyer.get("email", ""))), "contact": gateways.settings.seller.email,
            "studio": _studio(gateways) if order.product == "site" else ""}  # fmt: skip


def _hint(email: str) -> str:
    local, _at, domain = email.rpartition("@")
    return f"{local[:1]}…\u2060@{domain}" if domain else ""  # in one piece


def _studio(gateways: Gateways) -> str:
    return gateways.edge.address(f"app.{gateways.settings.cloudflare.portal_zone}")


def _read_again(gateways: Gateways, token: str) -> None:
    """The same as the webhook does, whichever comes first; if the vendor is silent, the webhook will tell."""
    try:
        orders.refresh(token, gateways)
    except ProductError:
        with gateways.db.transaction() as session:
            orders.by_token(session, token)


for _code in ("de", "en"):
    router.add_api_route(paths.template("order", _code), show, methods=["GET"], name=f"order.{_code}")
    router.add_api_route(paths.template("order", _code), pay, methods=["POST"], name=f"pay.{_code}")
    router.add_api_route(paths.template("order_live", _code), state, methods=["GET"], name=f"state.{_code}")
    router.add_api_route(paths.template("order_stream", _code), stream, methods=["GET"], name=f"stream.{_code}")
