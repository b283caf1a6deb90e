"""What every portal page has around it: whose it is, which of their platforms, where one can go."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.responses import RedirectResponse

from controlplane.api.deps import ActorDep, GatewaysDep
from controlplane.billing.models import Customer
from controlplane.core.errors import NotFound, Unauthenticated
from controlplane.identity import members
from controlplane.identity.actor import ActorKind
from controlplane.identity.members import Membership
from controlplane.web.language import Language
from controlplane.web.shell import Page, fragment, fragment_answer, render
from tenants.models import Tenant

SECTIONS = {
    "site": ("overview", "releases", "domain", "credentials", "team", "billing"),
    "creator": ("overview", "modules", "look", "domain", "credentials", "team", "billing"),
}


@dataclass(frozen=True)
class Frame:
    """Read in a transaction of its own: pages that ask strangers or vendors hold none while they wait."""

    request: Request
    customer: Customer
    memberships: tuple[Membership, ...]
    seen_until: datetime | None = None  # by one of us, who looks and changes nothing

    def page(self, here: str, template: str, *, tenant: Tenant | None = None, status: int = 200,
             forms_to: tuple[str, ...] = (), **values: Any) -> Response:  # fmt: skip
        given = self._around(here, tenant) | values
        page = Page(f"portal/{template}.html", given, status=status, forms_to=forms_to)
        return render(self.request, Language(self.customer.locale), page)

    def part(self, template: str, block: str, *, tenant: Tenant, **values: Any) -> Response:
        """What such a page asks for again by itself."""
        given = self._around("", tenant) | values
        text = fragment(self.request, Language(self.customer.locale), f"portal/{template}.html", block, given)
        return fragment_answer(text)

    def _around(self, here: str, tenant: Tenant | None) -> dict[str, Any]:
        sections = SECTIONS[tenant.product] if tenant else ()
        given = {"here": here, "tenant": tenant, "customer": self.customer, "sections": sections,
                 "role": self.membership(tenant.id).role if tenant else "",
                 "several": len(self.memberships) > 1, "seen_until": self.seen_until}  # fmt: skip
        if self.seen_until:
            given["csrf"] = ""  # no form of this page can be sent with the rights of whoever looks
        return given

    def tenant(self, tenant_id: str) -> Tenant:
        return self.membership(tenant_id).tenant

    def membership(self, tenant_id: str) -> Membership:
        found = next((one for one in self.memberships if one.tenant.id == tenant_id), None)
        if found is None:
            raise NotFound("There is no such platform.")
        return found


def _frame(request: Request, gateways: GatewaysDep, actor: ActorDep) -> Frame:
    with gateways.db.transaction() as session:
        customer = session.get(Customer, actor.id) if actor.kind is ActorKind.CUSTOMER else None
        if customer is None:
            raise Unauthenticated("These pages are for customers.")
        return Frame(request, customer, tuple(members.of_customer(session, customer.id)))


FrameDep = Annotated[Frame, Depends(_frame)]


def back_to(path: str) -> Response:
    return RedirectResponse(path, 303, {"cache-control": "no-store"})
