"""What every console page has around it: who is signed in, what waits, where one can go."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import func
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from controlplane.api.deps import ActorDep, LookDep
from controlplane.identity import policy
from controlplane.identity.actor import Actor, ActorKind
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


AROUND = sql_select(
    _count(Approval, col(Approval.decision).is_(None)).label("asked"),
    _count(Operation, Operation.phase == Phase.PARKED).label("parked"),
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
        around, now = self.session.execute(AROUND).one(), self.request.app.state.gateways.now()
        sign_in, operator = getattr(self.request.state, "signed_in", None) or (None, None)
        return {
            "nav": [(place, href) for place, href, group in NAV if self.may(group)],
            "may": self.may,
            "here": name,
            "waiting": {"approvals": around.asked, "operations": around.parked},
            "who": operator.email if operator else str(self.actor),
            "role": min(self.actor.roles, default="") if self.actor.kind is ActorKind.OPERATOR else "",
            "keys_off": self.request.cookies.get("keys") == "off",
            "environment": self.request.app.state.gateways.settings.name,
            "idle": sign_in.idle_seconds if sign_in else 0,
            "ends": int((sign_in.expires_at - now).total_seconds()) if sign_in else 0,
        }

    def may(self, group: str) -> bool:
        """By role alone: a proof or a second person may still be asked for."""
        return policy.decide(self.actor, group, now=self.request.app.state.gateways.now()) is not policy.Answer.NO


async def _frame(request: Request, session: LookDep, actor: ActorDep) -> Frame:
    return Frame(request, session, actor)


FrameDep = Annotated[Frame, Depends(_frame)]


def back_to(path: str) -> Response:
    return RedirectResponse(path, 303, {"cache-control": "no-store"})
