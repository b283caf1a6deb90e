"""What is on sale, as pages show it."""

from collections.abc import Mapping
from dataclasses import dataclass

from controlplane.billing.catalog import Interval, Offer, catalog
from controlplane.billing.quotes import saving
from controlplane.web.language import Language

GROUPS: Mapping[str, tuple[str, ...]] = {
    "core": ("s3-website", "user-auth", "monitoring", "backup"),
    "live": ("ivs-streaming", "ivs-chat", "events", "polls"),
    "income": ("membership", "shop", "donations", "sponsor-system"),
    "reach": ("newsletter", "contact-form", "analytics"),
}


@dataclass(frozen=True)
class Shown:
    """One offer on a page: amounts are gross, in minor units."""

    offer: Offer
    name: str
    summary: str

    @property
    def key(self) -> str:
        return self.offer.key

    @property
    def month(self) -> int | None:
        return self.offer.amounts.get(Interval.MONTH)

    @property
    def year(self) -> int | None:
        return self.offer.amounts.get(Interval.YEAR)

    @property
    def once(self) -> int | None:
        return self.offer.amounts.get(Interval.ONCE)

    @property
    def saving(self) -> int:
        return saving(self.offer)


def shown(offer: Offer, language: Language) -> Shown:
    texts = offer.texts[language.code]
    return Shown(offer, texts["name"], texts["summary"])


def bases(line: str, language: Language) -> list[Shown]:
    return [shown(offer, language) for offer in catalog().of_line(line) if offer.is_base]


def extras(line: str, language: Language) -> list[Shown]:
    return [shown(offer, language) for offer in catalog().of_line(line) if not offer.is_base]


def groups(line: str, language: Language) -> list[tuple[str, list[Shown]]]:
    """Add-ons in one group, modules in several; what nobody sorted comes last."""
    found = extras(line, language)
    if line != "creator":
        return [("addons", found)]
    sorted_ = [(name, [one for one in found if one.key in keys]) for name, keys in GROUPS.items()]
    known = {key for keys in GROUPS.values() for key in keys}
    rest = [one for one in found if one.key not in known]
    return [*sorted_, *([("more", rest)] if rest else [])]


def cheapest(line: str) -> int:
    return min(offer.amounts[Interval.MONTH] for offer in catalog().of_line(line) if offer.is_base)


def names(keys: tuple[str, ...] | list[str], language: Language) -> list[str]:
    return [catalog().offer(key).texts[language.code]["name"] for key in keys]
