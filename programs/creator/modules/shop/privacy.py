"""Orders are kept for the tax office, without the person. The person is part of the key: a new row takes its place."""

from hashlib import sha256

from programs.creator.runtime.documents import Item, delete, every, put, transact

TABLES = ("shop-orders",)


def export(user_id: str, _email: str) -> list[Item]:
    return list(every("shop-orders", "#userId = :user", {"user": user_id}, index="userId-index"))


def erase(user_id: str, email: str) -> dict[str, int]:
    orders = export(user_id, email)
    for order in orders:
        key = {"orderId": order["orderId"], "userId": user_id}
        kept = {name: value for name, value in order.items() if name != "address" or order["status"] == "paid"}
        transact(delete("shop-orders", key), put("shop-orders", {**kept, "userId": _nobody(order)}))
    return {"orders": len(orders)}


def _nobody(order: Item) -> str:
    return f"erased#{sha256((order['orderId'] + order['userId']).encode()).hexdigest()[:32]}"
