"""Making Stripe agree with the catalogue: products, prices, coupons, meters. A price is never edited, only replaced."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from controlplane.billing.catalog import Catalog, Interval, Meter, Offer, catalog, price_key
from controlplane.billing.models import CatalogPrice
from controlplane.billing.quotes import unit_price
from controlplane.gateways import Gateways
from controlplane.vendors.stripe_values import Raw

BUYERS = ("private", "company")


@dataclass(frozen=True)
class Wanted:
    """One price as it should be at Stripe."""

    lookup_key: str
    offer: str
    interval: Interval
    buyer: str
    amount: int
    currency: str
    meter: str = ""

    @property
    def tax_behavior(self) -> str:
        return "exclusive" if self.buyer == "company" else "inclusive"


@dataclass(frozen=True)
class Difference:
    object: str
    key: str
    what: str  # missing, differs, superfluous


def wanted_prices(book: Catalog) -> Iterator[Wanted]:
    for offer in book.offers.values():
        for interval in offer.amounts:
            for buyer in BUYERS:
                amount = unit_price(book, offer, interval, buyer)
                yield Wanted(price_key(offer.key, interval, buyer), offer.key, interval, buyer, amount, book.currency)
    for meter in book.meters.values():
        for buyer in BUYERS:
            key = price_key(meter.key, Interval.MONTH, buyer)
            yield Wanted(key, meter.key, Interval.MONTH, buyer, meter.unit_amount, book.currency, meter.key)


class Sync:
    def __init__(self, gateways: Gateways, book: Catalog) -> None:
        self._stripe, self._db, self._book = gateways.stripe, gateways.db, book
        self._env = gateways.settings.name
        self._now = gateways.now

    def differences(self) -> list[Difference]:
        """What Stripe sells and the catalogue does not say, and the other way round."""
        present = self._living_prices()
        wanted = {price.lookup_key: price for price in wanted_prices(self._book)}
        found = [Difference("price", key, "missing") for key in wanted.keys() - present.keys()]
        found += [Difference("price", key, "superfluous") for key in present.keys() - wanted.keys()]
        found += [
            Difference("price", key, "differs")
            for key in wanted.keys() & present.keys()
            if not _agrees(present[key], wanted[key])
        ]
        found += [
            Difference("price", key, "unknown_here") for key in wanted.keys() & present.keys() - self._known(present)
        ]
        coupons = {str(raw["id"]) for raw in self._stripe.catalogue("coupons")}
        missing = [discount for discount in self._book.discounts.values() if discount.percent]
        found += [Difference("coupon", one.code, "missing") for one in missing if one.code not in coupons]
        return sorted(found, key=lambda one: (one.object, one.key))

    def run(self) -> list[Difference]:
        """Repeatable at any point: everything is looked up by its key before it is made."""
        found = self.differences()
        products = self._products()
        meters = self._meters()
        present = self._living_prices()
        for price in wanted_prices(self._book):
            raw = present.pop(price.lookup_key, None)
            if raw is None or not _agrees(raw, price):
                raw = self._replace(price, raw, products[price.offer], meters)
            self._remember(price, raw)
        for raw in present.values():
            self._archive(raw)
        self._coupons()
        return found

    def _living_prices(self) -> dict[str, Raw]:
        listed = self._stripe.catalogue("prices", active=True)
        ours = [raw for raw in listed if (raw.get("metadata") or {}).get("env") == self._env]
        return {str(raw["lookup_key"]): raw for raw in ours if raw.get("lookup_key")}

    def _known(self, present: dict[str, Raw]) -> set[str]:
        with self._db.transaction() as session:
            rows = session.exec(select(CatalogPrice).where(col(CatalogPrice.archived_at).is_(None))).all()
        return {row.lookup_key for row in rows if present.get(row.lookup_key, {}).get("id") == row.stripe_price}

    def _products(self) -> dict[str, str]:
        listed = self._stripe.catalogue("products", active=True)
        known = {
            str(raw["metadata"]["offer"]): raw for raw in listed if (raw.get("metadata") or {}).get("env") == self._env
        }
        entries: list[Offer | Meter] = [*self._book.offers.values(), *self._book.meters.values()]
        return {entry.key: self._product(entry, known.get(entry.key)) for entry in entries}

    def _product(self, entry: Offer | Meter, known: Raw | None) -> str:
        name = entry.texts["de"]["name"]
        if known is None:
            marks = {"env": self._env, "offer": entry.key}
            made = self._stripe.put_catalogue("products", f"product:{entry.key}", {"name": name, "metadata": marks})
            return str(made["id"])
        if known["name"] != name:
            self._stripe.change_catalogue("products", str(known["id"]), {"name": name})
        return str(known["id"])

    def _meters(self) -> dict[str, str]:
        known = {raw["event_name"]: str(raw["id"]) for raw in self._stripe.catalogue("billing.meters", status="active")}
        return {meter.key: known.get(meter.event) or self._new_meter(meter) for meter in self._book.meters.values()}

    def _new_meter(self, meter: Meter) -> str:
        body = {
            "display_name": meter.texts["de"]["name"],
            "event_name": meter.event,
            "default_aggregation": {"formula": "sum"},
        }
        return str(self._stripe.put_catalogue("billing.meters", f"meter:{meter.event}", body)["id"])

    def _replace(self, price: Wanted, old: Raw | None, product: str, meters: dict[str, str]) -> Raw:
        body: dict[str, Any] = {
            "product": product,
            "currency": price.currency,
            "unit_amount": price.amount,
            "tax_behavior": price.tax_behavior,
            "lookup_key": price.lookup_key,
            "transfer_lookup_key": True,
            "metadata": {"env": self._env, "offer": price.offer, "buyer": price.buyer},
        }
        if price.meter:
            body["recurring"] = {"interval": "month", "usage_type": "metered", "meter": meters[price.meter]}
        elif price.interval is not Interval.ONCE:
            body["recurring"] = {"interval": str(price.interval)}
        made = self._stripe.put_catalogue("prices", self._repeat_key(price, old), body)
        if old is not None:
            self._archive(old)
        return made

    def _repeat_key(self, price: Wanted, old: Raw | None) -> str:
        """Names the price that it follows: one that comes back, or replaces an archived one, is a new price."""
        with self._db.transaction() as session:
            query = select(CatalogPrice.stripe_price).where(CatalogPrice.lookup_key == price.lookup_key)
            known = session.exec(query.order_by(col(CatalogPrice.id).desc())).first()
        return f"price:{price.lookup_key}:{price.amount}:{old['id'] if old else known or 'first'}"

    def _archive(self, raw: Raw) -> None:
        self._stripe.change_catalogue("prices", str(raw["id"]), {"active": False})
        with self._db.transaction() as session:
            self._retire(session, str(raw["id"]))

    def _retire(self, session: Session, stripe_price: str) -> None:
        row = session.exec(select(CatalogPrice).where(CatalogPrice.stripe_price == stripe_price)).first()
        if row and row.archived_at is None:
            row.archived_at = self._now()
            session.add(row)
            session.flush()

    def _remember(self, price: Wanted, raw: Raw) -> None:
        with self._db.transaction() as session:
            query = select(CatalogPrice).where(CatalogPrice.lookup_key == price.lookup_key)
            for row in session.exec(query.where(col(CatalogPrice.archived_at).is_(None))).all():
                if row.stripe_price == raw["id"]:
                    return
                self._retire(session, row.stripe_price)
            session.add(_row(price, raw))

    def _coupons(self) -> None:
        known = {str(raw["id"]) for raw in self._stripe.catalogue("coupons")}
        for discount in self._book.discounts.values():
            if discount.percent and discount.code not in known:
                body: dict[str, Any] = {"id": discount.code, "name": discount.code, "percent_off": discount.percent}
                body |= {"duration": discount.duration, "metadata": {"env": self._env}}
                if discount.duration == "repeating":
                    body["duration_in_months"] = discount.months
                self._stripe.put_catalogue("coupons", f"coupon:{discount.code}", body)


def _agrees(raw: Raw, price: Wanted) -> bool:
    same = (raw["unit_amount"], raw["currency"], raw["tax_behavior"])
    return same == (price.amount, price.currency, price.tax_behavior)


def _row(price: Wanted, raw: Raw) -> CatalogPrice:
    return CatalogPrice(
        offer=price.offer,
        lookup_key=price.lookup_key,
        interval=str(price.interval),
        buyer=price.buyer,
        amount=price.amount,
        currency=price.currency,
        stripe_product=str(raw["product"]),
        stripe_price=str(raw["id"]),
    )


def sync(gateways: Gateways) -> list[Difference]:
    return Sync(gateways, catalog()).run()


def drift(gateways: Gateways) -> list[Difference]:
    return Sync(gateways, catalog()).differences()
