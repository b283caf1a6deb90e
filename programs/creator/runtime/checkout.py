"""Pages of Stripe on which somebody pays for a row of ours. Prices come from here, never from the browser."""

from dataclasses import dataclass
from typing import Any

from programs.creator.runtime import stripe
from programs.creator.runtime.settings import text

CURRENCY = "eur"
OPEN_FOR = 3600  # from the creation of the row, so that a repeated request says the same


@dataclass(frozen=True)
class Line:
    name: str
    amount: int
    quantity: int = 1

    def fields(self) -> dict[str, Any]:
        product = {"name": self.name}
        price = {"currency": CURRENCY, "unit_amount": self.amount, "product_data": product}
        return {"quantity": self.quantity, "price_data": price}


@dataclass(frozen=True, kw_only=True)
class Sale:
    kind: str  # the adapter that settles it
    id: str  # of the row that waits for the money
    lines: tuple[Line, ...]
    path: str  # where the site goes on
    created: int


def open(sale: Sale) -> stripe.Doc:
    """The same page, however often it is asked for."""
    marks = {"kind": sale.kind, "id": sale.id, "tenant": text("TENANT_ID")}
    fields = {
        "mode": "payment",
        "line_items": [line.fields() for line in sale.lines],
        "metadata": marks,
        "payment_intent_data": {"metadata": marks},
        "client_reference_id": sale.id,
        "expires_at": sale.created + OPEN_FOR,
        **back(sale.path, sale.id),
    }
    return stripe.create("checkout/sessions", fields, key=f"{sale.kind}/{sale.id}")


def back(path: str, id: str) -> dict[str, str]:
    place = f"{text('SITE_ORIGIN')}/{path}"
    return {"success_url": f"{place}?paid={id}", "cancel_url": f"{place}?left={id}"}


def look(session_id: str) -> stripe.Doc:
    return stripe.read(f"checkout/sessions/{session_id}")


def close(session_id: str) -> stripe.Doc:
    """Nobody can pay there any more; who did before has."""
    try:
        return stripe.create(f"checkout/sessions/{session_id}/expire", {})
    except stripe.Rejected:
        return look(session_id)


def refund(payment: str, *, key: str) -> None:
    stripe.create("refunds", {"payment_intent": payment}, key=key)
