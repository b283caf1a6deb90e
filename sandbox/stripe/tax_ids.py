from sandbox.stripe.books import Books
from sandbox.stripe.errors import Doc, invalid, no_such
from sandbox.stripe.events import emit
from sandbox.stripe.routes import Call, Routes
from sandbox.stripe.tax import valid_vat_id

routes = Routes()
_PATH = "/v1/customers/{customer}/tax_ids"


def build(books: Books, customer: Doc, params: Doc) -> Doc:
    country = valid_vat_id(params["value"]) if params["type"] == "eu_vat" else None
    if params["type"] == "eu_vat" and country is None:
        raise invalid(f"Invalid value for eu_vat: {params['value']}.", "value", "tax_id_invalid")
    doc = books.new(
        "tax_id", "txi_", type=params["type"], value=params["value"], country=country, customer=customer["id"]
    )
    doc["owner"] = {"type": "customer", "customer": customer["id"]}
    doc["verification"] = {"status": "verified" if country else "unavailable", "verified_name": customer.get("name")}
    emit(books, "customer.tax_id.created", books.put(doc))
    return doc


@routes.post(_PATH, "CustomerTaxIdCreateParams", "type value")
def create(call: Call) -> Doc:
    return build(call.books, call.books.need("customer", call.path["customer"], status=404), call.params)


@routes.listing(_PATH, "CustomerTaxIdListParams")
def list_tax_ids(call: Call) -> list[Doc]:
    customer = call.books.need("customer", call.path["customer"], status=404)
    return call.books.all("tax_id", customer=customer["id"])


@routes.get(_PATH + "/{id}", "CustomerTaxIdRetrieveParams")
def retrieve(call: Call) -> Doc:
    return _need(call)


@routes.remove(_PATH + "/{id}", "CustomerTaxIdDeleteParams")
def delete(call: Call) -> Doc:
    doc = _need(call)
    call.books.store.delete("tax_id", doc["id"])
    emit(call.books, "customer.tax_id.deleted", doc)
    return {"id": doc["id"], "object": "tax_id", "deleted": True}


def _need(call: Call) -> Doc:
    doc = call.books.need("tax_id", call.id, status=404)
    if doc["customer"] != call.path["customer"]:
        raise no_such("tax_id", call.id, status=404)
    return doc
