"""The shop, as buyers see it and as the creator keeps it."""

from typing import Any

from programs.creator.modules.shop.handlers import orders, products
from programs.creator.runtime import checkout, cursor, uploads
from programs.creator.runtime.documents import change, query, write
from programs.creator.runtime.fields import PRICE, form, identifier, nested, one_of, several, text, whole
from programs.creator.runtime.http import Answer, Request, Routes
from programs.creator.runtime.once import idempotent

handle = Routes()
MOST_KILOBYTES = 2048
STOCK = whole(0, 1_000_000)
STATUS = one_of("shown", "hidden")
LINE = text(1, 120, r"[^\r\n]+")
NEW = form(title=LINE, description=text(0, 4000), price=PRICE, stock=STOCK, optional={"status": STATUS})
CHANGE = form(
    optional={"title": LINE, "description": text(0, 4000), "price": PRICE, "stock": STOCK, "status": STATUS}
)  # fmt: skip
ITEM = form(productId=identifier, qty=whole(1, 20))
ADDRESS = form(name=LINE, street=LINE, zip=text(3, 12, r"[A-Za-z0-9 -]+"), city=LINE, country=text(2, 2, r"[A-Z]{2}"))
ORDER = form(items=several(nested(ITEM), 1, 50), optional={"address": nested(ADDRESS)})
STEP = form(status=one_of("shipped", "completed", "refunded"))
PICTURE = uploads.wanted(MOST_KILOBYTES)


@handle.add("GET /shop/products")
def listed(request: Request) -> Answer:
    return _page(request, products.TABLE, "shown", products.shown, index="status-index", by="status")


@handle.add("GET /shop/products/{id}")
def one(request: Request) -> Answer:
    return Answer(200, products.shown(products.find(request.id("id"), offered=True)))


@handle.add("GET /shop/admin/products")
def kept(request: Request) -> Answer:
    """Those that nobody sees, too."""
    _ = request.admin
    status = STATUS("status", request.query.get("status", "shown"))
    return _page(request, products.TABLE, status, products.shown, index="status-index", by="status")


@handle.add("POST /shop/products")
def offer(request: Request) -> Answer:
    _ = request.admin
    return Answer(201, products.shown(products.create(request.form(NEW))))


@handle.add("PATCH /shop/products/{id}")
def alter(request: Request) -> Answer:
    _ = request.admin
    return Answer(200, products.shown(products.alter(request.id("id"), request.form(CHANGE))))


@handle.add("DELETE /shop/products/{id}")
def withdraw(request: Request) -> Answer:
    """The row stays: what was ordered of it may come back into stock."""
    _ = request.admin
    products.alter(request.id("id"), {"status": "removed"})
    return Answer(204)


@handle.add("POST /shop/products/{id}/image")
def picture(request: Request) -> Answer:
    _ = request.admin
    row = products.find(request.id("id"))
    key, upload = uploads.offer("products", row["productId"], request.form(PICTURE))
    images = [*row["images"], uploads.address(key)][-products.MOST_IMAGES :]
    write(change(products.TABLE, {"productId": row["productId"]}, set={"images": images}))
    return Answer(200, {"upload": upload, "imageUrl": uploads.address(key)})


@handle.add("POST /shop/checkout")
def check_out(request: Request) -> Answer:
    who, wanted = request.caller.user_id, request.form(ORDER)

    def work(attempt: str) -> Answer:
        order = orders.own(attempt, who) or orders.place(attempt, who, wanted["items"], wanted.get("address"))
        page = checkout.open(orders.sale(order))
        write(change(orders.TABLE, orders.key(order), set={"stripeSessionId": page["id"]}))
        return Answer(201, {"orderId": order["orderId"], "checkoutUrl": page["url"]})

    return idempotent(request, who, work)


@handle.add("GET /shop/orders")
def mine(request: Request) -> Answer:
    return _page(request, orders.TABLE, request.caller.user_id, orders.shown, index="userId-index", by="userId")


@handle.add("GET /shop/orders/{id}")
def my_order(request: Request) -> Answer:
    return Answer(200, orders.shown(orders.found(request.id("id"), request.caller.user_id)))


@handle.add("GET /shop/admin/orders")
def sold(request: Request) -> Answer:
    _ = request.admin
    status = one_of(*orders.STATES)("status", request.query.get("status", "paid"))
    return _page(request, orders.TABLE, status, orders.kept, index="status-index", by="status")


@handle.add("PATCH /shop/admin/orders/{id}")
def go_on(request: Request) -> Answer:
    _ = request.admin
    order = orders.any_of(request.id("id"))
    return Answer(200, orders.kept(orders.move(order, request.form(STEP)["status"])))


def _page(request: Request, table: str, wanted: str, shown: Any, *, index: str, by: str) -> Answer:
    listing = f"{table}/{wanted}"
    after = cursor.opened(request.query.get("next", ""), listing=listing)
    page = query(table, f"#{by} = :v", {"v": wanted}, index=index, limit=50, newest=True, after=after)
    return Answer(200, {"items": [shown(row) for row in page.items], **cursor.closed(page.after, listing=listing)})
