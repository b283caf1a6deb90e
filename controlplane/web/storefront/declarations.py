"""Withdrawing, cancelling and reporting without signing in: two steps, then a receipt with its time.

Nothing here says whether an address or a contract is known. Each declaration is kept as the letter that confirms it.
"""

import hashlib
from typing import Any

from fastapi import Request, Response

from controlplane.api.deps import GatewaysDep
from controlplane.audit.service import record
from controlplane.delivery.service import request_email
from controlplane.delivery.wording import harmless
from controlplane.gateways import Gateways
from controlplane.web import paths, seo
from controlplane.web.language import Language
from controlplane.web.routing import Pages
from controlplane.web.shell import Class, Page, render
from controlplane.web.storefront.routes import LanguageDep

router = Pages(group="public")
KINDS = ("withdraw", "cancel", "report")
FIELDS = ("name", "contract", "when", "email", "more")  # when: of a cancellation, else as soon as possible
REQUIRED = {
    "withdraw": ("name", "contract", "email"),
    "cancel": ("name", "contract", "email"),
    "report": ("contract", "more"),
}


def show(request: Request, language: LanguageDep) -> Response:
    return _page(request, language, _kind(request), "form", dict.fromkeys(FIELDS, ""))


async def send(request: Request, language: LanguageDep, gateways: GatewaysDep) -> Response:
    kind, form = _kind(request), await request.form()
    given = {name: str(form.get(name, "")).strip()[:500] for name in FIELDS}
    errors = _errors(kind, given, language)
    if errors:
        return _page(request, language, kind, "form", given, errors)
    if form.get("step") != "confirm":
        return _page(request, language, kind, "check", given)
    _keep(gateways, language, kind, given)
    return _page(request, language, kind, "receipt", given)


def _kind(request: Request) -> str:
    return next(kind for kind in KINDS if request.url.path in paths.TWINS[kind])


def _errors(kind: str, given: dict[str, str], language: Language) -> dict[str, str]:
    errors = {name: language(f"declare.{name}.missing") for name in REQUIRED[kind] if not given[name]}
    if given["email"] and "@" not in given["email"][1:-1]:
        errors["email"] = language("field.email.wrong")
    return errors


def _keep(gateways: Gateways, language: Language, kind: str, given: dict[str, str]) -> None:
    """The same declaration sent twice is one."""
    at, key = gateways.now(), hashlib.sha256("|".join((kind, *given.values())).encode()).hexdigest()[:32]
    data = {"what": language(f"{kind}.link"), "at": language.moment(at)}
    data |= {name: harmless(value) for name, value in given.items()}
    if kind == "cancel":
        when = harmless(given["when"]) or language("declare.soonest")
        data["more"] = " · ".join(part for part in (f"{language('declare.when')}: {when}", data["more"]) if part)
    address = given["email"] or gateways.settings.selling.operator_email
    with gateways.db.transaction() as session:
        if address:
            request_email(session, gateways, kind="declaration_received", to=address, locale=language.code,
                          data=data, dedup=f"declaration:{key}")  # fmt: skip
        if gateways.settings.selling.operator_email:
            request_email(session, gateways, kind="operator_notice", to=gateways.settings.selling.operator_email,
                          locale="en", dedup=f"declaration:{key}:notice",
                          data={"what": f"{kind}: {data['contract']}", "detail": data["more"] or data["name"],
                                "url": f"{gateways.settings.public_url}/console/emails"})  # fmt: skip
        record(session, actor="anonymous", action=f"declaration.{kind}", object_type="declaration", object_id=key,
               stream="money")  # fmt: skip


def _page(
    request: Request,
    language: Language,
    kind: str,
    step: str,
    given: dict[str, str],
    errors: dict[str, str] | None = None,
) -> Response:
    gateways: Gateways = request.app.state.gateways
    values: dict[str, Any] = {
        "kind": kind, "step": step, "given": given, "errors": errors or {}, "now": gateways.now(),
        "meta": seo.meta(request, language, kind, title=f"{kind}.link", about=f"{kind}.about", indexed=False),
        "structured": "",
    }  # fmt: skip
    return render(
        request, language, Page("storefront/declare.html", values, status=422 if errors else 200, kind=Class.TOKEN)
    )


for _code in ("de", "en"):
    for _name in KINDS:
        router.add_api_route(paths.template(_name, _code), show, methods=["GET"], name=f"{_name}.{_code}")
        router.add_api_route(paths.template(_name, _code), send, methods=["POST"], name=f"{_name}.send.{_code}")
