"""The hosted checkout page: a plain form, without a script."""

from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from sandbox.control.pages import POLICY, Pages, require_same_site
from sandbox.stripe import cards_form, checkout_payment, checkout_totals, settlement, texts
from sandbox.stripe.books import Books
from sandbox.stripe.checkout_payment import Buyer
from sandbox.stripe.errors import Doc, StripeError, invalid
from sandbox.stripe.shape import show

PAGES = Pages(Path(__file__).parent / "templates")
_KIND = "checkout.session"


def checkout_routes(books: Books) -> list[Route]:
    pages = _Checkout(books)
    return [
        Route("/c/pay/{id}", pages.show, methods=["GET"]),
        Route("/c/pay/{id}", pages.submit, methods=["POST"]),
        Route("/c/pay/{id}/challenge", pages.challenge, methods=["GET"]),
        Route("/c/pay/{id}/challenge", pages.answer, methods=["POST"]),
        Route("/c/challenge/{id}", pages.intent_challenge, methods=["GET"]),
        Route("/c/challenge/{id}", pages.intent_answer, methods=["POST"]),
    ]


def send_back(response: Response, *urls: str | None) -> Response:
    """Browsers apply `form-action` to redirects as well: let the form end at the merchant's page."""
    origins = {f"{urlsplit(url).scheme}://{urlsplit(url).netloc}" for url in urls if url}
    allowed = " ".join(["form-action 'self'", *sorted(origins)])
    response.headers["content-security-policy"] = POLICY.replace("form-action 'self'", allowed)
    return response


class _Checkout:
    def __init__(self, books: Books) -> None:
        self._books = books

    async def show(self, request: Request) -> Response:
        session = self._books.need(_KIND, request.path_params["id"], status=404)
        return self._page(request, session, {})

    async def submit(self, request: Request) -> Response:
        require_same_site(request)
        form = {name: str(value).strip() for name, value in (await request.form()).items()}
        return await run_in_threadpool(self._submit, request, form)

    def _submit(self, request: Request, form: dict[str, str]) -> Response:
        id = request.path_params["id"]
        try:
            with_effect = {"pay": self._pay, "apply": self._apply}.get(form.get("action", "pay"))
            if with_effect:
                return atomically(self._books, lambda: with_effect(id, form))
        except StripeError as error:
            session = self._books.need(_KIND, id, status=404)
            status = error.status if error.status == 402 else 422
            return self._page(request, session, form, error=error, status=status)
        return self._page(request, self._books.need(_KIND, id, status=404), form)

    def _pay(self, id: str, form: dict[str, str]) -> Response:
        session = self._books.need(_KIND, id, status=404)
        outcome = checkout_payment.pay(self._books, session, _buyer(session, form))
        if outcome.challenge:
            return RedirectResponse(f"{self._books.url}/c/pay/{id}/challenge", 303)
        return RedirectResponse(success_url(outcome.session), 303)

    def _apply(self, id: str, form: dict[str, str]) -> Response:
        session = self._books.need(_KIND, id, status=404)
        if session["status"] != "open" or not session.get("allow_promotion_codes"):
            raise invalid("This page takes no promotion codes.", "promotion_code")
        after = checkout_totals.try_code(self._books, session, form.get("code", ""))
        checkout_totals.settle(self._books, after, None)
        self._books.put(after)
        return RedirectResponse(f"{self._books.url}/c/pay/{id}", 303)

    async def challenge(self, request: Request) -> Response:
        session = self._books.need(_KIND, request.path_params["id"], status=404)
        if not session.get("_challenge"):
            return RedirectResponse(f"{self._books.url}/c/pay/{session['id']}", 303)
        lang = texts.language(request, session.get("locale"))
        amount = texts.money(session["amount_total"], session["currency"], lang)
        page = PAGES.show("challenge.html", lang=lang, t=texts.words(lang), amount=amount, merchant=self._merchant())
        return send_back(page, session["success_url"])

    async def answer(self, request: Request) -> Response:
        require_same_site(request)
        form = await request.form()
        return await run_in_threadpool(self._answer, request, form.get("answer") == "confirm")

    def _answer(self, request: Request, passed: bool) -> Response:
        id = request.path_params["id"]

        def act() -> Response:
            session = self._books.need(_KIND, id, status=404)
            done = checkout_payment.answer_challenge(self._books, session, passed=passed)
            return RedirectResponse(success_url(done), 303)

        try:
            return atomically(self._books, act)
        except StripeError as error:
            session = self._books.need(_KIND, id, status=404)
            return self._page(request, session, {}, error=error, status=402 if error.status == 402 else 422)

    async def intent_challenge(self, request: Request) -> Response:
        intent = self._intent(request.path_params["id"])
        lang = texts.language(request, None)
        amount = texts.money(intent.get("amount"), intent.get("currency"), lang)
        page = PAGES.show("challenge.html", lang=lang, t=texts.words(lang), amount=amount, merchant=self._merchant())
        return send_back(page, intent.get("_return_url"))

    async def intent_answer(self, request: Request) -> Response:
        require_same_site(request)
        form = await request.form()
        return await run_in_threadpool(self._answer_intent, request.path_params["id"], form.get("answer") == "confirm")

    def _answer_intent(self, id: str, passed: bool) -> Response:
        with self._books.store.transaction():
            intent = settlement.answer_challenge(self._books, id, passed=passed)
        back = intent.get("_return_url") or _invoice_url(self._books, intent) or f"{self._books.url}/"
        return RedirectResponse(back, 303)

    def _intent(self, id: str) -> Doc:
        return self._books.need("setup_intent" if id.startswith("seti_") else "payment_intent", id, status=404)

    def _merchant(self) -> str:
        return str(self._books.setting("account_name"))

    def _page(
        self,
        request: Request,
        session: Doc,
        form: dict[str, str],
        *,
        error: StripeError | None = None,
        status: int = 200,
    ) -> Response:
        lang = texts.language(request, session.get("locale"))
        context = _context(self._books, session, form, lang)
        context["here"] = f"{self._books.url}/c/pay/{session['id']}"  # also when a challenge that failed shows it
        context["error"] = texts.complaint(error.body()["error"], lang) if error else {"field": "", "message": ""}
        page = PAGES.show("checkout.html", status, lang=lang, t=texts.words(lang), merchant=self._merchant(), **context)
        return send_back(page, session.get("success_url"), session.get("cancel_url"))


def atomically(books: Books, act: Any) -> Response:
    """A declined payment is an error that keeps what it wrote."""
    kept: StripeError | None = None
    with books.store.transaction():
        try:
            response: Response = act()
            return response
        except StripeError as error:
            if not error.keep:
                raise
            kept = error
    raise kept


def success_url(session: Doc) -> str:
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", quote(session["id"]))


def _invoice_url(books: Books, intent: Doc) -> str | None:
    invoice = books.get("invoice", intent.get("_invoice"))
    return invoice["hosted_invoice_url"] if invoice else None


def _buyer(session: Doc, form: dict[str, str]) -> Buyer:
    card = form.get("method", "card") == "card"
    month, year = 12, 2034
    if card and form.get("number"):
        cards_form.check_cvc(form)
        month, year = cards_form.expiry(form.get("expiry", ""))
    address = {name: form[name] for name in ("country", "line1", "postal_code", "city") if form.get(name)}
    return Buyer(
        email=form.get("email") or session.get("customer_email") or "", name=form.get("name", ""), address=address,
        vat_id=form.get("vat_id") or None, card=form.get("number") or None if card else None, month=month, year=year,
        iban=None if card else form.get("iban") or None, terms=form.get("terms") == "yes",
    )  # fmt: skip


def _context(books: Books, session: Doc, form: dict[str, str], lang: str) -> Doc:
    customer = books.get("customer", session["customer"])
    details = session.get("customer_details") or {}
    known = {**((customer or {}).get("address") or {}), **(details.get("address") or {})}
    values: dict[str, Any] = {
        "email": session.get("customer_email") or (customer or {}).get("email"),
        "name": (customer or {}).get("name"),
    }
    values |= {name: value for name, value in details.items() if name in ("email", "name") and value}
    values |= {name: value for name, value in known.items() if value}
    values = {name: value or "" for name, value in {**values, **form}.items()}
    needs = session["automatic_tax"]["enabled"] or session.get("billing_address_collection") == "required"
    terms = (session.get("consent_collection") or {}).get("terms_of_service") == "required"
    shown = {
        "session": show(session),
        "values": values,
        "countries": texts.countries(lang),
        "needs_address": needs,
        "terms": terms,
    }
    return {**shown, **_sums(books, session, customer, values, lang)}


def _sums(books: Books, session: Doc, customer: Doc | None, values: dict[str, str], lang: str) -> Doc:
    if not session["_line_items"]:
        return {"rows": [], "sums": {}, "trial": False}
    guest = {
        "id": (customer or {}).get("id"),
        "address": {"country": values.get("country") or None},
        "tax_exempt": "none",
    }
    guest["_vat_id"] = values.get("vat_id")
    found, sums, taxed = checkout_totals.compute(books, session, guest)

    def shown(amount: int) -> str:
        return texts.money(amount, session["currency"], lang)

    rows = [_row(books, session, item, line, lang) for item, line in zip(session["_line_items"], found, strict=True)]
    reverse = any(part["taxability_reason"] == "reverse_charge" for part in sums["total_taxes"])
    inclusive = any(part["tax_behavior"] == "inclusive" for part in sums["total_taxes"])
    amounts = {"subtotal": shown(sums["subtotal"]), "total": shown(sums["total"]), "tax": shown(sums["_tax"])}
    amounts |= {"discount": shown(-sums["_discount"]) if sums["_discount"] else ""}
    flags = {"taxed": taxed and session["automatic_tax"]["enabled"], "reverse": reverse, "inclusive": inclusive}
    trial = bool(session["_data"].get("trial_period_days") or session["_data"].get("trial_end"))
    return {"rows": rows, "sums": amounts | flags, "trial": trial}


def _row(books: Books, session: Doc, item: Doc, line: Doc, lang: str) -> Doc:
    price = books.need("price", item["price"])
    product = books.need("product", price["product"])
    every = texts.words(lang)[f"every_{price['recurring']['interval']}"] if price["recurring"] else ""
    count = (price["recurring"] or {}).get("interval_count", 1)
    each = texts.money(price["unit_amount"], session["currency"], lang) if price["unit_amount"] is not None else ""
    row = {"name": product["name"], "description": product.get("description") or "", "quantity": item["quantity"] or ""}
    return row | {
        "amount": texts.money(line["amount"], session["currency"], lang),
        "each": each,
        "every": every,
        "count": count,
    }
