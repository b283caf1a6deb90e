"""Public pages: what it is, what it costs, what applies. Cookie-free and cacheable."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request, Response
from fastapi.responses import RedirectResponse

from controlplane.billing import quotes
from controlplane.billing.catalog import catalog
from controlplane.web import legal, paths, plots, seo
from controlplane.web.language import Language, preferred
from controlplane.web.routing import Pages
from controlplane.web.shell import Class, Page, kept_query, render, unchanged
from controlplane.web.storefront import shelf
from controlplane.web.storefront.choice import DEFAULT
from controlplane.web.usual import lately

router = Pages(group="public")
SHOWN = ("ivs-streaming", "ivs-chat")  # in the example of what running it costs
Route = Callable[..., Response]


def _language(request: Request) -> Language:
    return Language(request.url.path.split("/")[1])


LanguageDep = Annotated[Language, Depends(_language)]


@router.get("/")
def gate(request: Request) -> Response:
    """Only the bare address asks for the visitor's language; no deeper one ever redirects."""
    language = preferred(request.headers.get("accept-language", ""))
    target = paths.path("home", language, kept_query(request))
    return RedirectResponse(target, 302, {"vary": "accept-language", "cache-control": "max-age=0"})


def landing(request: Request, language: LanguageDep) -> Response:
    return _opened(request, language, "")


def campaign(request: Request, language: LanguageDep, campaign: str) -> Response:
    """The landing page with the campaign's own opening, for search engines the product page."""
    return _opened(request, language, campaign)


def _opened(request: Request, language: Language, campaign: str) -> Response:
    usual = lately(request.app.state.gateways)
    half = {line: language.span(found.half) for line, found in usual.items() if found}
    return unchanged(request, f"{half}") or render(request, language, _landing(request, language, campaign, half))


def _landing(request: Request, language: Language, campaign: str, half: dict[str, str]) -> Page:
    opening = campaign if campaign in paths.LINES else ""
    gateways = request.app.state.gateways
    values = {
        "opening": opening,
        "lines": [(line, shelf.cheapest(line), shelf.bases(line, language)) for line in paths.LINES],
        "promise": {"site": gateways.settings.edge.promise_seconds, "creator": gateways.settings.aws.promise_seconds},
        "half": half,
        "meta": seo.meta(request, language, "home", title="landing.title", about="landing.description",
                         canonical=opening or "home", indexed=not campaign),
        "structured": seo.of_landing(request, language),
    }  # fmt: skip
    return Page("storefront/landing.html", values, kind=Class.PUBLIC, mark=f"{half}")


def product(line: str) -> Route:
    def page(request: Request, language: LanguageDep) -> Response:
        return unchanged(request) or render(request, language, _product(request, language, line))

    return page


def _product(request: Request, language: Language, line: str) -> Page:
    gateways = request.app.state.gateways
    promise = {"site": gateways.settings.edge.promise_seconds, "creator": gateways.settings.aws.promise_seconds}
    values = {
        "line": line,
        "bases": shelf.bases(line, language),
        "groups": shelf.groups(line, language),
        "names": lambda keys: shelf.names(keys, language),
        "promise": promise[line],
        "facts": catalog().lines[line],
        "example": shelf.names([DEFAULT[line]], language)[0],
        "plot": plots.running_cost(quotes.typical_cost(DEFAULT[line], *SHOWN), language) if line == "creator" else None,
        "plot_file": "",
        "meta": seo.meta(request, language, line, title=f"{line}.title", about=f"{line}.description"),
        "structured": seo.of_product(request, language, line),
    }
    return Page("storefront/product.html", values, kind=Class.PUBLIC)


def legal_page(name: str) -> Route:
    def page(request: Request, language: LanguageDep) -> Response:
        return unchanged(request) or render(request, language, _legal(request, language, name))

    return page


def legal_version(name: str) -> Route:
    def page(request: Request, language: LanguageDep, version: str) -> Response:
        return unchanged(request) or render(request, language, _legal(request, language, name, version))

    return page


def _legal(request: Request, language: Language, name: str, version: str = "") -> Page:
    text = legal.read(name, language.code, request.app.state.gateways.settings, version=version)
    meta = seo.meta(request, language, name, title=f"{name}.title", about=f"{name}.description", indexed=not version)
    values = {"text": text, "name": name, "meta": meta, "structured": "",
              "versions": legal.versions(name, language.code)}  # fmt: skip
    return Page("storefront/legal.html", values, kind=Class.PUBLIC)


def _mount() -> None:
    for code in ("de", "en"):
        pages: dict[str, Route] = {
            "home": landing,
            "start": campaign,
            "site": product("site"),
            "creator": product("creator"),
        }
        pages |= {name: legal_page(name) for name in paths.LEGAL}
        pages |= {f"{name}.version": legal_version(name) for name in paths.LEGAL}
        for name, page in pages.items():
            router.add_api_route(paths.template(name, code), page, methods=["GET"], name=f"{name}.{code}")


_mount()
