"""A page around what a route has to say: language, templates, headers, entity tags, fragments."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from controlplane.api import etag
from controlplane.billing.catalog import catalog
from controlplane.core.telemetry import correlation
from controlplane.gateways import Gateways
from controlplane.identity import sign_ins
from controlplane.identity.actor import ANONYMOUS
from controlplane.identity.drafts import find as find_draft
from controlplane.settings import Settings
from controlplane.web import assets, drafts, paths, policy
from controlplane.web.language import LANGUAGES, Language
from controlplane.web.legal import OF_CONSENT

ALLOWED_QUERY = ("ref", "utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term")
SERVICES = ("statistics",)  # what needs the visitor's consent
THEMES = ("light", "dark")  # anything else: as the system has it
CONSENT_VERSION = "2026-11"
PUBLIC_CACHE = "public, max-age=60, stale-while-revalidate=600"


class Class(StrEnum):
    PUBLIC = "public"  # cookie-free and cacheable
    TOKEN = "token"  # noqa: S105 -- who knows the address may read it
    PERSONAL = "personal"


@dataclass(frozen=True)
class Page:
    """What a route says; everything else is the shell's."""

    template: str
    values: dict[str, Any]
    status: int = 200
    kind: Class = Class.PERSONAL
    forms_to: tuple[str, ...] = ()
    frames: bool = False
    mark: str = ""  # of what a public page says beside its texts and the catalogue


@cache
def environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals.update(
        asset=assets.address,
        LEGAL=paths.LEGAL,
        OF_CONSENT=OF_CONSENT,
        LANGUAGES=LANGUAGES,
        vat_rates=catalog().vat["rates"],
    )
    return made


def render(request: Request, language: Language, page: Page) -> Response:
    gateways: Gateways = request.app.state.gateways
    text = _with_draft(request, language, text_of(request, language, page))
    found = policy.content_policy(gateways.settings, forms_to=page.forms_to, frames=page.frames)
    referrer = "same-origin" if page.kind is Class.TOKEN else "strict-origin-when-cross-origin"
    headers = policy.headers(gateways.settings, policy=found, referrer=referrer)
    headers |= {"content-language": language.code, "vary": "HX-Request"}
    if page.kind is Class.PUBLIC and page.status == 200:
        headers |= {"cache-control": PUBLIC_CACHE, "etag": entity_tag(request, page.mark)}
    else:
        headers["cache-control"] = "no-store"
    return HTMLResponse(text, status_code=page.status, headers=headers)


def _with_draft(request: Request, language: Language, text: str) -> str:
    """After somebody came back in: the form as they left it."""
    draft_id, actor = request.query_params.get("draft", ""), getattr(request.state, "actor", ANONYMOUS)
    draft = find_draft(request.app.state.gateways, draft_id, actor.id) if draft_id and actor.sign_in_id else None
    if draft is None:
        return text
    target, values = draft
    notice = language("draft.notice")
    return drafts.filled(text, path=request.url.path, target=target, values=values, notice=notice)


def text_of(request: Request, language: Language, page: Page) -> str:
    values = {**_common(request, language), **page.values}
    return environment().get_template(page.template).render(**values)


def fragment(request: Request, language: Language, template: str, block: str, values: dict[str, Any]) -> str:
    """One named block of a page's template, as htmx and streams get it."""
    found = environment().get_template(template)
    context = found.new_context({**_common(request, language), **values})
    return "".join(found.blocks[block](context))


def fragment_answer(text: str, *, status: int = 200, push: str = "") -> Response:
    headers = {"cache-control": "no-store", "vary": "HX-Request"}
    return HTMLResponse(text, status_code=status, headers={**headers, **({"hx-replace-url": push} if push else {})})


def wants_fragment(request: Request) -> bool:
    return request.headers.get("hx-request") == "true"


def entity_tag(request: Request, mark: str = "") -> str:
    """Of a public page: everything that it is made of, without rendering it."""
    query = "&".join(f"{name}={value}" for name, value in sorted(kept_query(request).items()))
    made_of = (assets.build(), catalog().version, _said_of_us(request.app.state.gateways.settings), mark)
    text = "|".join((*made_of, request.url.path, query, str(wants_fragment(request))))
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


def _said_of_us(settings: Settings) -> str:
    """Who sells, what is promised and what is counted: changed by a restart, and then browsers must hear of it."""
    promises = (settings.edge.promise_seconds, settings.aws.promise_seconds)
    return f"{settings.seller!r}{settings.pages!r}{settings.public_url}{promises}"


def unchanged(request: Request, mark: str = "") -> Response | None:
    """304 before anything is rendered."""
    tag = entity_tag(request, mark)
    if etag.names(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers={"etag": tag, "cache-control": PUBLIC_CACHE, "vary": "HX-Request"})
    return None


def kept_query(request: Request) -> dict[str, str]:
    """Campaign marks and a referral travel in our links: nothing is stored on the device for them."""
    given = ((name, request.query_params.get(name, "")) for name in ALLOWED_QUERY)
    return {name: value for name, value in given if value and len(value) <= 64 and _is_mark(value)}


def theme_of(request: Request) -> str:
    """What somebody who signs in has chosen; pages for everybody follow the system."""
    chosen = request.cookies.get("theme", "")
    return chosen if chosen in THEMES else ""


def _is_mark(value: str) -> bool:
    return all(letter.isalnum() or letter in "._-" for letter in value)


def _csrf(request: Request) -> str:
    """Of whoever is signed in; pages for everybody have none and need none."""
    actor = getattr(request.state, "actor", ANONYMOUS)
    return sign_ins.csrf_token(request.app.state.gateways, actor.sign_in_id) if actor.sign_in_id else ""


def _common(request: Request, language: Language) -> dict[str, Any]:
    kept = kept_query(request)

    def url(name: str, _code: str = "", **values: str) -> str:
        carries = kept if name in {"home", "site", "creator", "configure", "start"} else {}
        return paths.path(name, _code or language.code, carries, **values)

    return {
        "t": language,
        "lang": language.code,
        "url": url,
        "csrf": _csrf(request),
        "request_id": correlation.get(),
        "public_url": request.app.state.gateways.settings.public_url,
        "path": request.url.path,
        "theme": theme_of(request),
        "services": SERVICES if request.app.state.gateways.settings.pages.statistics else (),
        "consent_version": CONSENT_VERSION,
    }
