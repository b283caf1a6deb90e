"""What somebody chose from one product line, completed and checked; and what a tenant may do because of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from controlplane.billing.catalog import Catalog, Interval, Offer
from controlplane.core.errors import Invalid


@dataclass(frozen=True)
class Selection:
    line: str
    interval: Interval
    offers: dict[str, int]  # key → quantity, in the order of the catalogue
    added: tuple[str, ...] = field(default=(), compare=False)  # what others needed

    def as_json(self) -> dict[str, Any]:
        return {"line": self.line, "interval": str(self.interval), "offers": self.offers}


def of_json(document: Mapping[str, Any]) -> Selection:
    return Selection(document["line"], Interval(document["interval"]), dict(document["offers"]))


def select(catalog: Catalog, *, line: str, interval: Interval, offers: Mapping[str, int]) -> Selection:
    """Adds what is part of every platform and what the chosen needs; refuses what does not go together."""
    known = catalog.of_line(line)
    wanted = dict(offers)
    for key, quantity in wanted.items():
        _check(catalog.offer(key), line, quantity)
    added = _missing(catalog, known, wanted)
    complete = {**wanted, **dict.fromkeys(added, 1)}
    chosen = [offer for offer in known if offer.key in complete]
    _check_together(catalog, line, chosen)
    return Selection(line, interval, {offer.key: complete[offer.key] for offer in chosen}, tuple(added))


def _check(offer: Offer, line: str, quantity: int) -> None:
    if offer.line != line:
        raise Invalid(f"{offer.key} belongs to another product line.", code="other_line", offer=offer.key)
    if not 1 <= quantity <= offer.max_quantity:
        text = f"{offer.key} can be taken 1 to {offer.max_quantity} times."
        raise Invalid(text, code="quantity", offer=offer.key)


def _missing(catalog: Catalog, known: list[Offer], wanted: Mapping[str, int]) -> list[str]:
    """Core modules, and transitively what the chosen ones require."""
    present = set(wanted)
    waiting = [offer.key for offer in known if offer.core and offer.key not in present]
    waiting += [need for key in wanted for need in catalog.offer(key).requires]
    added: list[str] = []
    while waiting:
        key = waiting.pop(0)
        if key not in present:
            present.add(key)
            added.append(key)
            waiting += catalog.offer(key).requires
    return added


def _check_together(catalog: Catalog, line: str, chosen: list[Offer]) -> None:
    bases = [offer.key for offer in chosen if offer.is_base]
    if len(bases) != 1:
        base = catalog.lines[line]["base"]
        raise Invalid(f"Choose exactly one {base}.", code="one_base", chosen=bases)
    keys = {offer.key for offer in chosen}
    for offer in chosen:
        conflict = keys.intersection(offer.excludes)
        if conflict:
            text = f"{offer.key} does not go together with {', '.join(sorted(conflict))}."
            raise Invalid(text, code="excluded", offer=offer.key, conflicts=sorted(conflict))


def base_of(catalog: Catalog, selection: Selection) -> Offer:
    return next(catalog.offer(key) for key in selection.offers if catalog.offer(key).is_base)


def rights(catalog: Catalog, selection: Selection) -> dict[str, Any]:
    """The part of a tenant's spec that the purchase decides."""
    if selection.line == "creator":
        base = base_of(catalog, selection)
        modules = [key for key in selection.offers if catalog.offer(key).kind == "module"]
        return {"plan": base.key, "tier": base.tier, "modules": {key: {"enabled": True} for key in modules},
                "features": dict(catalog.lines["creator"]["features"])}  # fmt: skip
    return {"plan": base_of(catalog, selection).key, **_site_rights(catalog, selection)}


def _site_rights(catalog: Catalog, selection: Selection) -> dict[str, Any]:
    """Features add up; limits are what everybody has plus what each offer adds, times its quantity."""
    line = catalog.lines["site"]
    features, limits = dict(line["features"]), dict(line["limits"])
    for key, quantity in selection.offers.items():
        offer = catalog.offer(key)
        features.update({name: True for name, given in offer.features.items() if given})
        for name, more in offer.limits.items():
            limits[name] += more * quantity
    return {"features": features, "limits": limits}
