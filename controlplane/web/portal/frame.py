"""What every portal page has around it: whose it is, which of their platforms, where one can go."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from controlplane.api.deps import ActorDep, SessionDep
from controlplane.billing.models import Customer
from controlplane.core.errors import NotFound, Unauthenticated
from controlplane.identity import members
from controlplane.identity.actor import Actor, ActorKind
from controlplane.web.language import Language
from controlplane.web.shell import Page, render
from tenants.models import Tenant

SECTIONS = ("overview", "domain", "credentials", "billing")


@dataclass(frozen=True)
class Frame:
    request: Request
    session: Session
    actor: Actor
    customer: Customer

    def page(self, here: str, template: str, *, tenant: Tenant | None = None, status: int = 200,
             forms_to: tuple[str, ...] = (), **values: Any) -> Response:  # fmt: skip
        given = {"here": here, "tenant": tenant, "customer": self.customer, "sections": SECTIONS,
                 "several": len(members.of_customer(self.session, self.customer.id)) > 1, **values}  # fmt: skip
        page = Page(f"portal/{template}.html", given, status=status, forms_to=forms_to)
        return render(self.request, Language(self.customer.locale), page)

    def tenant(self, tenant_id: str) -> Tenant:
        found = next(
            (one.tenant for one in members.of_customer(self.session, self.customer.id) if one.tenant.id == tenant_id),
            None,
        )
        if found is None:
            raise NotFound("There is no such platform.")
        return found


def _frame(request: Request, session: SessionDep, actor: ActorDep) -> Frame:
    customer = session.get(Customer, actor.id) if actor.kind is ActorKind.CUSTOMER else None
    if customer is None:
        raise Unauthenticated("These pages are for customers.")
    return Frame(request, session, actor, customer)


FrameDep = Annotated[Frame, Depends(_frame)]


def back_to(path: str) -> Response:
    return RedirectResponse(path, 303, {"cache-control": "no-store"})
