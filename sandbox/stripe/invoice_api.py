"""Invoices over the API."""

from sandbox.stripe import collection, discounts, invoices, lines, pending, preview, timers
from sandbox.stripe.books import Books
from sandbox.stripe.errors import Doc, invalid, missing
from sandbox.stripe.events import changed, emit
from sandbox.stripe.routes import Call, Routes, assign, merge_metadata

routes = Routes()
_PATH = "/v1/invoices/{id}"
_FIELDS = "description footer default_payment_method custom_fields auto_advance"

routes.retrieve(_PATH, "invoice", "InvoiceRetrieveParams")


@routes.post(
    "/v1/invoices", "InvoiceCreateParams",
    f"{_FIELDS} customer currency metadata subscription collection_method days_until_due due_date "
    "automatic_tax.enabled default_tax_rates discounts pending_invoice_items_behavior",
)  # fmt: skip
def create(call: Call) -> Doc:
    books, params = call.books, call.params
    if "customer" not in params:
        raise missing("customer")
    customer = books.need("customer", params["customer"], "customer")
    subscription = _subscription(books, params)
    more = {
        name: params[name] for name in (*_FIELDS.split(), "collection_method", "default_tax_rates") if name in params
    }
    more |= {"auto_advance": params.get("auto_advance", False), "due_date": _due(books, customer, params)}
    more["automatic_tax"] = {"enabled": params.get("automatic_tax", {}).get("enabled", False)}
    more["metadata"] = params.get("metadata", {})
    resolved = [
        discounts.resolve(books, given, customer["id"], 0, "discounts") for given in params.get("discounts") or []
    ]
    more["discounts"] = [discounts.give(books, one, customer=customer["id"], invoice=None)["id"] for one in resolved]
    currency = params.get("currency") or (subscription or {}).get("currency") or customer.get("currency") or "eur"
    invoice = invoices.draft(
        books, customer, reason="subscription_update" if subscription else "manual", currency=currency,
        lines=_waiting(books, customer, subscription, params, currency), subscription=subscription, **more,
    )  # fmt: skip
    pending.mark(books, invoice)
    return invoices.schedule_finalization(books, invoice) if invoice["auto_advance"] else invoice


def _subscription(books: Books, params: Doc) -> Doc | None:
    return books.need("subscription", params["subscription"], "subscription") if "subscription" in params else None


def _due(books: Books, customer: Doc, params: Doc) -> int | None:
    if params.get("collection_method") != "send_invoice":
        return None
    if "days_until_due" not in params and "due_date" not in params:
        raise missing("days_until_due")
    return params.get("due_date") or invoices.due_date(books, customer, params["days_until_due"])


def _waiting(books: Books, customer: Doc, subscription: Doc | None, params: Doc, currency: str) -> list[Doc]:
    wanted = params.get("pending_invoice_items_behavior", "include" if subscription else "exclude") == "include"
    whose = subscription or {"id": None, "customer": customer["id"], "currency": currency}
    return pending.take(books, whose) if wanted else []


@routes.post(
    _PATH, "InvoiceUpdateParams", f"{_FIELDS} metadata collection_method days_until_due due_date automatic_tax.enabled"
)
def update(call: Call) -> Doc:
    books, params = call.books, call.params
    before = books.need("invoice", call.id, status=404)
    if before["status"] != "draft" and set(params) - {
        "metadata",
        "description",
        "default_payment_method",
        "auto_advance",
    }:
        raise invalid("Finalized invoices can't be updated in this way.", code="invoice_not_editable")
    invoice = {**before}
    assign(invoice, params, f"{_FIELDS} collection_method due_date")
    merge_metadata(invoice, params)
    if "automatic_tax" in params:
        invoice["automatic_tax"] = {"enabled": params["automatic_tax"]["enabled"]}
    if invoice["status"] == "draft":
        invoices.recompute(books, invoice)
    changed(books, "invoice.updated", before, invoice)
    if params.get("auto_advance") and invoice["status"] == "draft":
        return invoices.schedule_finalization(books, invoice)
    return invoice


@routes.remove(_PATH, "InvoiceDeleteParams")
def delete(call: Call) -> Doc:
    invoice = call.books.need("invoice", call.id, status=404)
    if invoice["status"] != "draft" or invoices.subscription_of(invoice):
        raise invalid("You can only delete draft invoices that belong to no subscription.", code="invoice_not_editable")
    timers.stop(call.books, "finalize", call.id)
    call.books.store.delete("invoice", call.id)
    emit(call.books, "invoice.deleted", invoice)
    return {"id": call.id, "object": "invoice", "deleted": True}


@routes.post(_PATH + "/finalize", "InvoiceFinalizeInvoiceParams", "auto_advance")
def finalize(call: Call) -> Doc:
    books = call.books
    invoice = invoices.finalize(books, books.need("invoice", call.id, status=404))
    if invoice["status"] == "draft":
        raise invalid(invoice["last_finalization_error"]["message"], code="customer_tax_location_invalid")
    if invoice["amount_due"] == 0:
        return collection.paid(books, invoice)
    if call.params.get("auto_advance") and invoice["collection_method"] == "charge_automatically":
        return collection.collect(books, invoice)[0]
    return invoice


@routes.post(_PATH + "/pay", "InvoicePayParams", "payment_method paid_out_of_band off_session")
def pay(call: Call) -> Doc:
    return collection.pay(call.books, call.books.need("invoice", call.id, status=404), call.params)


@routes.post(_PATH + "/send", "InvoiceSendInvoiceParams")
def send(call: Call) -> Doc:
    books = call.books
    invoice = books.need("invoice", call.id, status=404)
    if invoice["collection_method"] != "send_invoice":
        raise invalid("You can only manually send an invoice with the collection method `send_invoice`.")
    if invoice["status"] == "draft":
        invoice = invoices.finalize(books, invoice)
    emit(books, "invoice.sent", invoice)
    return invoice


@routes.post(_PATH + "/void", "InvoiceVoidInvoiceParams")
def void(call: Call) -> Doc:
    invoice = call.books.need("invoice", call.id, status=404)
    invoices.must_be(invoice, "open", "uncollectible", doing="void")
    return invoices.close(call.books, invoice, "void", "invoice.voided", "voided_at")


@routes.post(_PATH + "/mark_uncollectible", "InvoiceMarkUncollectibleParams")
def mark_uncollectible(call: Call) -> Doc:
    invoice = call.books.need("invoice", call.id, status=404)
    invoices.must_be(invoice, "open", doing="mark as uncollectible")
    why = {"uncollectible": {"reason": "user_forgiven"}}
    event, transition = "invoice.marked_uncollectible", "marked_uncollectible_at"
    return invoices.close(call.books, invoice, "uncollectible", event, transition, status_details=why)


@routes.listing("/v1/invoices", "InvoiceListParams", "customer status subscription collection_method")
def list_invoices(call: Call) -> list[Doc]:
    equal = {name: call.params[name] for name in ("customer", "status", "collection_method") if name in call.params}
    found = [i for i in call.books.all("invoice") if all(i.get(name) == value for name, value in equal.items())]
    wanted = call.params.get("subscription")
    return [invoice for invoice in found if wanted in (None, invoices.subscription_of(invoice))]


@routes.listing(_PATH + "/lines", "InvoiceLineItemListParams")
def list_lines(call: Call) -> list[Doc]:
    return list(reversed(call.books.need("invoice", call.id, status=404)["lines"]["data"]))


@routes.post(
    "/v1/invoices/create_preview", "InvoiceCreatePreviewParams",
    "customer subscription subscription_details.items subscription_details.proration_behavior "
    "subscription_details.proration_date subscription_details.cancel_now subscription_details.billing_cycle_anchor "
    "discounts automatic_tax.enabled customer_details.address customer_details.tax_exempt customer_details.tax_ids "
    "currency",
)  # fmt: skip
def create_preview(call: Call) -> Doc:
    return preview.build(call.books, call.params)


payments = Routes()
payments.retrieve("/v1/invoice_payments/{id}", "invoice_payment", "InvoicePaymentRetrieveParams")


@payments.listing("/v1/invoice_payments", "InvoicePaymentListParams", "invoice payment status")
def list_payments(call: Call) -> list[Doc]:
    equal = {name: call.params[name] for name in ("invoice", "status") if name in call.params}
    wanted = call.params.get("payment", {})
    found = call.books.all("invoice_payment", **equal)
    return [doc for doc in found if all(doc["payment"].get(name) == value for name, value in wanted.items())]


items = Routes()
_ITEM = "/v1/invoiceitems/{id}"
items.retrieve(_ITEM, "invoiceitem", "InvoiceItemRetrieveParams")


@items.post(
    "/v1/invoiceitems", "InvoiceItemCreateParams",
    "customer amount currency description discountable invoice metadata period pricing quantity subscription tax_rates",
)  # fmt: skip
def create_item(call: Call) -> Doc:
    books, params = call.books, call.params
    if "customer" not in params:
        raise missing("customer")
    customer = books.need("customer", params["customer"], "customer")
    item = _build_item(books, customer, params)
    merge_metadata(item, params)
    books.put(item)
    if "invoice" in params:
        _add_to(books, books.need("invoice", params["invoice"], "invoice"), item)
    emit(books, "invoiceitem.created", item)
    return books.need("invoiceitem", item["id"])


def _build_item(books: Books, customer: Doc, params: Doc) -> Doc:
    price = books.need("price", params["pricing"]["price"], "pricing[price]") if "pricing" in params else None
    quantity = params.get("quantity", 1)
    if price and price["recurring"]:
        raise invalid("Invoice items take one-time prices only.", "pricing[price]")
    if not price and ("amount" not in params or "currency" not in params):
        raise missing("amount" if "amount" not in params else "currency")
    amount = lines.of_price(books, price, quantity, 0)["amount"] if price else params["amount"]
    now = books.now(customer.get("test_clock"))
    period = params.get("period", {"start": now, "end": now})
    currency = price["currency"] if price else params["currency"]
    item = pending.build(
        books, customer, amount=amount, currency=currency, start=period["start"], end=period["end"], price=price
    )
    item |= {"quantity": quantity, "quantity_decimal": str(quantity), "tax_rates": params.get("tax_rates") or []}
    assign(item, params, "description discountable")
    if "subscription" in params:
        details = {"subscription": books.need("subscription", params["subscription"], "subscription")["id"]}
        item["parent"] = {"type": "subscription_details", "subscription_details": details}
    return item


def _add_to(books: Books, invoice: Doc, item: Doc) -> None:
    invoices.must_be(invoice, "draft", doing="add items to")
    after = {
        **invoice,
        "lines": {**invoice["lines"], "data": [*invoice["lines"]["data"], lines.of_invoice_item(books, item)]},
    }
    invoices.recompute(books, after)
    books.put({**item, "invoice": invoice["id"]})
    changed(books, "invoice.updated", invoice, after)


@items.listing("/v1/invoiceitems", "InvoiceItemListParams", "customer invoice pending")
def list_items(call: Call) -> list[Doc]:
    equal = {name: call.params[name] for name in ("customer", "invoice") if name in call.params}
    wanted = call.params.get("pending")
    found = call.books.all("invoiceitem", **equal)
    return [item for item in found if wanted in (None, item["invoice"] is None)]


@items.remove(_ITEM, "InvoiceItemDeleteParams")
def delete_item(call: Call) -> Doc:
    item = call.books.need("invoiceitem", call.id, status=404)
    if item["invoice"]:
        raise invalid("You can only delete invoice items that are not on an invoice.", code="invoice_not_editable")
    call.books.store.delete("invoiceitem", call.id)
    emit(call.books, "invoiceitem.deleted", item)
    return {"id": call.id, "object": "invoiceitem", "deleted": True}
