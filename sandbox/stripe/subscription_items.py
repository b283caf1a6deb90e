"""Subscription items over the API: the same changes as through the subscription."""

from sandbox.stripe import items, subscription_changes
from sandbox.stripe.books import Books
from sandbox.stripe.errors import Doc
from sandbox.stripe.routes import Call, Routes

routes = Routes()
_PATH = "/v1/subscription_items/{id}"
_HOW = ("proration_behavior", "proration_date", "payment_behavior")
_FIELDS = "price quantity metadata tax_rates " + " ".join(_HOW)


@routes.get(_PATH, "SubscriptionItemRetrieveParams")
def retrieve(call: Call) -> Doc:
    return items.find(call.books, call.id)[1]


@routes.listing("/v1/subscription_items", "SubscriptionItemListParams", "subscription")
def list_items(call: Call) -> list[Doc]:
    subscription = call.books.need("subscription", call.params["subscription"], "subscription")
    return list(reversed(subscription["items"]["data"]))


@routes.post("/v1/subscription_items", "SubscriptionItemCreateParams", f"subscription {_FIELDS}")
def create(call: Call) -> Doc:
    subscription = call.books.need("subscription", call.params["subscription"], "subscription")
    known = {item["id"] for item in subscription["items"]["data"]}
    after = _change(call.books, subscription, call.params, {})
    return next(item for item in after["items"]["data"] if item["id"] not in known)


@routes.post(_PATH, "SubscriptionItemUpdateParams", _FIELDS)
def update(call: Call) -> Doc:
    subscription, _ = items.find(call.books, call.id)
    after = _change(call.books, subscription, call.params, {"id": call.id})
    return next(item for item in after["items"]["data"] if item["id"] == call.id)


@routes.remove(_PATH, "SubscriptionItemDeleteParams", "proration_behavior proration_date")
def delete(call: Call) -> Doc:
    subscription, _ = items.find(call.books, call.id)
    _change(call.books, subscription, call.params, {"id": call.id, "deleted": True})
    return {"id": call.id, "object": "subscription_item", "deleted": True}


def _change(books: Books, subscription: Doc, params: Doc, target: Doc) -> Doc:
    how = {name: params[name] for name in _HOW if name in params}
    item = {name: value for name, value in params.items() if name not in _HOW and name != "subscription"}
    return subscription_changes.update(books, subscription, {**how, "items": [{**item, **target}]})
