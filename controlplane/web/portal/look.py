"""Name, colour, words and legal facts of a creator's site."""

from typing import Annotated, Any

from fastapi import Form, Response
from pydantic import BaseModel, Field, ValidationError

from controlplane.api.access import requires
from controlplane.api.deps import ActorDep, GatewaysDep, SessionDep
from controlplane.core.errors import Conflict
from controlplane.provisioning import creator_look as look
from controlplane.provisioning.creator_look import Legal, Wish, Words
from controlplane.web.portal.frame import Frame, FrameDep, back_to
from controlplane.web.routing import Pages
from tenants.models import Tenant

router = Pages(group="own.read")
LOCALES = ("de", "en")
Text = Annotated[str, Field(max_length=10_000)]


class Typed(BaseModel):
    name: Text = ""
    colour: Text = ""
    tagline_de: Text = ""
    about_de: Text = ""
    privacy_de: Text = ""
    tagline_en: Text = ""
    about_en: Text = ""
    privacy_en: Text = ""
    legal_name: Text = ""
    legal_street: Text = ""
    legal_city: Text = ""
    legal_email: Text = ""
    legal_phone: Text = ""
    legal_vat_id: Text = ""
    legal_registration: Text = ""

    @classmethod
    def of(cls, wish: Wish) -> "Typed":
        texts = {f"{name}_{code}": text for code, words in wish.look.texts.items() for name, text in words}
        legal = {f"legal_{name}": text for name, text in wish.legal}
        return cls(name=wish.look.name, colour=wish.look.colour, **texts, **legal)

    def wish(self) -> Wish:
        typed = {name: text.replace("\r\n", "\n") for name, text in self}
        texts = {code: {name: typed[f"{name}_{code}"] for name in Words.model_fields} for code in LOCALES}
        legal = {name: typed[f"legal_{name}"] for name in Legal.model_fields}
        return Wish.model_validate({"look": {"name": self.name, "colour": self.colour, "texts": texts}, "legal": legal})


@router.get("/portal/t/{tenant_id}/look")
def show(tenant_id: str, frame: FrameDep) -> Response:
    tenant = frame.tenant(tenant_id)
    return _page(frame, tenant, Typed.of(look.of(tenant)))


@router.post("/portal/t/{tenant_id}/look", dependencies=[requires("own.write")])
def change(
    tenant_id: str, frame: FrameDep, session: SessionDep, gateways: GatewaysDep, actor: ActorDep,
    typed: Annotated[Typed, Form()],
) -> Response:  # fmt: skip
    tenant = frame.tenant(tenant_id)
    look.of(tenant)
    try:
        look.change(session, gateways, tenant, typed.wish(), actor=str(actor))
    except ValidationError as error:
        return _page(frame, tenant, typed, wrong={_field(one["loc"]): "form" for one in error.errors()})
    except Conflict as error:
        return _page(frame, tenant, typed, wrong={"": error.problem_code})
    return back_to(f"/portal/t/{tenant_id}/look")


def _field(path: tuple[int | str, ...]) -> str:
    """The name of the field for where in the wish something is wrong."""
    if path[1] == "texts":
        return f"{path[3]}_{path[2]}"
    return f"legal_{path[1]}" if path[0] == "legal" else str(path[1])


def _page(frame: Frame, tenant: Tenant, typed: Typed, *, wrong: dict[str, str] | None = None) -> Response:
    values: dict[str, Any] = {
        "typed": typed.model_dump(), "locales": LOCALES, "words": list(Words.model_fields),
        "legal": list(Legal.model_fields), "shown": look.shown(look.of(tenant))["contrast"], "wrong": wrong or {},
        "live": tenant.facts.get("site_release"), "longest": look.LONGEST,
    }  # fmt: skip
    return frame.page("look", "look", tenant=tenant, status=422 if wrong else 200, **values)
