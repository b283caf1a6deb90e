"""Balance transactions: what each charge, refund and dispute moved."""

from sandbox.stripe.books import Books
from sandbox.stripe.errors import Doc
from sandbox.stripe.routes import Routes

routes = Routes()
routes.retrieve("/v1/balance_transactions/{id}", "balance_transaction", "BalanceTransactionRetrieveParams")
routes.by_fields(
    "/v1/balance_transactions", "balance_transaction", "BalanceTransactionListParams", "type source currency"
)

_FEE_FIXED = 25
_FEE_PERMILLE = 15
_DISPUTE_FEE = 2000
_SETTLES = 2 * 86_400


def book(books: Books, type: str, source: Doc, amount: int, currency: str) -> Doc:
    fee = _fee(type, amount)
    moved = books.new("balance_transaction", "txn_", created=source["created"], type=type, source=source["id"])
    del moved["livemode"]
    moved |= {"amount": amount, "currency": currency, "fee": fee, "net": amount - fee, "status": "pending"}
    details = [{"amount": fee, "currency": currency, "type": "stripe_fee", "description": "Stripe processing fees"}]
    moved |= {"fee_details": details if fee else [], "balance_type": "payments", "reporting_category": type}
    return books.put({**moved, "available_on": source["created"] + _SETTLES})


def _fee(type: str, amount: int) -> int:
    if type in ("charge", "payment"):
        return _FEE_FIXED + amount * _FEE_PERMILLE // 1000
    return _DISPUTE_FEE if type == "adjustment" and amount < 0 else 0
