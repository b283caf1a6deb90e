"""A quote that ran out between choosing and paying: priced anew, and agreed to again before anything goes on."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from controlplane.billing import quotes
from controlplane.billing.catalog import catalog
from controlplane.billing.models import Quote
from controlplane.core.errors import Gone, Invalid
from controlplane.gateways import Gateways
from controlplane.web.language import Language
from controlplane.web.storefront import choice as choices


@dataclass(frozen=True)
class RanOut:
    """The same choice as it was promised and as it costs now; the new one is stored when somebody agrees to it."""

    before: Quote
    now: Quote

    @property
    def agreed(self) -> str:
        return self.now.digest


@dataclass(frozen=True)
class Changed:
    name: str
    before: int | None
    now: int | None


def usable(session: Session, gateways: Gateways, quote_id: str, *, agreed: str = "") -> Quote | RanOut:
    """`agreed`: the digest of the new price that somebody saw. Another one by now is shown again."""
    try:
        return quotes.usable(session, quote_id, now=gateways.now())
    except Gone as gone:
        before = session.get_one(Quote, quote_id)
        now = _again(session, gateways, before, gone)
    if agreed != now.digest:
        return RanOut(before, now)
    session.add(now)
    session.flush()
    return now


def _again(session: Session, gateways: Gateways, before: Quote, gone: Gone) -> Quote:
    """What is not sold any more cannot be priced: then the choice is made anew."""
    try:
        found = choices.for_buyer(before, buyer=before.buyer, country=before.country)
        return choices.with_its_code(session, gateways, found)[0]
    except (Invalid, KeyError):
        raise gone from None


def changes(found: RanOut, language: Language) -> list[Changed]:
    """Line by line, in the order of what is bought now; what was left out comes last."""
    before, now = _amounts(found.before.lines), _amounts(found.now.lines)
    offers = catalog().offers
    names = {key: offers[key].texts[language.code]["name"] for key in [*now, *before] if key in offers}
    return [Changed(names.get(key, key), before.get(key), now.get(key)) for key in dict.fromkeys([*now, *before])]


def _amounts(lines: Iterable[dict[str, Any]]) -> dict[str, int]:
    return {line["offer"]: line["unit"] * line["quantity"] for line in lines}
