"""What every console page has around it: who is signed in, what waits, where one can go."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import func
from sqlmodel import Session, col, select

from controlplane.api.deps import ActorDep, SessionDep
from controlplane.identity import policy
from controlplane.identity.actor import Actor, ActorKind
from controlplane.identity.models import Operator
from controlplane.provisioning.models import Approval, Operation, Phase
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


@dataclass(frozen=True)
class Frame:
    """Renders console pages; made once per request."""

    request: Request
    session: Session
    actor: Actor

    def page(
        self, name: str, template: str, *, rest: str = "", status: int = 200, frames: bool = False, **values: Any
    ) -> Response:
        given = {**self._common(name), "rest": rest, **values}
        page = Page(f"console/{template}.html", given, status=status, frames=frames)
        return render(self.request, language_of(self.request), page)

    def _common(self, name: str) -> dict[str, Any]:
        email, waiting = self._who_and_what_waits()
        return {
            "nav": [(place, href) for place, href, group in NAV if self.may(group)],
            "may": self.may,
            "here": name,
            "waiting": waiting,
            "who": email or str(self.actor),
            "role": min(self.actor.roles, default="") if self.actor.kind is ActorKind.OPERATOR else "",
            "environment": self.request.app.state.gateways.settings.name,
        }

    def may(self, group: str) -> bool:
        """By role alone: a proof or a second person may still be asked for."""
        return policy.decide(self.actor, group, now=self.request.app.state.gateways.now()) is not policy.Answer.NO

    def _who_and_what_waits(self) -> tuple[str | None, dict[str, int]]:
        """One question for what stands around every page; no count is shown where nothing waits."""
        email = select(Operator.email).where(Operator.id == self.actor.id).scalar_subquery()
        asked = select(func.count()).select_from(Approval).where(col(Approval.decision).is_(None)).scalar_subquery()
        parked = select(func.count()).select_from(Operation).where(Operation.phase == Phase.PARKED).scalar_subquery()
        row = self.session.execute(select(email, asked, parked)).one()
        return row[0], {"approvals": row[1], "operations": row[2]}


def _frame(request: Request, session: SessionDep, actor: ActorDep) -> Frame:
    return Frame(request, session, actor)


FrameDep = Annotated[Frame, Depends(_frame)]


def back_to(path: str) -> Response:
    return RedirectResponse(path, 303, {"cache-control": "no-store"})
