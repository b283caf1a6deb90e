"""Automatic tax for sales from one EU country: rates by country, reverse charge by VAT id."""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from sandbox.stripe.books import Books
from sandbox.stripe.errors import Doc, invalid

# Standard VAT rates in percent.
EU_RATES = {
    "AT": 20, "BE": 21, "BG": 20, "CY": 19, "CZ": 21, "DE": 19, "DK": 25, "EE": 24, "ES": 21, "FI": 25.5, "FR": 20,
    "GR": 24, "HR": 25, "HU": 27, "IE": 23, "IT": 22, "LT": 21, "LU": 17, "LV": 21, "MT": 18, "NL": 21, "PL": 23,
    "PT": 23, "RO": 21, "SE": 25, "SI": 22, "SK": 23,
}  # fmt: skip
_VAT_ID = {
    "AT": r"U\d{8}", "BE": r"[01]\d{9}", "BG": r"\d{9,10}", "CY": r"\d{8}[A-Z]", "CZ": r"\d{8,10}", "DE": r"\d{9}",
    "DK": r"\d{8}", "EE": r"\d{9}", "ES": r"[A-Z0-9]\d{7}[A-Z0-9]", "FI": r"\d{8}", "FR": r"[A-Z0-9]{2}\d{9}",
    "EL": r"\d{9}", "HR": r"\d{11}", "HU": r"\d{8}", "IE": r"\d[A-Z0-9]\d{5}[A-Z]{1,2}", "IT": r"\d{11}",
    "LT": r"(\d{9}|\d{12})", "LU": r"\d{8}", "LV": r"\d{11}", "MT": r"\d{8}", "NL": r"\d{9}B\d{2}", "PL": r"\d{10}",
    "PT": r"\d{9}", "RO": r"\d{2,10}", "SE": r"\d{12}", "SI": r"\d{8}", "SK": r"\d{10}",
}  # fmt: skip
_ISO = {"EL": "GR"}  # Greece writes its VAT ids with another code


@dataclass(frozen=True)
class Tax:
    """What applies to one line: a percentage, or a reason why nothing does."""

    percentage: Decimal
    reason: str
    rate: str | None  # id of the tax rate
    inclusive: bool

    def of(self, taxable: int) -> int:
        base = 100 + self.percentage if self.inclusive else Decimal(100)
        return int((Decimal(taxable) * self.percentage / base).quantize(Decimal(1), ROUND_HALF_UP))


def valid_vat_id(value: str) -> str | None:
    """The country of a VAT id that looks right."""
    compact = re.sub(r"[\s.-]", "", value).upper()
    pattern = _VAT_ID.get(compact[:2])
    return _ISO.get(compact[:2], compact[:2]) if pattern and re.fullmatch(pattern, compact[2:]) else None


def country_of(customer: Doc | None) -> str | None:
    address = (customer or {}).get("address") or {}
    return address.get("country")


def automatic(books: Books, country: str, vat_country: str | None, *, exempt: str = "none", inclusive: bool) -> Tax:
    """`vat_country` is the country of the buyer's VAT id, if there is one."""
    percentage, reason = Decimal(str(EU_RATES.get(country, 0))), "standard_rated"
    if country not in EU_RATES:
        reason = "not_collecting"
    elif exempt == "exempt":
        percentage, reason = Decimal(0), "customer_exempt"
    elif exempt == "reverse" or (vat_country and vat_country == country and country != books.setting("country")):
        percentage, reason = Decimal(0), "reverse_charge"
    return Tax(percentage, reason, _rate(books, country, percentage, inclusive), inclusive)


def for_customer(books: Books, customer: Doc, *, inclusive: bool) -> Tax | None:
    """None: Stripe does not know where the customer is."""
    country = country_of(customer)
    if not country:
        return None
    ids = [doc["value"] for doc in books.all("tax_id", customer=customer["id"], type="eu_vat")]
    vat = next(filter(None, map(valid_vat_id, ids or [customer.get("_vat_id") or ""])), None)
    return automatic(books, country, vat, exempt=customer.get("tax_exempt") or "none", inclusive=inclusive)


def manual(rate: Doc) -> Tax:
    return Tax(Decimal(str(rate["percentage"])), "standard_rated", rate["id"], rate["inclusive"])


def _rate(books: Books, country: str, percentage: Decimal, inclusive: bool) -> str:
    side = "incl" if inclusive else "excl"
    id = f"txr_auto{country}{str(percentage).replace('.', '')}{side}"
    if not books.get("tax_rate", id):
        kind = "vat" if country in EU_RATES else None
        rate = books.new(
            "tax_rate", "", active=False, country=country, percentage=float(percentage), inclusive=inclusive
        )
        rate |= {
            "id": id,
            "display_name": "VAT",
            "jurisdiction": country,
            "jurisdiction_level": "country",
            "metadata": {},
        }
        books.put({**rate, "tax_type": kind, "effective_percentage": float(percentage), "rate_type": "percentage"})
    return id


def standing(books: Books, customer: Doc) -> Doc:
    country = country_of(customer)
    location = {"country": country, "source": "billing_address", "state": None} if country else None
    status = "unrecognized_location" if not country else "supported" if country in EU_RATES else "not_collecting"
    del books
    return {"automatic_tax": status, "ip_address": None, "location": location, "provider": "stripe"}


def require_location(customer: Doc, params: Doc) -> None:
    """`tax[validate_location]=immediately` refuses a customer whom tax can not be computed for."""
    wanted = params.get("tax", {})
    unsupported = set(wanted) - {"validate_location"}
    if unsupported:
        raise invalid(
            f"The sandbox does not emulate the parameter: tax[{unsupported.pop()}]", "tax", "sandbox_unsupported"
        )
    if wanted.get("validate_location") == "immediately" and not country_of(customer):
        raise invalid("The customer's location is not recognized.", "address", "customer_tax_location_invalid")
