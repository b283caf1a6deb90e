"""From a quote to the payment page."""

from typing import Annotated, Any, Literal

from pydantic import EmailStr, Field, StringConstraints, field_validator

from controlplane.api.access import Router
from controlplane.api.deps import GatewaysDep
from controlplane.api.quotes import Country, Key, Strict
from controlplane.billing import checkout
from controlplane.billing.checkout import Purchase

router = Router(prefix="/v1/checkout", tags=["checkout"], group="checkout")

Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=120, pattern=r"^[^\x00-\x1f\x7f]*$")]
VatId = Annotated[
    str, StringConstraints(strip_whitespace=True, to_upper=True, pattern=r"^([A-Z]{2}[A-Z0-9+*]{2,13})?$")
]


class AddressGiven(Strict):
    line1: Line = ""
    line2: Line = ""
    postal_code: Line = ""
    city: Line = ""
    country: Country = "DE"


class CheckoutAsked(Strict):
    quote_id: Annotated[str, StringConstraints(max_length=40)]
    email: EmailStr
    kind: Literal["private", "company"] = "private"
    name: Annotated[Line, Field(min_length=1)]
    company: Line = ""
    vat_id: VatId = ""
    address: AddressGiven = AddressGiven()
    slug: Key
    locale: Literal["de", "en"] = "de"
    consents: frozenset[Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}$")]] = Field(max_length=20)

    @field_validator("email")
    @classmethod
    def _short(cls, email: str) -> str:
        if len(email) > 254:
            raise ValueError("is too long")
        return email


@router.post("", status_code=201)
def start(body: CheckoutAsked, gateways: GatewaysDep) -> dict[str, Any]:
    """The same quote again gives the same order and the same page."""
    given = body.model_dump(exclude={"address"})
    order = checkout.start(gateways, Purchase(**given, address=body.address.model_dump()))
    return {
        "order": order.token,
        "state": order.state,
        "checkout_url": order.checkout_url,
        "expires_at": order.session_expires_at,
        "status_url": gateways.settings.public_url + order.page,
    }
