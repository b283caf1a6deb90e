from sandbox.stripe import balance
from sandbox.stripe.books import Books, token
from sandbox.stripe.errors import Doc, invalid, missing
from sandbox.stripe.events import changed, emit
from sandbox.stripe.routes import Call, Routes, merge_metadata

routes = Routes()
routes.retrieve("/v1/refunds/{id}", "refund", "RefundRetrieveParams")
routes.by_fields("/v1/refunds", "refund", "RefundListParams", "charge payment_intent")


@routes.post("/v1/refunds", "RefundCreateParams", "amount charge payment_intent reason metadata")
def create(call: Call) -> Doc:
    books, params = call.books, call.params
    charge = _charge(books, params)
    refund = of_charge(books, charge, params.get("amount"), params.get("reason"))
    merge_metadata(refund, params)
    books.put(refund)
    emit(books, "refund.created", refund)
    return refund


def _charge(books: Books, params: Doc) -> Doc:
    if "charge" in params:
        return books.need("charge", params["charge"], "charge")
    if "payment_intent" not in params:
        raise missing("charge or payment_intent")
    intent = books.need("payment_intent", params["payment_intent"], "payment_intent")
    if not intent.get("latest_charge"):
        raise invalid("This PaymentIntent does not have a successful charge to refund.", "payment_intent")
    return books.need("charge", intent["latest_charge"])


def of_charge(books: Books, charge: Doc, amount: int | None, reason: str | None) -> Doc:
    """Move the money; the caller stores and announces the refund itself."""
    left = charge["amount"] - charge["amount_refunded"]
    amount = left if amount is None else amount
    _check(charge, amount, left)
    refund = books.new("refund", "re_", created=books.time_of(charge["customer"]), amount=amount, charge=charge["id"])
    del refund["livemode"]
    refund |= {"currency": charge["currency"], "payment_intent": charge["payment_intent"], "reason": reason}
    refund |= {"status": "succeeded", "metadata": {}, "payment_method": charge["payment_method"]}
    refund |= {"customer": charge["customer"], "destination_details": _destination(charge)}
    refund["balance_transaction"] = balance.book(books, "refund", refund, -amount, charge["currency"])["id"]
    done = charge["amount_refunded"] + amount
    after = books.put({**charge, "amount_refunded": done, "refunded": done == charge["amount"]})
    emit(
        books, "charge.refunded", after, {"amount_refunded": charge["amount_refunded"], "refunded": charge["refunded"]}
    )
    return refund


def _check(charge: Doc, amount: int, left: int) -> None:
    if charge["status"] != "succeeded":
        raise invalid(f"Charge {charge['id']} is not refundable: it did not succeed.", "charge")
    if charge["disputed"]:
        raise invalid(
            f"Charge {charge['id']} has been charged back; cannot issue a refund.", "charge", "charge_disputed"
        )
    if left == 0:
        raise invalid(f"Charge {charge['id']} has already been refunded.", "charge", "charge_already_refunded")
    if amount <= 0:
        raise invalid("Invalid positive integer", "amount", "parameter_invalid_integer")
    if amount > left:
        message = f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})"
        raise invalid(message, "amount", "amount_too_large")


def _destination(charge: Doc) -> Doc:
    kind = charge["payment_method_details"]["type"]
    if kind == "card":
        return {"type": "card", "card": {"type": "refund", "reference_status": "pending", "reference": token("", 12)}}
    return {"type": "sepa_debit"}


@routes.post("/v1/refunds/{id}", "RefundUpdateParams", "metadata")
def update(call: Call) -> Doc:
    before = call.books.need("refund", call.id, status=404)
    refund = {**before}
    merge_metadata(refund, call.params)
    changed(call.books, "refund.updated", before, refund)
    return refund


def fail(books: Books, refund: Doc, reason: str = "expired_or_canceled_card") -> Doc:
    """The bank sends the money back: Stripe returns it to the balance and says so."""
    returned = balance.book(books, "refund_failure", refund, refund["amount"], refund["currency"])
    after = {**refund, "status": "failed", "failure_reason": reason, "failure_balance_transaction": returned["id"]}
    charge = books.need("charge", refund["charge"])
    books.put({**charge, "amount_refunded": charge["amount_refunded"] - refund["amount"], "refunded": False})
    emit(books, "refund.failed", books.put(after))
    return after
