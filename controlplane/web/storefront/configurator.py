"""Step 1: what exactly, and for how much. The address holds the choice, the server holds the price."""

from typing import Any
from urllib.parse import urlencode

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from controlplane.api import sheets
from controlplane.api.deps import GatewaysDep, SessionDep
from controlplane.billing import quotes
from controlplane.billing.catalog import catalog
from controlplane.core.errors import NotFound
from controlplane.gateways import Gateways
from controlplane.web import paths, plots, seo
from controlplane.web.language import Language
from controlplane.web.routing import Pages
from controlplane.web.shell import (
    Class,
    Page,
    fragment,
    fragment_answer,
    kept_query,
    render,
    wants_fragment,
)
from controlplane.web.storefront import choice as choices
from controlplane.web.storefront import shelf
from controlplane.web.storefront.routes import LanguageDep

router = Pages(group="public")
TEMPLATE = "storefront/configure.html"


def show(line: str, request: Request, language: LanguageDep, session: SessionDep, gateways: GatewaysDep) -> Response:
    _require_line(line)
    values = _values(request, language, session, gateways, line)
    if sheets.wanted(request) and values["plot"]:
        return sheets.answer(values["plot"].rows, name=language("cost.file"))
    if wants_fragment(request):
        address = f"{request.url.path}?{urlencode(values['choice'].as_query())}"
        return fragment_answer(fragment(request, language, TEMPLATE, "configurator", values), push=address)
    return render(request, language, Page(TEMPLATE, values, kind=Class.TOKEN))


async def _form(request: Request) -> choices.Given:
    return await request.form()


async def go_on(line: str, request: Request, language: LanguageDep, gateways: GatewaysDep) -> Response:
    """The choice becomes a quote: a price that stays, at an address of its own."""
    _require_line(line)
    chosen = choices.read(line, await request.form())
    wanted = choices.asked(chosen, language=language.code, attribution=_marks(request))
    with gateways.db.transaction() as session:
        quote, _selection = quotes.create(session, gateways, wanted)
    return RedirectResponse(paths.path("details", language.code, quote_id=quote.id), 303)


def _require_line(line: str) -> None:
    if line not in paths.LINES:
        raise NotFound("There is no such product line.")


def _marks(request: Request) -> dict[str, str]:
    return {name: value for name, value in kept_query(request).items() if name != "ref"}


def _values(request: Request, language: Language, session: Session, gateways: Gateways, line: str) -> dict[str, Any]:
    chosen = choices.read(line, request.query_params)
    found = choices.priced(session, gateways, chosen, language=language.code)
    added = [key for key in found.selection.added if not _is_core(line, key)]
    return {
        "line": line,
        "choice": chosen,
        "quote": found.quote,
        "selected": found.selection.offers,
        "added": shelf.names(added, language),
        "dropped": shelf.names(list(chosen.dropped), language),
        "code_error": found.code_error,
        "bases": shelf.bases(line, language),
        "groups": shelf.groups(line, language),
        "names": lambda keys: shelf.names(keys, language),
        "saving": sum(quotes.saving(catalog().offer(key)) * count for key, count in found.selection.offers.items()),
        "plot_file": f"{request.url.path}?{urlencode([*chosen.as_query(), ('format', 'csv')])}",
        "plot": plots.running_cost(found.quote.running_cost, language) if line == "creator" else None,
        "meta": seo.meta(request, language, "configure", title=f"configure.{line}.title",
                         about=f"{line}.description", indexed=False, line=line),
        "structured": "",
        "switch_query": urlencode(chosen.as_query()),
    }  # fmt: skip


def _is_core(line: str, key: str) -> bool:
    return any(one.key == key and one.offer.core for one in shelf.extras(line, Language("de")))


for _code in ("de", "en"):
    router.add_api_route(paths.template("configure", _code), show, methods=["GET"], name=f"configure.{_code}")
    router.add_api_route(paths.template("configure", _code), go_on, methods=["POST"], name=f"go_on.{_code}")
