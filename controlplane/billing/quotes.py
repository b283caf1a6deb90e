"""Quotes: a configuration priced here, never by the client, and fixed until it expires."""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from controlplane.billing import referrals
from controlplane.billing.catalog import Catalog, Discount, Interval, Offer, catalog, rounded
from controlplane.billing.models import Quote
from controlplane.billing.running_cost import ExpectedUsage, estimate, price_book
from controlplane.billing.selection import Selection, base_of, select
from controlplane.core.errors import Gone, Invalid, NotFound
from controlplane.gateways import Gateways

PROMISED = (
    "line buyer country selection lines currency subtotal discount total recurring discount_code trial_days "
    "referral_code catalog_version replaces_order"
).split()


@dataclass(frozen=True)
class Asked:
    """What somebody wants priced."""

    line: str
    interval: Interval
    offers: dict[str, int]
    buyer: str = "private"
    country: str = "DE"
    locale: str = "de"
    discount_code: str = ""
    referral_code: str = ""
    usage: ExpectedUsage | None = None
    attribution: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Line:
    offer: str
    interval: Interval
    quantity: int
    unit: int
    amount: int  # of the first payment
    discount: int


@dataclass(frozen=True)
class Price:
    lines: tuple[Line, ...]
    recurring: int
    tax: int

    @property
    def subtotal(self) -> int:
        return sum(line.amount for line in self.lines)

    @property
    def discount(self) -> int:
        return sum(line.discount for line in self.lines)

    @property
    def total(self) -> int:
        return self.subtotal - self.discount


def price(catalog: Catalog, selection: Selection, *, buyer: str, country: str, discount: Discount | None) -> Price:
    """The rule of all prices. Discounts and tax are rounded line by line, as Stripe does."""
    trial = bool(discount and discount.trial_days)
    lines = []
    for key, quantity in selection.offers.items():
        interval = catalog.offer(key).charged(selection.interval)
        if interval is None:
            continue
        unit = unit_price(catalog, catalog.offer(key), interval, buyer)
        amount = 0 if trial and interval is not Interval.ONCE else unit * quantity
        lines.append(Line(key, interval, quantity, unit, amount, discount.off(amount) if discount else 0))
    recurring = sum(line.unit * line.quantity for line in lines if line.interval is not Interval.ONCE)
    taxes = [_tax(catalog, line.amount - line.discount, buyer, country) for line in lines]
    return Price(tuple(lines), recurring, sum(taxes))


def unit_price(catalog: Catalog, offer: Offer, interval: Interval, buyer: str) -> int:
    gross = offer.amounts[interval]
    return catalog.net(gross) if buyer == "company" else gross


def _tax(catalog: Catalog, amount: int, buyer: str, country: str) -> int:
    """Inside the price for private buyers, on top for companies; none for companies abroad (reverse charge)."""
    percent = catalog.vat_percent(country)
    if buyer == "company":
        return rounded(amount * percent / 100) if country == catalog.vat["home"] else 0
    return rounded(amount * percent / (100 + percent))


def prepare(session: Session, gateways: Gateways, asked: Asked) -> tuple[Quote, Selection]:
    """Priced and complete, but not stored."""
    book = catalog()
    selection = select(book, line=asked.line, interval=asked.interval, offers=asked.offers)
    discount = _discount(session, book, asked)
    found = price(book, selection, buyer=asked.buyer, country=asked.country, discount=discount)
    quote = Quote(
        line=asked.line,
        locale=asked.locale,
        buyer=asked.buyer,
        country=asked.country,
        selection=selection.as_json(),
        lines=[_shown(book, line, asked.locale) for line in found.lines],
        currency=book.currency,
        subtotal=found.subtotal,
        discount=found.discount,
        total=found.total,
        recurring=found.recurring,
        tax_estimate=found.tax,
        discount_code=discount.code if discount else "",
        trial_days=discount.trial_days if discount else 0,
        referral_code=asked.referral_code.upper(),
        attribution=asked.attribution,
        running_cost=_running_cost(book, selection, asked.usage),
        catalog_version=book.version,
        valid_until=gateways.now() + timedelta(days=gateways.settings.selling.quote_days),
    )
    quote.digest = digest(quote)
    return quote, selection


def create(session: Session, gateways: Gateways, asked: Asked) -> tuple[Quote, Selection]:
    quote, selection = prepare(session, gateways, asked)
    session.add(quote)
    session.flush()
    return quote, selection


def usable(session: Session, quote_id: str, *, now: datetime) -> Quote:
    quote = session.get(Quote, quote_id)
    if quote is None:
        raise NotFound("There is no such quote.", code="quote_unknown")
    if quote.valid_until <= now:
        raise Gone("This quote has expired.", code="quote_expired", next_step="Ask for a new quote.")
    if quote.digest != digest(quote):
        raise Invalid("This quote was changed after it was made.", code="quote_damaged")
    return quote


def digest(quote: Quote) -> str:
    promised = {name: getattr(quote, name) for name in PROMISED}
    return hashlib.sha256(json.dumps(promised, sort_keys=True).encode()).hexdigest()


def _discount(session: Session, book: Catalog, asked: Asked) -> Discount | None:
    """One at most: nobody combines a code with a referral."""
    if asked.discount_code and asked.referral_code:
        raise Invalid("A code and a recommendation cannot be combined.", code="not_combinable")
    if asked.referral_code:
        referrals.known(session, asked.referral_code)
        return book.discounts[book.referral_discount]
    if not asked.discount_code:
        return None
    found = book.discounts.get(asked.discount_code.upper())
    if found is None or not found.public or asked.line not in found.lines:
        raise Invalid("This code is not valid here.", code="code_unknown")
    return found


def _shown(book: Catalog, line: Line, locale: str) -> dict[str, Any]:
    name = book.offer(line.offer).texts[locale]["name"]
    return {**vars(line), "interval": str(line.interval), "name": name}


def typical_cost(base: str, *modules: str) -> dict[str, Any]:
    """What a tier costs to run when what it includes is used, before anybody has chosen anything."""
    book = catalog()
    chosen = select(book, line="creator", interval=Interval.MONTH, offers=dict.fromkeys((base, *modules), 1))
    return _running_cost(book, chosen, None)


def _running_cost(book: Catalog, selection: Selection, usage: ExpectedUsage | None) -> dict[str, Any]:
    if selection.line != "creator":
        return {}
    base = base_of(book, selection)
    included = base.usage
    typical = ExpectedUsage(
        stream_hours=included["stream_hours"],
        viewers=included["viewer_hours"] // max(1, included["stream_hours"]),
        page_views=included["page_views"],
    )
    modules = frozenset(key for key in selection.offers if book.offer(key).kind == "module")
    found = estimate(usage or typical, tier=base.tier, modules=modules, book=price_book())
    return {**found, "included": included, "assumed": usage is None}


def saving(offer: Offer) -> int:
    """What a year costs less than twelve months, in minor units."""
    if not {Interval.MONTH, Interval.YEAR} <= set(offer.amounts):
        return 0
    return 12 * offer.amounts[Interval.MONTH] - offer.amounts[Interval.YEAR]
