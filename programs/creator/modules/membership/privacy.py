"""First the subscription ends at Stripe, or it would go on taking money; then the person goes from the row."""

from hashlib import sha256

from programs.creator.runtime import stripe
from programs.creator.runtime.documents import Item, delete, get, put, transact

TABLES = ("memberships",)
SECRETS = ("stripe",)
OVER = {"canceled", "incomplete_expired"}


def export(user_id: str, _email: str) -> list[Item]:
    row = get("memberships", consistent=True, userId=user_id)
    return [row] if row else []


def erase(user_id: str, email: str) -> dict[str, int]:
    rows = export(user_id, email)
    for row in rows:
        if row["status"] not in OVER:
            _end(row["stripeSubscriptionId"])
        nobody = f"erased#{sha256(user_id.encode()).hexdigest()[:32]}"
        transact(delete("memberships", {"userId": user_id}),
                 put("memberships", {**row, "userId": nobody, "status": "canceled"}))  # fmt: skip
    return {"memberships": len(rows)}


def _end(subscription_id: str) -> None:
    try:
        stripe.remove(f"subscriptions/{subscription_id}")
    except stripe.Rejected:
        if stripe.read(f"subscriptions/{subscription_id}")["status"] not in OVER:
            raise
