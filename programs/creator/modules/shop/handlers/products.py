"""What is for sale."""

import uuid
from typing import Any

from programs.creator.runtime.checkout import CURRENCY
from programs.creator.runtime.documents import Item, Unmet, change, get, put, write
from programs.creator.runtime.errors import Problem
from programs.creator.runtime.moments import iso

TABLE = "shop-products"
MOST_IMAGES = 8
SHOWN = ("productId", "title", "description", "price", "currency", "stock", "images", "status")


def create(wanted: dict[str, Any]) -> Item:
    row = {"status": "shown", **wanted, "productId": uuid.uuid4().hex, "currency": CURRENCY, "images": []}
    row["createdAt"] = iso()
    write(put(TABLE, row, when="attribute_not_exists(#productId)"))
    return row


def find(product_id: str, *, offered: bool = False) -> Item:
    row = get(TABLE, consistent=True, productId=product_id)
    if row is None or row["status"] == "removed" or (offered and row["status"] != "shown"):
        raise Problem("not_found", "there is no such product")
    return row


def alter(product_id: str, wanted: dict[str, Any]) -> Item:
    row = find(product_id)
    if not wanted:
        return row
    values = {"gone": "removed"}
    try:
        return write(change(TABLE, {"productId": product_id}, set=wanted, when="#status <> :gone", values=values))
    except Unmet:
        raise Problem("not_found", "there is no such product") from None


def shown(row: Item) -> dict[str, Any]:
    return {name: row[name] for name in SHOWN}
