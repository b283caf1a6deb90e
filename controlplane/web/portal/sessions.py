"""Where somebody is signed in, in words they recognise, and how they end it from afar."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Form, Response
from sqlmodel import Session

from controlplane.api.deps import ActorDep, GatewaysDep, SessionDep
from controlplane.audit.service import record
from controlplane.core.errors import NotFound
from controlplane.identity import oauth, sign_ins
from controlplane.identity.models import Principal, SignIn
from controlplane.identity.paths import own_path
from controlplane.web.portal.frame import Frame, FrameDep, back_to
from controlplane.web.routing import Pages

router = Pages(group="session")
# The first that fits: each later browser also names the ones before it.
BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
SYSTEMS = (("Windows", "Windows"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"),
           ("Mac OS", "macOS"), ("Linux", "Linux"))  # fmt: skip


@dataclass(frozen=True)
class Shown:
    row: SignIn
    device: str  # empty: nothing that anybody would recognise
    is_this: bool


def of_person(session: Session, frame: Frame) -> list[Shown]:
    """The latest first; nobody who looks at a page for somebody else sees from where they come in."""
    if frame.seen_until:
        return []
    now, actor = frame.request.app.state.gateways.now(), frame.request.state.actor
    rows = sign_ins.living(session, Principal.CUSTOMER, frame.customer.id, now=now)
    return [Shown(row, device(row.agent), row.id == actor.sign_in_id) for row in reversed(rows)]


def device(agent: str) -> str:
    found = (next((name for mark, name in marks if mark in agent), "") for marks in (BROWSERS, SYSTEMS))
    return ", ".join(name for name in found if name)


@router.post("/portal/sessions/end")
def end(
    frame: FrameDep, session: SessionDep, gateways: GatewaysDep, actor: ActorDep,
    which: Annotated[str, Form(max_length=40)], back: Annotated[str, Form(max_length=500)] = "/portal",
) -> Response:  # fmt: skip
    """One of mine, or all but this one. A studio that was opened from there closes too."""
    mine = sign_ins.living(session, Principal.CUSTOMER, frame.customer.id, now=gateways.now())
    chosen = [row for row in mine if row.id != actor.sign_in_id and which in {row.id, "others"}]
    if not chosen and which != "others":
        raise NotFound("There is no such session.")
    for row in chosen:
        sign_ins.end(session, row, now=gateways.now())
        record(session, actor=str(actor), action="identity.session_ended", object_type="sign_in", object_id=row.id,
               stream="identity", customer_id=frame.customer.id)  # fmt: skip
    if chosen:
        oauth.end_edge_sessions(session, gateways, frame.customer.id)
    return back_to(own_path(back))
