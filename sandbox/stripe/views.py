"""Parts that Stripe always embeds (the price of an item), and those that appear only when asked for (`expand`)."""

from collections.abc import Callable
from typing import Any

from sandbox.stripe.books import Books
from sandbox.stripe.errors import Doc, invalid
from sandbox.stripe.pages import as_list
from sandbox.stripe.shape import show

_DEPTH = 4
_KINDS = {
    "cus_": "customer", "prod_": "product", "price_": "price", "promo_": "promotion_code", "di_": "discount",
    "sub_sched_": "subscription_schedule", "sub_": "subscription", "in_": "invoice", "ii_": "invoiceitem",
    "pi_": "payment_intent", "seti_": "setup_intent", "pm_": "payment_method", "ch_": "charge", "py_": "charge",
    "re_": "refund", "du_": "dispute", "cn_": "credit_note", "txn_": "balance_transaction", "txr_": "tax_rate",
    "clock_": "test_helpers.test_clock", "cs_": "checkout.session", "bpc_": "billing_portal.configuration",
    "mandate_": "mandate",
}  # fmt: skip
_EMBEDDED = {"subscription_item": ("price",), "item": ("price",)}
_EMBEDDED_LISTS = ("default_tax_rates", "tax_rates")

Include = Callable[[Books, Doc], Any]
_includes: dict[tuple[str, str], Include] = {}


def includable(object: str, name: str) -> Callable[[Include], Include]:
    def register(run: Include) -> Include:
        _includes[object, name] = run
        return run

    return register


def children(kind: str, url: str, **by: str) -> Callable[[Books, Doc], Doc]:
    """A list of the documents that point back at their owner."""

    def run(books: Books, doc: Doc) -> Doc:
        equal = {name: doc[field] for name, field in by.items()}
        return as_list(url.format(**doc), [show(inflate(books, found)) for found in reversed(books.all(kind, **equal))])

    return run


def find(books: Books, id: Any, name: str = "") -> Doc | None:
    """A document of any kind: coupons carry ids of the merchant's choice, all others a prefix."""
    if not isinstance(id, str):
        return None
    if name == "coupon":
        return books.get("coupon", id)
    return next((books.get(kind, id) for prefix, kind in _KINDS.items() if id.startswith(prefix)), None)


def inflate(books: Books, doc: Any) -> Any:
    if isinstance(doc, list):
        return [inflate(books, item) for item in doc]
    if not isinstance(doc, dict) or doc.get("object") == "event":
        return doc  # an event shows what was, not what is
    full = {name: inflate(books, value) for name, value in doc.items()}
    for name in _EMBEDDED.get(str(full.get("object")), ()):
        if name in full:
            full[name] = find(books, full[name]) or full[name]
    for name in _EMBEDDED_LISTS:
        if isinstance(full.get(name), list) and "object" in full:
            full[name] = [find(books, item) or item for item in full[name]]
    if full.get("object") == "subscription_item" and "price" in full:
        full["plan"] = _plan(full["price"])
    return full


def _plan(price: Doc) -> Doc:
    """The old name of a recurring price, still part of every subscription item."""
    same = "id active billing_scheme created currency livemode metadata nickname product tiers_mode"
    renamed = {"amount": price.get("unit_amount"), "amount_decimal": price.get("unit_amount_decimal")}
    recurring = price.get("recurring") or {}
    names = ("interval", "interval_count", "meter", "trial_period_days", "usage_type")
    fields = {name: price.get(name) for name in same.split()} | {name: recurring.get(name) for name in names}
    return {"object": "plan", **fields, **renamed}


def expand(books: Books, shown: Doc, paths: list[str]) -> Doc:
    for path in paths:
        parts = path.split(".")
        if len(parts) > _DEPTH:
            raise invalid(f"You cannot expand more than {_DEPTH} levels of a property. Property: {path}", "expand")
        _expand(books, shown, parts, path)
    return shown


def _expand(books: Books, shown: Any, parts: list[str], path: str) -> None:
    if isinstance(shown, list):
        for item in shown:
            _expand(books, item, parts, path)
    elif isinstance(shown, dict) and parts:
        name, *rest = parts
        _expand_field(books, shown, name, path)
        _expand(books, shown[name], rest, path)


def _expand_field(books: Books, shown: Doc, name: str, path: str) -> None:
    include = _includes.get((str(shown.get("object")), name))
    if include and not isinstance(shown.get(name), dict):
        shown[name] = include(books, shown)
    if name not in shown or isinstance(shown[name], bool | int | float):
        raise invalid(f"This property cannot be expanded ({path}).", "expand")
    if isinstance(shown[name], str):
        found = find(books, shown[name], name)
        if found is None:
            raise invalid(f"This property cannot be expanded ({path}).", "expand")
        shown[name] = show(inflate(books, found))
    elif isinstance(shown[name], list):
        pairs = [(item, find(books, item, name)) for item in shown[name]]
        shown[name] = [show(inflate(books, found)) if found else item for item, found in pairs]
