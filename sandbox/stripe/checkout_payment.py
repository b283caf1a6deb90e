"""What the buyer does on the hosted page; the control route goes the same way."""

from dataclasses import dataclass, field

from sandbox.stripe import (
    checkout_totals,
    collection,
    customers,
    discounts,
    invoices,
    lines,
    payment_methods,
    payments,
    setup,
    subscriptions,
    tax,
    tax_ids,
    timers,
)
from sandbox.stripe.books import Books
from sandbox.stripe.errors import Doc, StripeError, invalid, missing
from sandbox.stripe.events import changed, emit
from sandbox.stripe.instruments import declined


@dataclass(frozen=True)
class Buyer:
    email: str
    name: str = ""
    address: dict[str, str] = field(default_factory=dict)
    vat_id: str | None = None
    card: str | None = None
    month: int = 12
    year: int = 2034
    iban: str | None = None
    terms: bool = False

    @property
    def details(self) -> Doc:
        address = {name: self.address.get(name) or None for name in _ADDRESS}
        ids = [{"type": "eu_vat", "value": self.vat_id}] if self.vat_id else []
        person = {"email": self.email, "name": self.name or None, "phone": None, "address": address}
        return {**person, "tax_exempt": "none", "tax_ids": ids}


_ADDRESS = ("city", "country", "line1", "line2", "postal_code", "state")


@dataclass(frozen=True)
class Outcome:
    session: Doc
    challenge: bool = False


def pay(books: Books, session: Doc, buyer: Buyer) -> Outcome:
    """Raises StripeError for what the buyer can correct; a declined card leaves a failed charge behind."""
    _check(session, buyer)
    session = _know(books, session, buyer)
    method = _method(books, session, buyer)
    if method and method["type"] == "card":
        behaviour = payment_methods.card_behaviour(method)
        if behaviour.challenge:
            waiting = {"method": method["id"], "vat_id": buyer.vat_id, "terms": buyer.terms}
            return Outcome(books.put({**session, "_challenge": waiting}), challenge=True)
        if behaviour.refuses:
            _decline(books, session, method)
    return Outcome(_complete(books, session, method, authenticated=False))


def answer_challenge(books: Books, session: Doc, *, passed: bool) -> Doc:
    waiting = session.get("_challenge")
    if session["status"] != "open" or not waiting:
        raise invalid("No payment of this session waits for authentication.")
    session = books.put({**session, "_challenge": None})
    method = books.need("payment_method", waiting["method"])
    if not passed:
        message = "We are unable to authenticate your payment method. Please choose another one and try again."
        code = "payment_intent_authentication_failure"
        raise StripeError(message, status=402, type="card_error", code=code, keep=True)
    if payment_methods.card_behaviour(method).fails:
        _decline(books, session, method)
    return _complete(books, session, method, authenticated=True)


def _check(session: Doc, buyer: Buyer) -> None:
    if session["status"] != "open":
        raise invalid(f"This checkout session is {session['status']}.", "session", "checkout_session_not_open")
    if "@" not in buyer.email:
        raise invalid("Your email is invalid.", "email", "email_invalid")
    if buyer.vat_id and not session["tax_id_collection"]["enabled"]:
        raise invalid("This session does not collect tax ids.", "vat_id")
    if buyer.vat_id and not tax.valid_vat_id(buyer.vat_id):
        raise invalid("Your VAT number is invalid.", "vat_id", "tax_id_invalid")
    terms = (session.get("consent_collection") or {}).get("terms_of_service")
    if terms == "required" and not buyer.terms:
        raise missing("terms_of_service")
    needs_address = session["automatic_tax"]["enabled"] or session.get("billing_address_collection") == "required"
    if needs_address and not buyer.address.get("country"):
        raise missing("country")


def _know(books: Books, session: Doc, buyer: Buyer) -> Doc:
    """From here on the session carries the buyer, and its amounts their tax."""
    session = {**session, "customer_details": buyer.details}
    if (session.get("consent_collection") or {}).get("terms_of_service") == "required":
        session["consent"] = {"terms_of_service": "accepted", "promotions": None}
    checkout_totals.settle(books, session, _taxed_as(books, session))
    return books.put(session)


def _taxed_as(books: Books, session: Doc) -> Doc:
    known = books.get("customer", session["customer"])
    guest = checkout_totals.buyer(session)
    return {**guest, "id": known["id"], "tax_exempt": known["tax_exempt"]} if known else guest


def _method(books: Books, session: Doc, buyer: Buyer) -> Doc | None:
    billing = {name: value for name, value in buyer.details.items() if name in ("email", "name", "address")}
    allowed = session["payment_method_types"]
    if buyer.iban and "sepa_debit" in allowed:
        return payment_methods.sepa(books, buyer.iban, billing)
    if buyer.card and "card" in allowed:
        return payment_methods.card(books, buyer.card, month=buyer.month, year=buyer.year, billing=billing)
    nothing_due = not session["amount_total"] and session["mode"] != "setup"
    if nothing_due and (session["payment_method_collection"] == "if_required" or session["mode"] == "payment"):
        return None
    raise missing("card")


def _decline(books: Books, session: Doc, method: Doc) -> None:
    """The session stays open; the attempt stays on record."""
    behaviour = payment_methods.card_behaviour(method)
    reason = str(behaviour.refuses or behaviour.fails)
    if session["mode"] == "setup" or not session["amount_total"]:
        raise declined(reason)
    intent = books.get("payment_intent", session.get("_failed_intent")) or _intent(books, session, session["customer"])
    books.put({**session, "_failed_intent": intent["id"]})
    _, error = payments.confirm(books, intent, method, authenticated=True)
    assert error is not None
    raise error


def _intent(books: Books, session: Doc, customer: str | None) -> Doc:
    data = session["_data"] if session["mode"] == "payment" else {}
    more = {name: data.get(name) for name in ("description", "setup_future_usage")}
    return payments.new_intent(
        books, amount=session["amount_total"], currency=session["currency"], customer=customer,
        types=session["payment_method_types"], metadata=data.get("metadata", {}), _session=session["id"],
        receipt_email=data.get("receipt_email"), **more,
    )  # fmt: skip


def _complete(books: Books, session: Doc, method: Doc | None, *, authenticated: bool) -> Doc:
    customer = _customer(books, session)
    after = {**session, "customer": customer["id"] if customer else None}
    if customer and method:
        payment_methods.attach(books, method, customer["id"]) if session["mode"] != "payment" else None
    finish = {"payment": _buy, "subscription": _subscribe, "setup": _set_up}[session["mode"]]
    after |= finish(books, after, customer, method, authenticated=authenticated)
    timers.stop(books, "session_expires", session["id"])
    after |= {"status": "complete", "url": None}
    emit(books, "checkout.session.completed", books.put(after))
    return after


def _customer(books: Books, session: Doc) -> Doc | None:
    details = session["customer_details"]
    if session["customer"]:
        return _update_customer(books, session, books.need("customer", session["customer"]))
    always = session["mode"] == "subscription" or session["customer_creation"] == "always"
    reused = session["_data"].get("setup_future_usage") or (session["invoice_creation"] or {}).get("enabled")
    if not (always or reused):
        return None
    params = {name: details[name] for name in ("email", "name", "address") if details[name]}
    customer = books.put({**customers.build(books, params), "preferred_locales": [session.get("locale") or "de"]})
    emit(books, "customer.created", customer)
    return _with_tax_id(books, session, customer)


def _update_customer(books: Books, session: Doc, customer: Doc) -> Doc:
    wanted, details = session.get("customer_update") or {}, session["customer_details"]
    names = [name for name in ("name", "address") if wanted.get(name) == "auto" and details[name]]
    after = {**customer, **{name: details[name] for name in names}}
    after["email"] = customer["email"] if customer.get("email") else details["email"]
    changed(books, "customer.updated", customer, after)
    return _with_tax_id(books, session, after)


def _with_tax_id(books: Books, session: Doc, customer: Doc) -> Doc:
    known = {doc["value"] for doc in books.all("tax_id", customer=customer["id"])}
    for given in session["customer_details"]["tax_ids"]:
        if given["value"] not in known:
            tax_ids.build(books, customer, given)
    return books.need("customer", customer["id"])


def _buy(books: Books, session: Doc, customer: Doc | None, method: Doc | None, *, authenticated: bool) -> Doc:
    resolved = checkout_totals.given_discounts(books, session, session["customer"])
    given = [
        discounts.give(books, one, customer=session["customer"], checkout_session=session["id"]) for one in resolved
    ]
    if customer and session["invoice_creation"]["enabled"]:
        return _buy_with_invoice(books, session, customer, method, given, authenticated=authenticated)
    if not session["amount_total"]:
        return {"payment_status": "no_payment_required"}
    assert method is not None
    intent = books.get("payment_intent", session.get("_failed_intent"))
    intent = {**intent, "customer": session["customer"]} if intent else _intent(books, session, session["customer"])
    intent, error = payments.confirm(books, intent, method, authenticated=authenticated)
    if error:
        raise error
    return {"payment_intent": intent["id"], "payment_status": _status(intent)}


def _status(intent: Doc | None) -> str:
    return "no_payment_required" if intent is None else "paid" if intent["status"] == "succeeded" else "unpaid"


def _buy_with_invoice(
    books: Books, session: Doc, customer: Doc, method: Doc | None, given: list[Doc], *, authenticated: bool
) -> Doc:
    now = books.now(customer.get("test_clock"))
    found = [lines.of_price(books, books.need("price", i["price"]), i["quantity"], now) for i in session["_line_items"]]
    data = session["invoice_creation"]["invoice_data"]
    invoice = invoices.draft(
        books, customer, reason="manual", lines=found, currency=session["currency"], discounts=[d["id"] for d in given],
        automatic_tax={"enabled": session["automatic_tax"]["enabled"]}, metadata=data.get("metadata", {}),
        description=data.get("description"),
    )  # fmt: skip
    invoice = invoices.finalize(books, invoice)
    intent = invoices.intent_of(books, invoice["id"])
    if intent:
        more = {"metadata": session["_data"].get("metadata", {}), "_session": session["id"]}
        books.put({**intent, **more})
    collection.collect(books, invoice, method=method["id"] if method else None, authenticated=authenticated)
    intent = invoices.intent_of(books, invoice["id"])
    paid = {"payment_intent": intent["id"] if intent else None, "payment_status": _status(intent)}
    return {"invoice": invoice["id"], **paid}


def _subscribe(books: Books, session: Doc, customer: Doc | None, method: Doc | None, *, authenticated: bool) -> Doc:
    assert customer is not None
    if method and authenticated:
        books.put({**books.need("payment_method", method["id"]), "_authenticated": True})
    params = _subscription_params(books, session, method)
    subscription = subscriptions.start(books, customer, params)
    invoice = books.need("invoice", subscription["latest_invoice"])
    if invoice["status"] == "open":
        collection.collect(books, invoice, authenticated=authenticated)
    intent = invoices.intent_of(books, invoice["id"])
    if intent:
        books.put({**intent, "_session": session["id"]})
    ids = {"subscription": subscription["id"], "invoice": invoice["id"]}
    return {**ids, "payment_status": _status(intent), "amount_total": invoice["total"]}


def _subscription_params(books: Books, session: Doc, method: Doc | None) -> Doc:
    data = session["_data"]
    params: Doc = {
        "items": [],
        "add_invoice_items": [],
        "automatic_tax": {"enabled": session["automatic_tax"]["enabled"]},
    }
    for item in session["_line_items"]:
        recurring = books.need("price", item["price"])["recurring"]
        line = {"price": item["price"], "tax_rates": item["tax_rates"], "metadata": item["metadata"]}
        line |= {"quantity": item["quantity"]} if item["quantity"] is not None else {}
        params["items" if recurring else "add_invoice_items"].append(line)
    given = [{"promotion_code": session["_promotion"]}] if session["_promotion"] else session["discounts"]
    params |= {"discounts": given, "default_payment_method": method["id"] if method else None}
    return {**params, **{name: data[name] for name in data}}


def _set_up(books: Books, session: Doc, customer: Doc | None, method: Doc | None, *, authenticated: bool) -> Doc:
    assert method is not None
    data = session["_data"]
    intent = setup.new_intent(
        books,
        customer=customer["id"] if customer else None,
        metadata=data.get("metadata", {}),
        description=data.get("description"),
    )
    intent = setup.succeed(books, intent, books.need("payment_method", method["id"]), authenticated=authenticated)
    return {"setup_intent": intent["id"], "payment_status": "no_payment_required"}
