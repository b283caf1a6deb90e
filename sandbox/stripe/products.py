from sandbox.stripe.errors import Doc, invalid
from sandbox.stripe.events import changed, emit
from sandbox.stripe.routes import Call, Routes, assign, merge_metadata

routes = Routes()
_FIELDS = "name description active images statement_descriptor tax_code unit_label url shippable marketing_features"
_PATH = "/v1/products/{id}"

routes.retrieve(_PATH, "product", "ProductRetrieveParams")


@routes.post("/v1/products", "ProductCreateParams", f"id metadata {_FIELDS}")
def create(call: Call) -> Doc:
    books, params = call.books, call.params
    product = books.new("product", "prod_", active=True, images=[], marketing_features=[], metadata={}, type="service")
    product |= {"default_price": None, "updated": product["created"]}
    if "id" in params:
        if books.get("product", params["id"]):
            raise invalid("Product already exists.", "id", "resource_already_exists")
        product["id"] = params["id"]
    assign(product, params, _FIELDS)
    merge_metadata(product, params)
    emit(books, "product.created", books.put(product))
    return product


@routes.post(_PATH, "ProductUpdateParams", f"metadata default_price {_FIELDS}")
def update(call: Call) -> Doc:
    books, params = call.books, call.params
    before = books.need("product", call.id, status=404)
    product = {**before, "updated": books.now()}
    if params.get("default_price"):
        books.need("price", params["default_price"], "default_price")
    assign(product, params, f"default_price {_FIELDS}")
    merge_metadata(product, params)
    changed(books, "product.updated", before, product)
    return product


@routes.listing("/v1/products", "ProductListParams", "active ids url")
def list_products(call: Call) -> list[Doc]:
    params = call.params
    found = call.books.all("product")
    if "ids" in params:
        found = [product for product in found if product["id"] in params["ids"]]
    equal = {name: params[name] for name in ("active", "url") if name in params}
    return [product for product in found if all(product.get(name) == value for name, value in equal.items())]


@routes.remove(_PATH, "ProductDeleteParams")
def delete(call: Call) -> Doc:
    books = call.books
    product = books.need("product", call.id, status=404)
    if books.all("price", product=product["id"]):
        raise invalid("This product cannot be deleted because it has one or more user-created prices.", "id")
    books.store.delete("product", product["id"])
    gone = {"id": product["id"], "object": "product", "deleted": True}
    emit(books, "product.deleted", product)
    return gone
