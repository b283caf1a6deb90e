"""What the plans cost: read from the creator's own Stripe account, where the price is made and can be closed."""

import time
from typing import Any

from programs.creator.runtime import stripe
from programs.creator.runtime.errors import Problem

SECONDS = 600.0
_KNOWN: dict[str, tuple[float, dict[str, Any] | None]] = {}


def of(ids: list[str]) -> dict[str, dict[str, Any] | None]:
    """None: nobody can subscribe to it now. Where Stripe does not answer once, the others are not waited for."""
    found: dict[str, dict[str, Any] | None] = {}
    for id in ids:
        try:
            found[id] = _price(id)
        except stripe.Rejected:
            found[id] = None
        except Problem:
            break
    return dict.fromkeys(ids) | found


def _price(id: str) -> dict[str, Any] | None:
    at, known = _KNOWN.get(id, (0.0, None))
    if known and time.monotonic() - at < SECONDS:
        return known
    told = stripe.read(f"prices/{id}")
    every, amount = told.get("recurring") or {}, told.get("unit_amount")
    sold = told.get("active") and amount is not None and every
    price = {"amount": amount, "currency": told["currency"], "interval": every["interval"]} if sold else None
    if price:
        price["every"] = every.get("interval_count") or 1
    _KNOWN[id] = (time.monotonic(), price)
    return price
