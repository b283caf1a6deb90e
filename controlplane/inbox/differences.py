"""What a picture of Stripe says otherwise than our mirrors, field by field."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlmodel import Session, select

from controlplane.billing.ledger import Invoice, Payment, Subscription
from controlplane.billing.mirror import Picture, invoice_fields, payment_fields, subscription_fields

Difference = dict[str, Any]


def of_picture(session: Session, picture: Picture) -> list[Difference]:
    subscriptions = [picture.subscription] if picture.subscription else []
    return [
        *_compare(session, Subscription, subscriptions, subscription_fields),
        *_compare(session, Invoice, picture.invoices, invoice_fields),
        *_compare(session, Payment, picture.charges, payment_fields),
    ]


def _compare(
    session: Session, kind: Any, seen: Any, fields: Callable[[Any], Mapping[str, Any]]
) -> Iterator[Difference]:
    name = kind.__name__.lower()
    for one in seen:
        row = session.exec(select(kind).where(kind.stripe_id == one.id)).first()
        if row is None:
            yield report(name, one.id, "", "", "present", "")
            continue
        for field, theirs in fields(one).items():
            ours = getattr(row, field)
            if ours != theirs:
                yield report(name, one.id, field, ours, theirs, "")


def place(one: Difference) -> tuple[str, str, str]:
    return one["object"], one["id"], one["field"]


def report(object: str, id: str, field: str, ours: Any, theirs: Any, outcome: str) -> Difference:
    shown = {"ours": str(ours)[:200], "theirs": str(theirs)[:200]}
    return {"object": object, "id": id, "field": field, **shown, "outcome": outcome}
