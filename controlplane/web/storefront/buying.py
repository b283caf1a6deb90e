"""Steps 2 and 3: who buys and under which address, then everything once more above the one button.

What a buyer types is carried in the form itself until the order is placed: nothing personal is kept of those who leave.
"""

from typing import Any
from urllib.parse import urlencode

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session, select
from starlette.datastructures import FormData

from controlplane.api import catalog as offers
from controlplane.api.deps import GatewaysDep, SessionDep
from controlplane.billing import checkout, quotes
from controlplane.billing.catalog import Interval, catalog
from controlplane.billing.models import Order, Quote
from controlplane.core.errors import Conflict, Gone, Invalid, Problem, TryLater, Unavailable
from controlplane.gateways import Gateways
from controlplane.web import paths, policy, seo
from controlplane.web.language import Language
from controlplane.web.routing import Pages
from controlplane.web.shell import Class, Page, fragment, fragment_answer, render
from controlplane.web.storefront import choice as choices
from controlplane.web.storefront import repriced, shelf
from controlplane.web.storefront.buyer import Buyer, read_buyer
from controlplane.web.storefront.repriced import RanOut
from controlplane.web.storefront.routes import LanguageDep
from tenants import naming

router = Pages(group="checkout")
open_router = Pages(group="public")
DETAILS, CHECK = "storefront/details.html", "storefront/check.html"
Errors = dict[str, str]
BACK_TO_DETAILS = {"slug_taken": "slug", "slug_form": "slug", "slug_reserved": "slug", "company_incomplete": "company"}


def details(
    quote_id: str, request: Request, language: LanguageDep, session: SessionDep, gateways: GatewaysDep
) -> Response:
    quote = repriced.usable(session, gateways, quote_id)
    if isinstance(quote, RanOut):
        return _ran_out(request, language, quote, _blank(quote.now, language))
    return _details(request, language, quote, _blank(quote, language), {})


def begin_again(quote_id: str, language: LanguageDep) -> Response:
    """What was typed is in the form alone: whoever comes by address starts where it is asked."""
    return RedirectResponse(paths.path("details", language.code, quote_id=quote_id), 303, {"cache-control": "no-store"})


async def check(quote_id: str, request: Request, language: LanguageDep, gateways: GatewaysDep) -> Response:
    """Shows everything before the button; nothing is stored yet."""
    form = await request.form()
    buyer, errors = read_buyer(form, language)
    with gateways.db.transaction() as session:
        quote = repriced.usable(session, gateways, quote_id, agreed=str(form.get("agreed", "")))
        if isinstance(quote, RanOut):
            return _ran_out(request, language, quote, buyer, consents=_consents(form))
        errors |= _slug_error(session, gateways, quote.line, buyer.slug, language)
        if form.get("step") == "edit":
            return _details(request, language, quote, buyer, {})
        if errors:
            return _details(request, language, quote, buyer, errors)
        quote = _for_buyer(session, gateways, quote, buyer)
    return _check(request, language, quote, buyer, {}, consents=_consents(form))


async def place(quote_id: str, request: Request, language: LanguageDep, gateways: GatewaysDep) -> Response:
    """The order, once per quote however often it is sent; then the vendor's page."""
    form = await request.form()
    buyer, errors = read_buyer(form, language)
    consents = _consents(form)
    with gateways.db.transaction() as session:
        quote = repriced.usable(session, gateways, quote_id)
    if isinstance(quote, RanOut):
        return _ran_out(request, language, quote, buyer, consents=consents)
    if errors:
        return _details(request, language, quote, buyer, errors)
    try:
        order = checkout.start(gateways, buyer.purchase(quote.id, consents))
    except (TryLater, Unavailable):
        return _kept(gateways, quote, language)
    except (Invalid, Conflict, Gone) as error:
        return _refused(request, language, quote, buyer, error, consents)
    return RedirectResponse(order.checkout_url, 303, {"cache-control": "no-store"})


def slug(line: str, request: Request, language: LanguageDep, session: SessionDep, gateways: GatewaysDep) -> Response:
    """What the field says while somebody types."""
    wanted = request.query_params.get("slug", "").strip().lower()[:60]
    found = offers.slug(wanted, gateways, session, line=line) if wanted else None
    values = {"slug": wanted, "found": found, "zone": gateways.settings.cloudflare.sites_zone}
    return fragment_answer(fragment(request, language, "storefront/slug.html", "answer", values))


def _blank(quote: Quote, language: Language) -> Buyer:
    return Buyer(kind=quote.buyer, country=quote.country, mail_language=language.code)


def _ran_out(
    request: Request, language: Language, found: RanOut, buyer: Buyer, *, consents: frozenset[str] = frozenset()
) -> Response:
    """Nothing typed is lost: it waits in the form that agrees to the new price."""
    values = {
        **_summary(request, language, found.now, "details"), "found": found, "buyer": buyer, "typed": bool(buyer.name),
        "consents": sorted(consents), "changes": repriced.changes(found, language),
    }  # fmt: skip
    return render(request, language, Page("storefront/repriced.html", values, kind=Class.TOKEN))


def _kept(gateways: Gateways, quote: Quote, language: Language) -> Response:
    """The vendor did not answer: the order is kept when it got that far, its page opens the payment again."""
    with gateways.db.transaction() as session:
        order = session.exec(select(Order).where(Order.quote_id == quote.id)).first()
    if order is None:
        raise Unavailable("The payment page cannot be opened just now.", code="payment_page")
    return RedirectResponse(paths.path("order", language.code, token=order.token), 303)


def _refused(
    request: Request, language: Language, quote: Quote, buyer: Buyer, error: Problem, consents: frozenset[str]
) -> Response:
    code = error.problem_code
    if code == "order_paid":
        return RedirectResponse(paths.path("order", language.code, token=str(error.extra["order"])), 303)
    sentence = language(f"problem.{code}") if language.has(f"problem.{code}") else language("problem.unknown")
    if code in BACK_TO_DETAILS:
        return _details(request, language, quote, buyer, {BACK_TO_DETAILS[code]: sentence})
    asked = [text.kind for text in catalog().consents if text.kind in error.extra.get("consents", ())]
    missing = {f"consent-{kind}": language(f"consentname.{kind}") for kind in asked}
    return _check(request, language, quote, buyer, missing or {"": sentence}, consents=consents)


def _consents(form: FormData) -> frozenset[str]:
    return frozenset(str(kind) for kind in form.getlist("consent"))


def _for_buyer(session: Session, gateways: Gateways, quote: Quote, buyer: Buyer) -> Quote:
    if (quote.buyer, quote.country) == (buyer.kind, buyer.country):
        return quote
    asked = choices.for_buyer(quote, buyer=buyer.kind, country=buyer.country)
    return quotes.create(session, gateways, asked)[0]


def _slug_error(session: Session, gateways: Gateways, line: str, slug: str, language: Language) -> Errors:
    found = offers.slug(slug, gateways, session, line=line)
    if found["free"]:
        return {}
    ideas = ", ".join(found["ideas"])
    hint = f" {language('slug.ideas', ideas=ideas)}" if ideas else ""
    return {"slug": language(f"problem.{found['reason']}") + hint}


def _details(request: Request, language: Language, quote: Quote, buyer: Buyer, errors: Errors) -> Response:
    settings = request.app.state.gateways.settings
    values = {
        **_summary(request, language, quote, "details"),
        "buyer": buyer,
        "errors": errors,
        "suggestion": naming.suggest(buyer.company or buyer.name) if not buyer.slug else "",
        "zone": settings.cloudflare.sites_zone,
        "countries": sorted(catalog().vat["rates"]),
    }
    return render(request, language, Page(DETAILS, values, status=422 if errors else 200, kind=Class.TOKEN))


def _check(
    request: Request,
    language: Language,
    quote: Quote,
    buyer: Buyer,
    errors: Errors,
    *,
    consents: frozenset[str] = frozenset(),
) -> Response:
    settings = request.app.state.gateways.settings
    values = {
        **_summary(request, language, quote, "check"),
        "buyer": buyer,
        "errors": errors,
        "consents": [text for text in catalog().consents if quote.buyer in text.buyers],
        "given": consents,
        "zone": settings.cloudflare.sites_zone,
    }
    page = Page(
        CHECK, values, status=422 if errors else 200, kind=Class.TOKEN, forms_to=policy.payment_origins(settings)
    )
    return render(request, language, page)


def _summary(request: Request, language: Language, quote: Quote, name: str) -> dict[str, Any]:
    yearly, chosen = quote.selection["interval"] == "year", quote.selection["offers"]
    return {
        "quote": quote,
        "yearly": yearly,
        "back": urlencode(_as_choice(quote).as_query()),
        "selected": shelf.names([one.key for one in catalog().of_line(quote.line) if one.key in chosen], language),
        "meta": seo.meta(request, language, name, title=f"{name}.title", about=f"{quote.line}.description",
                         indexed=False, quote_id=quote.id),
        "structured": "",
    }  # fmt: skip


def _as_choice(quote: Quote) -> choices.Choice:
    """The way back to the configurator, with everything as it was chosen."""
    chosen = dict(quote.selection["offers"])
    base = next(key for key in chosen if catalog().offer(key).is_base)
    extras = {key: number for key, number in chosen.items() if key != base and not catalog().offer(key).core}
    interval = Interval(quote.selection["interval"])
    code = "" if quote.referral_code else quote.discount_code
    return choices.Choice(quote.line, base, extras, interval, code, quote.referral_code, choices.usage_of(quote))


for _code in ("de", "en"):
    open_router.add_api_route(paths.template("details", _code), details, methods=["GET"], name=f"details.{_code}")
    open_router.add_api_route(paths.template("check", _code), check, methods=["POST"], name=f"check.{_code}")
    for _name in ("check", "place"):
        open_router.add_api_route(
            paths.template(_name, _code), begin_again, methods=["GET"], name=f"{_name}.get.{_code}"
        )
    open_router.add_api_route(paths.template("slug", _code), slug, methods=["GET"], name=f"slug.{_code}")
    router.add_api_route(paths.template("place", _code), place, methods=["POST"], name=f"place.{_code}")
