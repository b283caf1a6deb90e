"""Orders: placed together with what they take from the stock, and moved along one path."""

from typing import Any

from programs.creator.modules.shop.handlers import products
from programs.creator.runtime import checkout
from programs.creator.runtime.checkout import CURRENCY, Line, Sale
from programs.creator.runtime.documents import Item, Unmet, Write, change, get, put, query, transact, write
from programs.creator.runtime.errors import Problem, invalid
from programs.creator.runtime.moments import iso, seconds
from programs.creator.runtime.settings import text

TABLE = "shop-orders"
STATES = ("pending", "paid", "shipped", "completed", "cancelled", "refunded")
BEFORE = {"shipped": ("paid",), "completed": ("shipped",), "refunded": ("paid", "shipped", "completed")}
SHOWN = ("orderId", "status", "items", "shipping", "totalAmount", "currency", "createdAt", "address")
DELIVERY = {"de": "Versand", "en": "Shipping"}


def place(order_id: str, user_id: str, items: list[dict[str, Any]], address: dict[str, str] | None) -> Item:
    if not address and int(text("SHIPPING")):
        raise invalid("address", "where should it be sent?")
    lines = _lines(items)
    shipping = int(text("SHIPPING"))
    total = shipping + sum(line["price"] * line["qty"] for line in lines)
    order = {"orderId": order_id, "userId": user_id, "status": "pending", "items": lines, "shipping": shipping}
    order |= {"totalAmount": total, "currency": CURRENCY, "address": address, "createdAt": iso()}
    try:
        transact(put(TABLE, order, when="attribute_not_exists(#orderId)"), *(_taken(line) for line in lines))
    except Unmet as unmet:
        if 0 in unmet.at:
            raise Problem("conflict", "the first attempt is still running") from None
        raise Problem("conflict", "there is not enough of it left", lines[unmet.at[0] - 1]["productId"]) from None
    return order


def own(order_id: str, user_id: str) -> Item | None:
    """Of an attempt before: only as long as it can still be paid."""
    order = get(TABLE, consistent=True, orderId=order_id, userId=user_id)
    if order and order["status"] != "pending":
        raise Problem("gone", "this order is closed")
    return order


def found(order_id: str, user_id: str) -> Item:
    order = get(TABLE, consistent=True, orderId=order_id, userId=user_id)
    if order is None:
        raise Problem("not_found", "there is no such order")
    return order


def any_of(order_id: str) -> Item:
    """Whoever's it is; the person is part of the key."""
    page = query(TABLE, "#orderId = :order", {"order": order_id})
    if not page.items:
        raise Problem("not_found", "there is no such order")
    return page.items[0]


def key(order: Item) -> Item:
    return {"orderId": order["orderId"], "userId": order["userId"]}


def sale(order: Item) -> Sale:
    lines = [Line(line["title"], line["price"], line["qty"]) for line in order["items"]]
    lines += [Line(DELIVERY[text("LOCALE")], order["shipping"])] if order["shipping"] else []
    created = seconds(order["createdAt"])
    return Sale(kind="order", id=order["orderId"], lines=tuple(lines), path="shop/orders", created=created)


def move(order: Item, status: str) -> Item:
    if order["status"] not in BEFORE[status]:
        raise Problem("conflict", f"an order that is {order['status']} cannot become {status}", "status")
    if status == "refunded":
        checkout.refund(order["stripePaymentId"], key=f"refund/{order['orderId']}")
    try:
        return write(stepped(order, status))
    except Unmet:
        raise Problem("conflict", "the order changed meanwhile", "status") from None


def stepped(order: Item, status: str, **more: str) -> Write:
    values = {"before": order["status"]}
    return change(TABLE, key(order), set={"status": status, **more}, when="#status = :before", values=values)


def given_back(order: Item) -> list[Write]:
    return [change(products.TABLE, {"productId": line["productId"]}, add={"stock": line["qty"]})
            for line in order["items"]]  # fmt: skip


def shown(order: Item) -> dict[str, Any]:
    return {name: order[name] for name in SHOWN if name in order}


def kept(order: Item) -> dict[str, Any]:
    """As the creator sees it."""
    return {**shown(order), "userId": order["userId"]}


def _lines(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """With the titles and prices of this moment."""
    ids = [item["productId"] for item in items]
    if len(set(ids)) < len(ids) or len(ids) > int(text("MAX_ITEMS")):
        raise invalid("items", f"{text('MAX_ITEMS')} different products at most")
    rows = [products.find(id, offered=True) for id in ids]
    return [
        {"productId": row["productId"], "title": row["title"], "price": row["price"], "qty": item["qty"]}
        for row, item in zip(rows, items, strict=True)
    ]


def _taken(line: dict[str, Any]) -> Write:
    """The price is that of the order, or the order is not placed."""
    values = {"qty": line["qty"], "shown": "shown", "price": line["price"]}
    when = "#stock >= :qty AND #status = :shown AND #price = :price"
    return change(
        products.TABLE, {"productId": line["productId"]}, add={"stock": -line["qty"]}, when=when, values=values
    )
