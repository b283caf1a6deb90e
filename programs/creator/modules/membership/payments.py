"""What a subscription of Stripe means: the group, the person's row, and until when."""

from datetime import UTC, datetime

from programs.creator.runtime import stripe
from programs.creator.runtime.aws import client
from programs.creator.runtime.documents import Item, Write, change, every, get, put, transact
from programs.creator.runtime.moments import DAY, iso, now
from programs.creator.runtime.settings import text
from programs.creator.runtime.settlement import Adapter, Doc

TABLE = "memberships"
GOOD = {"active", "trialing"}
OVER = {"canceled", "incomplete_expired", "unpaid"}
KEPT = ("active", "trialing", "past_due", "unpaid", "paused")  # those that may still change


def subscribed(user_id: str, subscription: Doc) -> list[Write]:
    row, person = get(TABLE, consistent=True, userId=user_id), get("users", consistent=True, userId=user_id)
    if person is None or person["status"] == "erasing":
        return _of_nobody(subscription)
    if _is_older(row, subscription):
        return []
    until = _until(subscription)
    premium = until > now()
    _group(person["email"], premium)
    return [put(TABLE, _row(user_id, subscription)), _marked(person, premium, _day(until))]


def resync() -> None:
    """What no event told us, and grace that has run out."""
    for status in KEPT:
        for row in list(every(TABLE, "#status = :status", {"status": status}, index="status-index")):
            subscription = stripe.read(f"subscriptions/{row['stripeSubscriptionId']}")
            writes = subscribed(row["userId"], subscription)
            if writes:
                transact(*writes)


def _is_older(row: Item | None, subscription: Doc) -> bool:
    """Somebody who left and came back has two: an event about the first must not end the second."""
    return bool(
        row
        and row["stripeSubscriptionId"] != subscription["id"]
        and row["status"] in GOOD
        and subscription["status"] not in GOOD
    )


def _of_nobody(subscription: Doc) -> list[Write]:
    """Who left was forgotten; but nobody may go on paying for a person who is not there."""
    if subscription["status"] not in OVER:
        raise LookupError("a subscription of nobody")
    return []


def _until(subscription: Doc) -> int:
    """What is paid for and the grace after it; what is overdue was paid up to the start of its period."""
    period, grace = subscription["items"]["data"][0], int(text("GRACE_DAYS")) * DAY
    if subscription["status"] in GOOD:
        return int(period["current_period_end"]) + grace
    return int(period["current_period_start"]) + grace if subscription["status"] == "past_due" else 0


def _row(user_id: str, subscription: Doc) -> Item:
    end = subscription["items"]["data"][0]["current_period_end"]
    about = {"planId": subscription["metadata"].get("planId", ""), "currentPeriodEnd": _day(int(end))}
    ids = {"stripeCustomerId": subscription["customer"], "stripeSubscriptionId": subscription["id"]}
    return {"userId": user_id, "status": subscription["status"], **about, **ids, "updatedAt": iso()}


def _marked(person: Item, premium: bool, until: str) -> Write:
    key = {"userId": person["userId"]}
    if premium:
        found = {"subscription": "premium", "premiumUntil": until}
        return change("users", key, set=found, when="attribute_exists(#userId)")
    return change(
        "users", key, set={"subscription": "free"}, remove=("premiumUntil",), when="attribute_exists(#userId)"
    )


def _group(email: str, premium: bool) -> None:
    cognito = client("cognito-idp")
    move = cognito.admin_add_user_to_group if premium else cognito.admin_remove_user_from_group
    move(UserPoolId=text("POOL_ID"), Username=email, GroupName="premium")


def _day(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="seconds")


ADAPTER = Adapter(kind="membership", subscribed=subscribed, resync=resync)
