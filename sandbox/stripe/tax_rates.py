from sandbox.stripe.errors import Doc
from sandbox.stripe.events import changed, emit
from sandbox.stripe.routes import Call, Routes, assign, merge_metadata

routes = Routes()
_FIELDS = "active country description display_name jurisdiction state tax_type"

routes.retrieve("/v1/tax_rates/{id}", "tax_rate", "TaxRateRetrieveParams")
routes.by_fields("/v1/tax_rates", "tax_rate", "TaxRateListParams", "active inclusive")


@routes.post("/v1/tax_rates", "TaxRateCreateParams", f"{_FIELDS} inclusive percentage metadata")
def create(call: Call) -> Doc:
    params = call.params
    rate = call.books.new("tax_rate", "txr_", active=True, metadata={}, rate_type="percentage")
    rate |= {"inclusive": params["inclusive"], "percentage": params["percentage"]}
    rate["effective_percentage"] = params["percentage"]
    assign(rate, params, _FIELDS)
    merge_metadata(rate, params)
    emit(call.books, "tax_rate.created", call.books.put(rate))
    return rate


@routes.post("/v1/tax_rates/{id}", "TaxRateUpdateParams", f"{_FIELDS} metadata")
def update(call: Call) -> Doc:
    before = call.books.need("tax_rate", call.id, status=404)
    rate = {**before}
    assign(rate, call.params, _FIELDS)
    merge_metadata(rate, call.params)
    changed(call.books, "tax_rate.updated", before, rate)
    return rate
