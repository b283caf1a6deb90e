"""What we sell, read from `catalog.toml`: offers, what they need and exclude, discounts, meters, consents."""

import tomllib
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast

from controlplane.core.errors import Invalid

FILE = Path(__file__).with_name("catalog.toml")

Buyer = Literal["private", "company"]
Texts = dict[str, dict[str, str]]  # language → name, summary, wording


class Interval(StrEnum):
    MONTH = "month"
    YEAR = "year"
    ONCE = "once"


@dataclass(frozen=True)
class Offer:
    key: str
    line: str
    kind: str  # plan, addon, tier, module
    texts: Texts
    amounts: dict[Interval, int]  # gross, minor units
    core: bool = False
    max_quantity: int = 1
    requires: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    features: dict[str, bool] = field(default_factory=dict)
    limits: dict[str, int] = field(default_factory=dict)
    tier: str = ""
    usage: dict[str, int] = field(default_factory=dict)

    @property
    def is_base(self) -> bool:
        return self.kind in {"plan", "tier"}

    def charged(self, interval: Interval) -> Interval | None:
        """Which of its prices a subscription of this interval pays; None: it is included."""
        return next((candidate for candidate in (interval, Interval.ONCE) if candidate in self.amounts), None)


@dataclass(frozen=True)
class Discount:
    code: str
    percent: int
    duration: str = "once"
    months: int = 0
    trial_days: int = 0
    lines: tuple[str, ...] = ("site", "creator")
    allowed: tuple[str, ...] = ()  # who may use it when it makes an order free
    public: bool = True  # False: only we apply it

    def off(self, subtotal: int) -> int:
        return rounded(Decimal(subtotal) * self.percent / 100)


@dataclass(frozen=True)
class Meter:
    key: str
    line: str
    event: str
    unit_amount: int
    texts: Texts


@dataclass(frozen=True)
class ConsentText:
    kind: str
    version: str
    required: bool
    texts: Texts
    buyers: tuple[str, ...] = ("private", "company")

    def wording(self, locale: str) -> str:
        return self.texts[locale]["wording"]


@dataclass(frozen=True)
class Catalog:
    version: str
    currency: str
    offers: dict[str, Offer]
    discounts: dict[str, Discount]
    meters: dict[str, Meter]
    consents: tuple[ConsentText, ...]
    lines: dict[str, dict[str, Any]]
    vat: dict[str, Any]
    referral_discount: str
    referral_reward: int

    def offer(self, key: str) -> Offer:
        found = self.offers.get(key)
        if found is None:
            raise Invalid(f"There is no offer {key!r}.", code="unknown_offer", offer=key)
        return found

    def of_line(self, line: str) -> list[Offer]:
        if line not in self.lines:
            raise Invalid(f"There is no product line {line!r}.", code="unknown_line")
        return [offer for offer in self.offers.values() if offer.line == line]

    def vat_percent(self, country: str) -> Decimal:
        rates = self.vat["rates"]
        return Decimal(str(rates.get(country or self.vat["home"], 0)))

    def net(self, gross: int) -> int:
        """What a company pays before tax: the gross price without the home country's rate."""
        return rounded(Decimal(gross) * 100 / (100 + self.vat_percent("")))


def rounded(amount: Decimal) -> int:
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))


def price_key(offer: str, interval: Interval, buyer: str) -> str:
    """The lookup key at Stripe: what, how often, and whether tax is inside or on top."""
    return f"{offer}.{interval}.{'net' if buyer == 'company' else 'gross'}"


@cache
def catalog() -> Catalog:
    return parse(tomllib.loads(FILE.read_text()))


def parse(raw: dict[str, Any]) -> Catalog:
    offers = [_offer(entry) for entry in raw["offers"]]
    return Catalog(
        version=raw["version"],
        currency=raw["currency"],
        offers={offer.key: offer for offer in offers},
        discounts={entry["code"]: Discount(**_tupled(entry)) for entry in raw["discounts"]},
        meters={entry["key"]: Meter(texts=_texts(entry), **_plain(entry)) for entry in raw["meters"]},
        consents=tuple(ConsentText(texts=_texts(entry), **_plain(entry)) for entry in raw["consents"]),
        lines=raw["lines"],
        vat=raw["vat"],
        referral_discount=raw["referral_discount"],
        referral_reward=raw["referral_reward"],
    )


_AMOUNTS = {"monthly": Interval.MONTH, "yearly": Interval.YEAR, "once": Interval.ONCE}


def _offer(entry: dict[str, Any]) -> Offer:
    amounts = {interval: entry[name] for name, interval in _AMOUNTS.items() if name in entry}
    plain = {name: value for name, value in _plain(entry).items() if name not in _AMOUNTS}
    return Offer(texts=_texts(entry), amounts=amounts, **plain)


def _plain(entry: dict[str, Any]) -> dict[str, Any]:
    return _tupled({name: value for name, value in entry.items() if name not in {"de", "en"}})


def _tupled(entry: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in entry.items()}


def _texts(entry: dict[str, Any]) -> Texts:
    return {language: cast(dict[str, str], entry[language]) for language in ("de", "en")}
