"""To the identity provider and back."""

from typing import Annotated

from fastapi import Query, Request, Response

from controlplane.api import entrance, federated
from controlplane.api.deps import ActorDep, GatewaysDep
from controlplane.core.errors import Conflict, NeedsPerson, RateLimited, TryLater, Unauthenticated
from controlplane.identity.federation import CALLBACK
from controlplane.web.console import doors
from controlplane.web.console.frame import back_to
from controlplane.web.routing import Pages

router = Pages(group="sign-in")
inside = Pages(group="session")
Back = Annotated[str, Query(max_length=500)]
Given = Annotated[str, Query(max_length=4096)]


@router.get("/console/sign-in/issuer")
def leave(request: Request, gateways: GatewaysDep, back: Back = "/console") -> Response:
    return _away(request, gateways, back)


@inside.get("/console/confirm/issuer")
def prove(request: Request, gateways: GatewaysDep, actor: ActorDep, back: Back = "/console") -> Response:
    return _away(request, gateways, back, sign_in_id=actor.sign_in_id or "")


@router.get(CALLBACK)
def come_back(
    request: Request,
    gateways: GatewaysDep,
    state: Given = "",
    code: Given = "",
    iss: Given = "",
    error: Given = "",
) -> Response:
    try:
        if error or not code:
            raise Unauthenticated("They were not let in there.", code="issuer_refused")
        entered = federated.finish(gateways, request, state=state, code=code, issuer=iss)
    except (Unauthenticated, RateLimited, Conflict) as refused:
        return doors.form(request, gateways, back="/console", error=refused)
    answer = back_to(doors.own(entered.back))
    entrance.put_cookie(gateways, answer, entered)
    return answer


def _away(request: Request, gateways: GatewaysDep, back: str, *, sign_in_id: str = "") -> Response:
    answer = back_to("/")
    try:
        address = federated.begin(gateways, request, answer, back=doors.own(back), sign_in_id=sign_in_id)
    except (TryLater, NeedsPerson):
        away = Unauthenticated("The identity provider does not answer.", code="issuer_away")
        return doors.form(request, gateways, back=back, error=away)
    answer.headers["location"] = address
    return answer
