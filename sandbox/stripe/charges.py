from sandbox.stripe import balance
from sandbox.stripe.books import Books
from sandbox.stripe.errors import Doc, StripeError
from sandbox.stripe.events import changed, emit
from sandbox.stripe.routes import Call, Routes, assign, merge_metadata
from sandbox.stripe.views import children, includable

routes = Routes()
routes.retrieve("/v1/charges/{id}", "charge", "ChargeRetrieveParams")
routes.by_fields("/v1/charges", "charge", "ChargeListParams", "customer payment_intent")
includable("charge", "refunds")(children("refund", "/v1/charges/{id}/refunds", charge="id"))


def attempt(books: Books, intent: Doc, method: Doc, error: StripeError | None, *, status: str = "succeeded") -> Doc:
    """One charge per attempt; a refused one stays on record."""
    prefix = "ch_" if method["type"] == "card" else "py_"
    charge = books.new("charge", prefix, created=books.time_of(intent["customer"]), amount=intent["amount"])
    charge |= {name: intent[name] for name in ("currency", "customer", "description", "receipt_email")}
    charge |= {"metadata": dict(intent["metadata"]), "payment_intent": intent["id"], "payment_method": method["id"]}
    charge |= {"billing_details": method["billing_details"], "payment_method_details": _details(books, method)}
    charge |= {"amount_refunded": 0, "refunded": False, "disputed": False, "fraud_details": {}, "amount_captured": 0}
    charge |= {"status": status, "paid": False, "captured": status != "failed", "outcome": _outcome(error)}
    if error:
        charge |= {"status": "failed", "captured": False, "failure_code": error.code, "failure_message": error.message}
        emit(books, "charge.failed", books.put(charge))
    elif status == "pending":
        emit(books, "charge.pending", books.put(charge))
    else:
        charge = succeed(books, charge)
    return charge


def succeed(books: Books, charge: Doc) -> Doc:
    type = "charge" if charge["id"].startswith("ch_") else "payment"
    moved = balance.book(books, type, charge, charge["amount"], charge["currency"])
    done = {"status": "succeeded", "paid": True, "captured": True, "amount_captured": charge["amount"]}
    charge = books.put({**charge, **done, "balance_transaction": moved["id"]})
    emit(books, "charge.succeeded", charge)
    return charge


def fail(books: Books, charge: Doc, error: StripeError) -> Doc:
    failed = {"status": "failed", "captured": False, "failure_code": error.code, "failure_message": error.message}
    charge = books.put({**charge, **failed})
    emit(books, "charge.failed", charge)
    return charge


def _outcome(error: StripeError | None) -> Doc:
    if error is None:
        said = {"network_status": "approved_by_network", "type": "authorized", "seller_message": "Payment complete."}
        return {**said, "reason": None, "risk_level": "normal", "risk_score": 12}
    reason = error.extra.get("decline_code", error.code)
    said = {"network_status": "declined_by_network", "type": "issuer_declined", "seller_message": error.message}
    return {**said, "reason": reason, "risk_level": "normal", "risk_score": 12}


def _details(books: Books, method: Doc) -> Doc:
    kind = method["type"]
    shown = dict(method[kind])
    if kind == "sepa_debit":
        shown["mandate"] = _mandate(books, method)
    else:
        shown = {name: value for name, value in shown.items() if name not in ("three_d_secure_usage", "display_brand")}
        shown |= {"network": shown["brand"], "amount_authorized": None}
    return {"type": kind, kind: shown}


def _mandate(books: Books, method: Doc) -> str | None:
    found = books.store.first("mandate", payment_method=method["id"])
    return found["id"] if found else None


@routes.post("/v1/charges/{id}", "ChargeUpdateParams", "description metadata receipt_email fraud_details")
def update(call: Call) -> Doc:
    before = call.books.need("charge", call.id, status=404)
    charge = {**before}
    assign(charge, call.params, "description receipt_email fraud_details")
    merge_metadata(charge, call.params)
    changed(call.books, "charge.updated", before, charge)
    return charge
