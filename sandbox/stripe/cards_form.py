"""Card and IBAN fields of the hosted forms, read the same way everywhere."""

import re

from sandbox.stripe import payment_methods
from sandbox.stripe.books import Books
from sandbox.stripe.errors import Doc, StripeError


def expiry(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"\s*(\d{1,2})\s*[/-]?\s*(\d{2}|\d{4})\s*", text)
    if not found:
        message = "Your card's expiration date is incomplete."
        raise StripeError(message, status=402, code="invalid_expiry_month", param="exp_month")
    year = int(found[2])
    return int(found[1]), year + 2000 if year < 100 else year


def check_cvc(form: dict[str, str]) -> None:
    if not re.fullmatch(r"\d{3,4}", form.get("cvc", "")):
        raise StripeError("Your card's security code is incomplete.", status=402, code="incorrect_cvc", param="cvc")


def read(books: Books, form: dict[str, str], billing: Doc) -> Doc:
    """A payment method from a submitted form."""
    if form.get("method") == "sepa":
        return payment_methods.sepa(books, form.get("iban", ""), billing)
    check_cvc(form)
    month, year = expiry(form.get("expiry", ""))
    return payment_methods.card(books, form.get("number", ""), month=month, year=year, billing=billing)
