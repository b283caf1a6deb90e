"""What every console page has around it: who is signed in, what waits, where one can go."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import bindparam, func
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from controlplane.api.deps import ActorDep, SessionDep
from controlplane.identity import policy
from controlplane.identity.actor import Actor, ActorKind
from controlplane.identity.models import Operator, SignIn
from controlplane.provisioning.models import Approval, Operation, Phase
from controlplane.web import timing
from controlplane.web.errors import language_of
from controlplane.web.shell import Page, render

NAV = (
    ("start", "/console", "tenants.read"),
    ("tenants", "/console/tenants", "tenants.read"),
    ("operations", "/console/operations", "tenants.read"),
    ("approvals", "/console/approvals", "tenants.read"),
    ("decisions", "/console/decisions", "tenants.read"),
    ("customers", "/console/customers", "tenants.read"),
    ("accounts", "/console/accounts", "accounts.list"),
    ("fleet", "/console/fleet", "tenants.read"),
    ("inbox", "/console/inbox", "inbox.read"),
    ("emails", "/console/emails", "tenants.read"),
    ("catalog", "/console/catalog", "platform.read"),
    ("referrals", "/console/referrals", "tenants.read"),
    ("stats", "/console/stats", "tenants.read"),
    ("audit", "/console/audit", "audit.read"),
    ("operators", "/console/operators", "people.read"),
)


def _count(kind: Any, condition: Any) -> Any:
    return select(func.count()).select_from(kind).where(condition).scalar_subquery()


def _of_session(column: Any) -> Any:
    return select(column).where(SignIn.id == bindparam("sign_in")).scalar_subquery()


AROUND = sql_select(
    select(Operator.email).where(Operator.id == bindparam("operator")).scalar_subquery().label("email"),
    _count(Approval, col(Approval.decision).is_(None)).label("asked"),
    _count(Operation, Operation.phase == Phase.PARKED).label("parked"),
    _of_session(SignIn.idle_seconds).label("idle_seconds"),
    _of_session(SignIn.expires_at).label("expires_at"),
)


@dataclass(frozen=True)
class Frame:
    """Renders console pages; made once per request."""

    request: Request
    session: Session
    actor: Actor

    def page(
        self, name: str, template: str, *, rest: str = "", status: int = 200, frames: bool = False, **values: Any
    ) -> Response:
        given = {**self._common(name), "rest": rest.removesuffix("?"), **values}
        page = Page(f"console/{template}.html", given, status=status, frames=frames)
        with timing.part("render"):
            return render(self.request, language_of(self.request), page)

    def _common(self, name: str) -> dict[str, Any]:
        around, now = self._around(), self.request.app.state.gateways.now()
        return {
            "nav": [(place, href) for place, href, group in NAV if self.may(group)],
            "may": self.may,
            "here": name,
            "waiting": {"approvals": around.asked, "operations": around.parked},
            "who": around.email or str(self.actor),
            "role": min(self.actor.roles, default="") if self.actor.kind is ActorKind.OPERATOR else "",
            "environment": self.request.app.state.gateways.settings.name,
            "idle": around.idle_seconds,
            "ends": int((around.expires_at - now).total_seconds()) if around.idle_seconds else 0,
        }

    def may(self, group: str) -> bool:
        """By role alone: a proof or a second person may still be asked for."""
        return policy.decide(self.actor, group, now=self.request.app.state.gateways.now()) is not policy.Answer.NO

    def _around(self) -> Any:
        """One question for what stands around every page; no count is shown where nothing waits."""
        return self.session.execute(AROUND, {"operator": self.actor.id, "sign_in": self.actor.sign_in_id or ""}).one()


def _frame(request: Request, session: SessionDep, actor: ActorDep) -> Frame:
    return Frame(request, session, actor)


FrameDep = Annotated[Frame, Depends(_frame)]


def back_to(path: str) -> Response:
    return RedirectResponse(path, 303, {"cache-control": "no-store"})
