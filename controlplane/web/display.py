"""How somebody wants the pages: colours and shortcuts stay in the browser, the language with whoever gets letters."""

from typing import Annotated

from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse

from controlplane.api.deps import ActorDep, GatewaysDep, SessionDep
from controlplane.billing.models import Customer
from controlplane.identity.actor import ActorKind
from controlplane.web.language import LANGUAGES
from controlplane.web.routing import Pages
from controlplane.web.shell import THEMES

router = Pages(group="session")
YEAR = 365 * 24 * 3600


@router.post("/console/display")
@router.post("/portal/display")
def choose(
    request: Request, session: SessionDep, gateways: GatewaysDep, actor: ActorDep,
    theme: Annotated[str, Form(max_length=10)] = "", language: Annotated[str, Form(max_length=5)] = "",
    keys: Annotated[str, Form(pattern="^(on|off|)$")] = "",
) -> Response:  # fmt: skip
    in_portal = request.url.path.startswith("/portal")
    answer = RedirectResponse("/portal/data" if in_portal else "/console/me", 303, {"cache-control": "no-store"})
    chosen = {"keys": keys} if keys else {"theme": theme if theme in THEMES else "system"}
    if language in LANGUAGES:
        chosen["lang"] = language
        if customer := session.get(Customer, actor.id) if actor.kind is ActorKind.CUSTOMER else None:
            customer.locale = language
            session.add(customer)
    secure = gateways.settings.public_url.startswith("https://")
    for name, value in chosen.items():
        answer.set_cookie(name, value, max_age=YEAR, secure=secure, httponly=True, samesite="lax")
    return answer
