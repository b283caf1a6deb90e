"""What a creator decides about their own site: name, colour, words in both languages, and who answers for it.

It is the tenant's wish, kept beside what was bought; the site is told by an update that touches nothing but its files.
"""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, EmailStr, Field, StringConstraints
from sqlmodel import Session

from controlplane.audit.service import record
from controlplane.core.errors import NotFound
from controlplane.gateways import Gateways
from controlplane.provisioning.models import Kind, Operation
from controlplane.provisioning.service import request
from programs.creator.frontend import colour
from tenants import service as tenants
from tenants.lifecycle import SERVING
from tenants.models import Tenant

LINE = r"^[^\x00-\x1f\x7f]*$"
TEXT = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
ONLY_SITE = {"only": "site"}  # of an update: no stack is touched


LONGEST = {
    "name": 60, "colour": 7, "tagline": 160, "about": 4000, "privacy": 8000, "legal_name": 120, "legal_street": 120,
    "legal_city": 120, "legal_email": 254, "legal_phone": 40, "legal_vat_id": 30, "legal_registration": 120,
}  # fmt: skip


def _line(name: str) -> Any:
    return StringConstraints(strip_whitespace=True, max_length=LONGEST[name], pattern=LINE)


def _text(name: str) -> Any:
    return StringConstraints(strip_whitespace=True, max_length=LONGEST[name], pattern=TEXT)


class Words(BaseModel):
    """In one language; what is empty gets our own words."""

    model_config = ConfigDict(extra="forbid")

    tagline: Annotated[str, _line("tagline")] = ""
    about: Annotated[str, _text("about"), Field(description="On the first page; an empty line begins a paragraph.")] = (
        ""
    )
    privacy: Annotated[str, _text("privacy"), Field(description="Added to the privacy notice.")] = ""


class Look(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, _line("name"), Field(description="Empty: the name that the platform was ordered with.")] = ""
    colour: Annotated[str, StringConstraints(pattern=r"^(#[0-9a-fA-F]{6})?$", to_lower=True)] = ""
    texts: dict[Annotated[str, StringConstraints(pattern="^(de|en)$")], Words] = {}


class Legal(BaseModel):
    """The imprint. The site says so itself while one of the first four is missing."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, _line("legal_name")] = ""
    street: Annotated[str, _line("legal_street")] = ""
    city: Annotated[str, _line("legal_city")] = ""
    email: EmailStr | Annotated[str, StringConstraints(max_length=0)] = ""
    phone: Annotated[str, _line("legal_phone")] = ""
    vat_id: Annotated[str, _line("legal_vat_id")] = ""
    registration: Annotated[str, _line("legal_registration")] = ""  # of companies


class Wish(BaseModel):
    model_config = ConfigDict(extra="forbid")

    look: Look = Look()
    legal: Legal = Legal()


def of(tenant: Tenant) -> Wish:
    if tenant.product != "creator":
        raise NotFound("Sites bring their own look.")
    return Wish(look=tenant.spec.get("look") or {}, legal=tenant.spec.get("legal") or {})


def shown(wish: Wish) -> dict[str, Any]:
    """And how the colour looks as text: where it would be hard to read it is made darker, or lighter at night."""
    wanted = wish.look.colour or colour.DEFAULT
    return {
        **wish.model_dump(),
        "contrast": {
            "wanted": round(colour.contrast(wanted, colour.LIGHT[0]), 2),
            "enough": colour.ENOUGH,
            "light": colour.readable(wanted, *colour.LIGHT),
            "dark": colour.readable(wanted, *colour.DARK),
        },
    }


def change(session: Session, gateways: Gateways, tenant: Tenant, wish: Wish, *, actor: str) -> Operation | None:
    """None: nothing is different, or the platform is not built yet and will begin with it."""
    row = tenants.locked(session, tenant.id)
    assert row is not None
    wanted = {"look": wish.look.model_dump(), "legal": wish.legal.model_dump()}
    if {name: row.spec.get(name) for name in wanted} == wanted:
        return None
    row.spec = {**row.spec, **wanted}
    session.add(row)
    record(
        session, actor=actor, action="look.changed", object_type="tenant", object_id=row.id, stream="tenant",
        tenant_id=row.id,
    )  # fmt: skip
    if row.state not in SERVING or not row.facts.get("site_release"):
        return None
    return request(session, gateways, row, Kind.UPDATE, cause="look", actor=actor, wanted=ONLY_SITE)
