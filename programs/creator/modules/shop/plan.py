"""Products, and orders that are paid in the creator's own Stripe account."""

from programs.creator.plan import Alarm, Allow, Auth, Function, Index, Kind, Probe, Route, Table

TABLES = (
    Table(
        name="shop-products",
        key="productId",
        kind=Kind.CONTENT,
        indexes=(Index("status-index", "status", "createdAt"),),
    ),
    Table(
        name="shop-orders",
        key="orderId",
        sort="userId",
        kind=Kind.FINANCIAL,
        indexes=(Index("userId-index", "userId", "createdAt"), Index("status-index", "status", "createdAt")),
    ),
)
SHOP = Function(
    name="shop",
    handler="programs.creator.modules.shop.handlers.shop.handle",
    routes=(
        Route("GET /shop/products"),
        Route("GET /shop/products/{id}"),
        Route("POST /shop/products", Auth.PERSON),
        Route("PATCH /shop/products/{id}", Auth.PERSON),
        Route("DELETE /shop/products/{id}", Auth.PERSON),
        Route("POST /shop/products/{id}/image", Auth.PERSON),
        Route("POST /shop/checkout", Auth.PERSON),
        Route("GET /shop/orders", Auth.PERSON),
        Route("GET /shop/orders/{id}", Auth.PERSON),
        Route("GET /shop/admin/products", Auth.PERSON),
        Route("GET /shop/admin/orders", Auth.PERSON),
        Route("PATCH /shop/admin/orders/{id}", Auth.PERSON),
    ),
    reads=("shop-products", "shop-orders", "processed-events"),
    writes=("shop-products", "shop-orders", "processed-events"),
    secrets=("app", "stripe"),
    allows=(Allow(("s3:PutObject",), ("{bucket_media}/media/products/*",)),),
    facts=("MAX_ITEMS", "SHIPPING", "BUCKET_MEDIA"),
    timeout=20,
    alarm=Alarm(errors=3),
)
FUNCTIONS = (SHOP,)
SETTLED = ("shop-orders", "shop-products")
PROBES = (Probe("GET /shop/products", 200),)
