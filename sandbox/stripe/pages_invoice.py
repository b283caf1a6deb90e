"""The hosted invoice page, and invoices and credit notes as PDF."""

import hmac
from datetime import UTC, datetime

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from sandbox.control.pages import require_same_site
from sandbox.stripe import cards_form, collection, invoices, pdf, texts
from sandbox.stripe.books import Books
from sandbox.stripe.errors import Doc, StripeError, no_such
from sandbox.stripe.pages_checkout import PAGES, atomically, send_back


def invoice_routes(books: Books) -> list[Route]:
    pages = _Invoices(books)
    return [
        Route("/i/{id}/{secret}", pages.show, methods=["GET"]),
        Route("/i/{id}/{secret}", pages.pay, methods=["POST"]),
        Route("/i/{id}/{secret}/pdf", pages.pdf, methods=["GET"]),
        Route("/cn/{id}/{secret}/pdf", pages.credit_note_pdf, methods=["GET"]),
    ]


class _Invoices:
    def __init__(self, books: Books) -> None:
        self._books = books

    def _find(self, kind: str, request: Request) -> Doc:
        found = self._books.need(kind, request.path_params["id"], status=404)
        if not hmac.compare_digest(found.get("_secret", "").encode(), request.path_params["secret"].encode()):
            raise no_such(kind, request.path_params["id"], status=404)
        return found

    async def show(self, request: Request) -> Response:
        return self._page(request, self._find("invoice", request), {})

    async def pay(self, request: Request) -> Response:
        require_same_site(request)
        form = {name: str(value).strip() for name, value in (await request.form()).items()}
        return await run_in_threadpool(self._pay, request, form)

    def _pay(self, request: Request, form: dict[str, str]) -> Response:
        try:
            return atomically(self._books, lambda: self._collect(self._find("invoice", request), form))
        except StripeError as error:
            return self._page(request, self._find("invoice", request), form, error)

    def _collect(self, invoice: Doc, form: dict[str, str]) -> Response:
        invoices.must_be(invoice, "open", "uncollectible", doing="pay")
        billing = {"name": invoice["customer_name"] or "-", "email": invoice["customer_email"] or "-@-"}
        method = cards_form.read(self._books, form, billing)
        invoice, error = collection.collect(self._books, invoice, method=method["id"])
        if error:
            raise error
        intent = invoices.intent_of(self._books, invoice["id"])
        if intent and intent["status"] == "requires_action":
            return RedirectResponse(intent["next_action"]["redirect_to_url"]["url"], 303)
        return RedirectResponse(invoice["hosted_invoice_url"], 303)

    def _page(self, request: Request, invoice: Doc, form: dict[str, str], error: StripeError | None = None) -> Response:
        lang = texts.language(request, None)
        rows = [(line["description"], _money(line["amount"], invoice, lang)) for line in invoice["lines"]["data"]]
        complaint = texts.complaint(error.body()["error"], lang) if error else {"field": "", "message": ""}
        merchant = self._books.setting("account_name")
        page = PAGES.show(
            "invoice.html", 402 if error else 200, lang=lang, t=texts.words(lang),
            merchant=merchant, invoice=invoice, rows=rows, sums=_sums(invoice, lang), error=complaint, values=form,
            due=_money(invoice["amount_remaining"], invoice, lang), open=invoice["status"] in ("open", "uncollectible"),
        )  # fmt: skip
        return send_back(page)

    async def pdf(self, request: Request) -> Response:
        invoice = self._find("invoice", request)
        lang = texts.language(request, None)
        t = texts.words(lang)
        head = [
            (invoice["customer_name"] or invoice["customer_email"] or "", ""),
            (t["date"], _day(invoice["effective_at"])),
            ("", ""),
        ]
        rows = [(line["description"] or "", _money(line["amount"], invoice, lang)) for line in invoice["lines"]["data"]]
        sums = [(label, amount) for label, amount in _sums(invoice, lang)]
        return _pdf(
            pdf.document([*head, *rows, ("", ""), *sums], title=f"{t['invoice']} {invoice['number']}"),
            invoice["number"],
        )

    async def credit_note_pdf(self, request: Request) -> Response:
        note = self._find("credit_note", request)
        lang = texts.language(request, None)
        t = texts.words(lang)
        rows = [(row["description"], _money(row["amount"], note, lang)) for row in note["lines"]["data"]]
        rows += [("", ""), (t["total"], _money(note["total"], note, lang))]
        return _pdf(pdf.document(rows, title=f"{t['credit_note']} {note['number']}"), note["number"])


def _pdf(content: bytes, number: str) -> Response:
    headers = {"content-disposition": f'inline; filename="{number}.pdf"', "cache-control": "no-store"}
    return Response(content, media_type="application/pdf", headers=headers)


def _sums(invoice: Doc, lang: str) -> list[tuple[str, str]]:
    t = texts.words(lang)
    off = sum(part["amount"] for part in invoice["total_discount_amounts"] or [])
    tax = sum(part["amount"] for part in invoice["total_taxes"] or [])
    reverse = any(part["taxability_reason"] == "reverse_charge" for part in invoice["total_taxes"] or [])
    sums = [(t["subtotal"], _money(invoice["subtotal"], invoice, lang))]
    if off:
        sums.append((t["discount"], _money(-off, invoice, lang)))
    sums.append((t["reverse"] if reverse else t["tax"], _money(tax, invoice, lang)))
    return [*sums, (t["total"], _money(invoice["total"], invoice, lang))]


def _money(amount: int, doc: Doc, lang: str) -> str:
    return texts.money(amount, doc["currency"], lang)


def _day(moment: int | None) -> str:
    return datetime.fromtimestamp(moment or 0, UTC).strftime("%Y-%m-%d")
