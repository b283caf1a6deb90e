"""What a buyer types: read, checked, and said in words when something is missing."""

from dataclasses import dataclass

from pydantic import ValidationError
from starlette.datastructures import FormData

from controlplane.api.checkout import CheckoutAsked
from controlplane.billing.checkout import Purchase
from controlplane.web.language import Language


@dataclass(frozen=True)
class Buyer:
    kind: str = "private"
    name: str = ""
    company: str = ""
    vat_id: str = ""
    email: str = ""
    line1: str = ""
    postal_code: str = ""
    city: str = ""
    country: str = "DE"
    mail_language: str = "de"
    slug: str = ""

    def purchase(self, quote_id: str, consents: frozenset[str]) -> Purchase:
        return Purchase(
            quote_id=quote_id,
            email=self.email,
            kind=self.kind,
            name=self.name,
            company=self.company if self.kind == "company" else "",
            vat_id=self.vat_id if self.kind == "company" else "",
            address=self.address,
            slug=self.slug,
            locale=self.mail_language,
            consents=consents,
        )

    @property
    def address(self) -> dict[str, str]:
        return {"line1": self.line1, "line2": "", "postal_code": self.postal_code, "city": self.city,
                "country": self.country}  # fmt: skip

    @property
    def fields(self) -> dict[str, str]:
        return dict(vars(self))


REQUIRED = ("name", "email", "line1", "postal_code", "city", "slug")


def read_buyer(form: FormData, language: Language) -> tuple[Buyer, dict[str, str]]:
    """The buyer as typed, and a sentence for each field that cannot stay so."""
    given = {name: str(form.get(name, "")).strip()[:300] for name in vars(Buyer())}
    given["kind"] = given["kind"] if given["kind"] in {"private", "company"} else "private"
    given["mail_language"] = given["mail_language"] if given["mail_language"] in {"de", "en"} else language.code
    given["slug"] = given["slug"].lower()
    given["vat_id"] = given["vat_id"].replace(" ", "").upper()
    given["country"] = given["country"] or "DE"
    buyer = Buyer(**given)
    needed = (*REQUIRED, *(("company", "vat_id") if buyer.kind == "company" else ()))
    missing = {name: language(f"field.{name}.missing") for name in needed if not given[name]}
    errors = {**_malformed(buyer, language), **missing}
    return buyer, {name: errors[name] for name in given if name in errors}


def _malformed(buyer: Buyer, language: Language) -> dict[str, str]:
    asked = {
        "quote_id": "-", "email": buyer.email, "kind": buyer.kind, "name": buyer.name, "company": buyer.company,
        "vat_id": buyer.vat_id, "address": buyer.address, "slug": buyer.slug or "x", "locale": buyer.mail_language,
        "consents": [],
    }  # fmt: skip
    try:
        CheckoutAsked.model_validate(asked)
    except ValidationError as error:
        names = [str(item["loc"][-1]) for item in error.errors() if item["loc"]]
        return {name: language(f"field.{name}.wrong") for name in names if name in buyer.fields}
    return {}
