from sandbox.stripe import balance
from sandbox.stripe.books import Books
from sandbox.stripe.errors import Doc, invalid
from sandbox.stripe.events import changed, emit
from sandbox.stripe.routes import Call, Routes, merge_metadata
from sandbox.stripe.settings import DAY

routes = Routes()
routes.retrieve("/v1/disputes/{id}", "dispute", "DisputeRetrieveParams")
routes.by_fields("/v1/disputes", "dispute", "DisputeListParams", "charge payment_intent")

_OPEN = {"needs_response", "under_review", "warning_needs_response", "warning_under_review"}
_ANSWER_WITHIN = 9 * DAY


def open_dispute(books: Books, charge: Doc, reason: str = "fraudulent") -> Doc:
    if charge["status"] != "succeeded" or charge["disputed"]:
        raise invalid(f"Charge {charge['id']} cannot be disputed.", "charge")
    now = books.time_of(charge["customer"])
    dispute = books.new("dispute", "du_", created=now, amount=charge["amount"] - charge["amount_refunded"])
    dispute |= {"charge": charge["id"], "payment_intent": charge["payment_intent"], "currency": charge["currency"]}
    dispute |= {"reason": reason, "status": "needs_response", "metadata": {}, "is_charge_refundable": False}
    dispute |= {"evidence": {"enhanced_evidence": {}}, "evidence_details": _evidence_details(now)}
    dispute |= {"enhanced_eligibility_types": [], "balance_transactions": [], "network_reason_code": "10.4"}
    dispute["payment_method_details"] = _details(charge)
    taken = balance.book(books, "adjustment", dispute, -dispute["amount"], charge["currency"])
    dispute["balance_transactions"] = [taken]
    books.put({**charge, "disputed": True})
    emit(books, "charge.dispute.created", books.put(dispute))
    emit(books, "charge.dispute.funds_withdrawn", dispute)
    return dispute


def _details(charge: Doc) -> Doc | None:
    details = charge["payment_method_details"]
    if details["type"] != "card":
        return None
    card = {"brand": details["card"]["brand"], "case_type": "chargeback", "network_reason_code": "10.4"}
    card["network"] = details["card"]["brand"]
    return {"type": "card", "card": card}


def _evidence_details(now: int) -> Doc:
    details = {"due_by": now + _ANSWER_WITHIN, "has_evidence": False, "past_due": False, "submission_count": 0}
    return {**details, "enhanced_eligibility": {}, "submission_method": "not_submitted"}


@routes.post("/v1/disputes/{id}", "DisputeUpdateParams", "evidence submit metadata")
def update(call: Call) -> Doc:
    books, params = call.books, call.params
    before = books.need("dispute", call.id, status=404)
    _must_be_open(before)
    dispute = {**before, "evidence": {**before["evidence"], **params.get("evidence", {})}}
    merge_metadata(dispute, params)
    if "evidence" in params:
        count = before["evidence_details"]["submission_count"] + (1 if params.get("submit", True) else 0)
        given = {"has_evidence": True, "submission_count": count, "submission_method": "manual"}
        dispute["evidence_details"] = {**before["evidence_details"], **given}
        dispute["status"] = "under_review" if params.get("submit", True) else before["status"]
    changed(books, "charge.dispute.updated", before, dispute)
    evidence = params.get("evidence", {}).get("uncategorized_text")
    if evidence in ("winning_evidence", "losing_evidence"):  # Stripe's own words for tests
        return end(books, dispute, won=evidence == "winning_evidence")
    return dispute


@routes.post("/v1/disputes/{id}/close", "DisputeCloseParams")
def close(call: Call) -> Doc:
    """Accepting a dispute loses it."""
    dispute = call.books.need("dispute", call.id, status=404)
    return end(call.books, dispute, won=False)


def end(books: Books, dispute: Doc, *, won: bool) -> Doc:
    _must_be_open(dispute)
    after = {**dispute, "status": "won" if won else "lost"}
    if won:
        back = balance.book(
            books, "adjustment", {**dispute, "id": dispute["id"]}, dispute["amount"], dispute["currency"]
        )
        after["balance_transactions"] = [*dispute["balance_transactions"], back]
        charge = books.need("charge", dispute["charge"])
        books.put({**charge, "disputed": False})
    emit(books, "charge.dispute.closed", books.put(after), {"status": dispute["status"]})
    if won:
        emit(books, "charge.dispute.funds_reinstated", after)
    return after


def _must_be_open(dispute: Doc) -> None:
    if dispute["status"] not in _OPEN:
        raise invalid("This dispute is already closed.", "id")


fraud_routes = Routes()
_WARNING = "radar.early_fraud_warning"
fraud_routes.retrieve("/v1/radar/early_fraud_warnings/{id}", _WARNING, "radar.EarlyFraudWarningRetrieveParams")
fraud_routes.by_fields(
    "/v1/radar/early_fraud_warnings", _WARNING, "radar.EarlyFraudWarningListParams", "charge payment_intent"
)


def warn(books: Books, charge: Doc, fraud_type: str = "made_with_stolen_card") -> Doc:
    warning = books.new("radar.early_fraud_warning", "issfr_", created=books.time_of(charge["customer"]))
    warning |= {"actionable": not charge["refunded"], "charge": charge["id"], "fraud_type": fraud_type}
    warning["payment_intent"] = charge["payment_intent"]
    emit(books, "radar.early_fraud_warning.created", books.put(warning))
    return warning
