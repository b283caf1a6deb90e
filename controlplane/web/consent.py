"""Consent to what is not strictly necessary: asked once, kept with version and time, changed with one click.

The only such service is our own counting of page views: no identifier, no third party.
"""

from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import unquote

from fastapi import Body, Form, Request, Response
from fastapi.responses import RedirectResponse
from prometheus_client import Counter

from controlplane.api.deps import GatewaysDep
from controlplane.core.ids import new_id
from controlplane.identity.paths import own_path
from controlplane.web import paths, seo
from controlplane.web.routing import Pages
from controlplane.web.shell import CONSENT_VERSION, SERVICES, Class, Page, render
from controlplane.web.storefront.routes import LanguageDep

router = Pages(group="public")
VIEWS = Counter("page_views_consented", "Page views of visitors who agreed to be counted.", ["page"])
COOKIE, HALF_A_YEAR = "consent", 182 * 86_400
PUBLIC = {path: name for name, twins in paths.TWINS.items() for path in twins if "{" not in path}


def show(request: Request, language: LanguageDep) -> Response:
    values = {
        "allowed": allowed(request), "given": _decision(request), "hides_consent": True,
        "meta": seo.meta(request, language, "consent", title="consent.link", about="consent.about", indexed=False),
        "structured": "",
    }  # fmt: skip
    return render(request, language, Page("storefront/consent.html", values, kind=Class.TOKEN))


def choose(
    language: LanguageDep, gateways: GatewaysDep,
    choice: Annotated[str, Form(pattern="^(all|none)$")], back: Annotated[str, Form(max_length=500)] = "",
) -> Response:  # fmt: skip
    """Readable by script on purpose: it says what may run, and identifies a decision, not a person."""
    chosen = "+".join(SERVICES) if choice == "all" else "none"
    value = f"{CONSENT_VERSION}.{chosen}.{gateways.now():%Y%m%dT%H%M%SZ}.{language.code}.{new_id()}"
    target = own_path(back) if back else paths.path("consent", language.code)
    answer = RedirectResponse(target, 303, {"cache-control": "no-store"})
    secure = gateways.settings.public_url.startswith("https://")
    answer.set_cookie(COOKIE, value, max_age=HALF_A_YEAR, path="/", samesite="lax", secure=secure)
    return answer


@router.post("/statistics/view", status_code=204)
def count(request: Request, path: Annotated[str, Body(embed=True, max_length=200)]) -> Response:
    """Counted only with consent, whatever the script in the page believes."""
    if "statistics" in allowed(request) and request.headers.get("sec-gpc") != "1":
        VIEWS.labels(PUBLIC.get(path, "other")).inc()
    return Response(status_code=204)


def allowed(request: Request) -> tuple[str, ...]:
    """Of the present version only: a new one asks again."""
    version, chosen = _parts(request)[:2]
    return tuple(name for name in chosen.split("+") if name in SERVICES) if version == CONSENT_VERSION else ()


def _decision(request: Request) -> dict[str, Any]:
    """What this browser says was decided when; a cookie can hold anything."""
    version, _chosen, at = _parts(request)[:3]
    try:
        return {"version": version, "at": datetime.strptime(at, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)}
    except ValueError:
        return {"version": ""}


def _parts(request: Request) -> list[str]:
    parts = unquote(request.cookies.get(COOKIE, "")).split(".")
    return parts if len(parts) == 5 else ["", "", "", "", ""]


for _code in ("de", "en"):
    router.add_api_route(paths.template("consent", _code), show, methods=["GET"], name=f"consent.{_code}")
    router.add_api_route(paths.template("consent", _code), choose, methods=["POST"], name=f"consent.choose.{_code}")
