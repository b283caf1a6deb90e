"""Credit notes: less to pay on an open invoice; a refund or credit on a paid one."""

from typing import Any

from sandbox.stripe import collection, prices, refunds
from sandbox.stripe.books import Books, token
from sandbox.stripe.errors import Doc, invalid, missing
from sandbox.stripe.events import changed, emit
from sandbox.stripe.routes import Call, Routes, merge_metadata

routes = Routes()
_KIND = "credit_note"
_PATH = "/v1/credit_notes/{id}"
_CREATE = "invoice amount credit_amount lines memo metadata out_of_band_amount reason refund_amount"

routes.retrieve(_PATH, _KIND, "CreditNoteRetrieveParams")
routes.by_fields("/v1/credit_notes", _KIND, "CreditNoteListParams", "customer invoice")


@routes.post("/v1/credit_notes", "CreditNoteCreateParams", _CREATE)
def create(call: Call) -> Doc:
    books, params = call.books, call.params
    invoice = books.need("invoice", params["invoice"], "invoice")
    note = _build(books, invoice, params)
    if invoice["status"] == "paid":
        _give_back(books, invoice, note, params)
    else:
        _reduce(books, invoice, note)
    emit(books, "credit_note.created", books.put(note))
    return note


@routes.get("/v1/credit_notes/preview", "CreditNotePreviewParams", _CREATE)
def preview(call: Call) -> Doc:
    return _build(call.books, call.books.need("invoice", call.params["invoice"], "invoice"), call.params)


def _build(books: Books, invoice: Doc, params: Doc) -> Doc:
    if invoice["status"] not in ("open", "paid", "uncollectible"):
        raise invalid("You can only create a credit note for a finalized invoice.", "invoice")
    rows = _rows(invoice, params)
    total = sum(row["amount"] + row["_tax"] for row in rows)
    left = _left(invoice)
    if not 0 < total <= left:
        raise invalid(f"The credit note amount must be between 1 and {left}.", "amount", "invoice_amount_exceeded")
    tax = sum(row["_tax"] for row in rows)
    note = books.new(_KIND, "cn_", created=books.time_of(invoice["customer"]), customer=invoice["customer"])
    note |= {"invoice": invoice["id"], "currency": invoice["currency"], "amount": total, "total": total}
    note |= {"subtotal": total - tax, "total_excluding_tax": total - tax, "subtotal_excluding_tax": total - tax}
    note |= {
        "total_taxes": _taxes(invoice, tax),
        "discount_amount": 0,
        "discount_amounts": [],
        "pretax_credit_amounts": [],
    }
    note |= {"amount_shipping": 0, "refunds": [], "status": "issued", "memo": params.get("memo"), "metadata": {}}
    note |= {"reason": params.get("reason"), "number": _number(books, invoice), "_secret": token("", 24)}
    merge_metadata(note, params)
    note |= _parts(invoice, total) | {
        "effective_at": note["created"],
        "out_of_band_amount": params.get("out_of_band_amount"),
    }
    note["lines"] = {"object": "list", "data": rows, "has_more": False, "url": f"/v1/credit_notes/{note['id']}/lines"}
    return {**note, "pdf": f"{books.url}/cn/{note['id']}/{note['_secret']}/pdf"}


def _parts(invoice: Doc, total: int) -> Doc:
    paid = invoice["status"] == "paid"
    amounts = {"pre_payment_amount": 0 if paid else total, "post_payment_amount": total if paid else 0}
    return {**amounts, "type": "post_payment" if paid else "pre_payment"}


def _left(invoice: Doc) -> int:
    if invoice["status"] == "paid":
        return int(
            invoice["total"] - invoice["post_payment_credit_notes_amount"] - invoice["pre_payment_credit_notes_amount"]
        )
    return int(invoice["amount_remaining"])


def _number(books: Books, invoice: Doc) -> str:
    count = len(books.all(_KIND, invoice=invoice["id"])) + 1
    return f"{invoice['number']}-CN-{count:02d}"


def _rows(invoice: Doc, params: Doc) -> list[Doc]:
    """Either lines of the invoice, or one amount that includes its share of tax."""
    if "lines" in params:
        return [_row(invoice, given, index) for index, given in enumerate(params["lines"])]
    if "amount" not in params:
        raise missing("amount")
    total, tax = max(invoice["total"], 1), invoice["total"] - invoice["total_excluding_tax"]
    share = prices.round_half_up(params["amount"] * tax, total)
    return [_shown(params["amount"] - share, share, "custom_line_item", None, params.get("memo"))]


def _row(invoice: Doc, given: Doc, index: int) -> Doc:
    param = f"lines[{index}]"
    if given["type"] == "custom_line_item":
        if "unit_amount" not in given:
            raise missing(f"{param}[unit_amount]")
        amount = given["unit_amount"] * given.get("quantity", 1)
        return _shown(amount, 0, "custom_line_item", None, given.get("description"))
    line = next((row for row in invoice["lines"]["data"] if row["id"] == given.get("invoice_line_item")), None)
    if line is None:
        raise invalid(
            f"No such invoice line item: '{given.get('invoice_line_item')}'",
            f"{param}[invoice_line_item]",
            "resource_missing",
        )
    net = line["amount"] - sum(part["amount"] for part in line["discount_amounts"])
    amount = given.get("amount") or prices.round_half_up(
        net * given.get("quantity", line["quantity"]), line["quantity"] or 1
    )
    on_top = sum(part["amount"] for part in line["taxes"] if part["tax_behavior"] == "exclusive")
    tax = prices.round_half_up(on_top * amount, net) if net else 0
    return _shown(amount, tax, "invoice_line_item", line["id"], line["description"])


def _shown(amount: int, tax: int, type: str, line: str | None, description: Any) -> Doc:
    row = {"id": token("cnli_"), "object": "credit_note_line_item", "amount": amount, "type": type, "livemode": False}
    row |= {
        "invoice_line_item": line,
        "description": description or "Credit",
        "discount_amount": 0,
        "discount_amounts": [],
    }
    return {
        **row,
        "pretax_credit_amounts": [],
        "tax_rates": [],
        "taxes": [],
        "quantity": 1,
        "metadata": {},
        "_tax": tax,
    }


def _taxes(invoice: Doc, tax: int) -> list[Doc]:
    return [{**part, "amount": tax} for part in invoice["total_taxes"][:1]]


def _reduce(books: Books, invoice: Doc, note: Doc) -> None:
    less = invoice["pre_payment_credit_notes_amount"] + note["amount"]
    due = invoice["amount_due"] - note["amount"]
    after = {**invoice, "pre_payment_credit_notes_amount": less, "amount_due": due, "amount_remaining": due}
    changed(books, "invoice.updated", invoice, after)
    request = books.store.first("invoice_payment", invoice=invoice["id"])
    intent = books.get("payment_intent", request["payment"]["payment_intent"]) if request else None
    if intent and due:
        books.put({**intent, "amount": due})
    if due == 0:
        collection.paid(books, after, out_of_band=True)


def _give_back(books: Books, invoice: Doc, note: Doc, params: Doc) -> None:
    parts = [params.get(name, 0) for name in ("refund_amount", "credit_amount", "out_of_band_amount")]
    if sum(parts) != note["amount"]:
        message = "The sum of credit amount, refund amount and out of band amount must equal the credit note amount."
        raise invalid(message, "credit_amount")
    books.put(
        {**invoice, "post_payment_credit_notes_amount": invoice["post_payment_credit_notes_amount"] + note["amount"]}
    )
    if parts[0]:
        _refund(books, invoice, note, parts[0])
    if parts[1]:
        customer = books.need("customer", invoice["customer"])
        balance = (customer.get("balance") or 0) - parts[1]
        changed(books, "customer.updated", customer, {**customer, "balance": balance})


def _refund(books: Books, invoice: Doc, note: Doc, amount: int) -> None:
    request = books.store.first("invoice_payment", invoice=invoice["id"], status="paid")
    if request is None:
        raise invalid("This invoice was not paid through Stripe: there is nothing to refund.", "refund_amount")
    intent = books.need("payment_intent", request["payment"]["payment_intent"])
    refund = refunds.of_charge(books, books.need("charge", intent["latest_charge"]), amount, "requested_by_customer")
    emit(books, "refund.created", books.put(refund))
    note["refunds"] = [{"amount_refunded": amount, "refund": refund["id"], "type": "refund"}]


@routes.post(_PATH, "CreditNoteUpdateParams", "memo metadata")
def update(call: Call) -> Doc:
    before = call.books.need(_KIND, call.id, status=404)
    note = {**before, "memo": call.params.get("memo", before["memo"])}
    merge_metadata(note, call.params)
    changed(call.books, "credit_note.updated", before, note)
    return note


@routes.post(_PATH + "/void", "CreditNoteVoidCreditNoteParams")
def void(call: Call) -> Doc:
    books = call.books
    note = books.need(_KIND, call.id, status=404)
    invoice = books.need("invoice", note["invoice"])
    if note["status"] == "void" or invoice["status"] != "open":
        raise invalid("You can only void a credit note of an open invoice, once.")
    due = invoice["amount_due"] + note["amount"]
    less = invoice["pre_payment_credit_notes_amount"] - note["amount"]
    after = {**invoice, "amount_due": due, "amount_remaining": due, "pre_payment_credit_notes_amount": less}
    changed(books, "invoice.updated", invoice, after)
    voided = {**note, "status": "void", "voided_at": books.time_of(note["customer"])}
    emit(books, "credit_note.voided", books.put(voided))
    return voided


@routes.listing(_PATH + "/lines", "CreditNoteLineItemListParams")
def list_lines(call: Call) -> list[Doc]:
    return list(reversed(call.books.need(_KIND, call.id, status=404)["lines"]["data"]))
