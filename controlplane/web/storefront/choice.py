"""What stands in the configurator's address: shareable, reload-safe, priced by the server."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

from sqlmodel import Session
from starlette.datastructures import FormData, QueryParams

from controlplane.billing import quotes
from controlplane.billing.catalog import Interval, catalog
from controlplane.billing.models import Quote
from controlplane.billing.quotes import Asked
from controlplane.billing.running_cost import ExpectedUsage, Resolution
from controlplane.billing.selection import Selection, select
from controlplane.core.errors import Invalid
from controlplane.gateways import Gateways

Given = QueryParams | FormData
DEFAULT = {"site": "site-pro", "creator": "creator-medium"}
USAGE_LIMITS = {"stream_hours": 744, "viewers": 1_000_000, "page_views": 1_000_000_000}
CODE_ERRORS = {"code_unknown", "not_combinable", "referral_unknown", "code_not_allowed"}


@dataclass(frozen=True)
class Choice:
    line: str
    base: str
    extras: dict[str, int] = field(default_factory=dict)
    interval: Interval = Interval.MONTH
    code: str = ""
    referral: str = ""
    usage: ExpectedUsage | None = None
    dropped: tuple[str, ...] = ()  # what the base contains already

    @property
    def offers(self) -> dict[str, int]:
        return {self.base: 1, **self.extras}

    def as_query(self) -> list[tuple[str, str]]:
        """Canonical: the same choice has one address."""
        found = [("base", self.base), *(("extra", key) for key in self.extras)]
        found += [(f"n-{key}", str(count)) for key, count in self.extras.items() if count > 1]
        found += [("interval", str(self.interval))]
        found += [(name, value) for name, value in (("code", self.code), ("ref", self.referral)) if value]
        if self.usage:
            found += [(name, str(value)) for name, value in vars(self.usage).items()]
        return found


def read(line: str, given: Given) -> Choice:
    """Whatever was typed into the address: unknown things are left out, numbers are kept in bounds."""
    book = catalog()
    known = {offer.key: offer for offer in book.of_line(line)}
    base = given.get("base", "")
    base = str(base) if base in known and known[str(base)].is_base else DEFAULT[line]
    wanted = [str(key) for key in given.getlist("extra") if str(key) in known and not known[str(key)].is_base]
    wanted = [key for key in wanted if not known[key].core]
    dropped = tuple(key for key in wanted if base in known[key].excludes)
    counts = {key: _count(given, key, known[key].max_quantity) for key in wanted if key not in dropped}
    return Choice(
        line=line,
        base=base,
        extras=counts,
        interval=Interval.YEAR if given.get("interval") == "year" else Interval.MONTH,
        code=_word(given, "code").upper(),
        referral=_word(given, "ref").upper(),
        usage=_usage(given) if line == "creator" else None,
        dropped=dropped,
    )


@dataclass(frozen=True)
class Priced:
    choice: Choice
    quote: Quote
    selection: Selection
    code_error: str = ""


def priced(session: Session, gateways: Gateways, choice: Choice, *, language: str) -> Priced:
    """With the code when it is good, else without it and with the reason."""
    quote, selection, error = with_its_code(session, gateways, asked(choice, language=language))
    return Priced(choice, quote, selection, error)


def with_its_code(session: Session, gateways: Gateways, wanted: Asked) -> tuple[Quote, Selection, str]:
    try:
        return (*quotes.prepare(session, gateways, wanted), "")
    except Invalid as error:
        if error.problem_code not in CODE_ERRORS:
            raise
        plain = replace(wanted, discount_code="", referral_code="")
        return (*quotes.prepare(session, gateways, plain), error.problem_code)


def asked(choice: Choice, *, language: str, attribution: Mapping[str, str] | None = None, **more: Any) -> Asked:
    return Asked(
        line=choice.line,
        interval=choice.interval,
        offers=choice.offers,
        locale=language,
        discount_code=choice.code,
        referral_code="" if choice.code else choice.referral,
        usage=choice.usage,
        attribution=dict(attribution or {}),
        **more,
    )


def for_buyer(quote: Quote, *, buyer: str, country: str) -> Asked:
    """The same choice, priced for another kind of buyer or another country."""
    selection = quote.selection
    return Asked(
        line=quote.line,
        interval=Interval(selection["interval"]),
        offers=select(
            catalog(), line=quote.line, interval=Interval(selection["interval"]), offers=selection["offers"]
        ).offers,
        buyer=buyer,
        country=country,
        locale=quote.locale,
        discount_code="" if quote.referral_code else quote.discount_code,
        referral_code=quote.referral_code,
        usage=usage_of(quote),
        attribution=quote.attribution,
    )


def usage_of(quote: Quote) -> ExpectedUsage | None:
    """What the buyer said about it; what we assumed is not theirs."""
    cost = quote.running_cost
    return ExpectedUsage(**cost["usage"]) if not cost.get("assumed", True) else None


def _count(given: Given, key: str, most: int) -> int:
    text = str(given.get(f"n-{key}", "1"))
    return min(max(int(text) if text.isdecimal() and len(text) < 6 else 1, 1), most)


def _word(given: Given, name: str) -> str:
    text = str(given.get(name, "")).strip()[:20]
    return text if all(letter.isalnum() or letter == "-" for letter in text) else ""


def _usage(given: Given) -> ExpectedUsage | None:
    if not any(given.get(name) for name in USAGE_LIMITS):
        return None
    numbers = {name: _number(given, name, most) for name, most in USAGE_LIMITS.items()}
    resolution = given.get("resolution", "hd")
    return ExpectedUsage(
        **numbers, resolution=cast(Resolution, resolution if resolution in {"sd", "hd", "fhd"} else "hd")
    )


def _number(given: Given, name: str, most: int) -> int:
    text = str(given.get(name, "")).strip()
    return min(int(text), most) if text.isdecimal() and len(text) < 12 else 0
