"""What our key may do at Stripe, tried on objects that do not exist: nothing changes, and a missing right shows."""

from collections.abc import Callable

from controlplane.core.errors import NeedsPerson, Refused
from controlplane.core.lacks import Lack

NEEDED = (
    ("Customers: write", "post", "/v1/customers/cus_doctor"),
    ("Products: write", "post", "/v1/products/prod_doctor"),
    ("Prices: write", "post", "/v1/prices/price_doctor"),
    ("Coupons: write", "post", "/v1/coupons/doctor"),
    ("Checkout Sessions: write", "post", "/v1/checkout/sessions/cs_doctor/expire"),
    ("Subscriptions: write", "post", "/v1/subscriptions/sub_doctor"),
    ("Invoices: read", "get", "/v1/invoices?limit=1"),
    ("Invoice Items: write", "post", "/v1/invoiceitems/ii_doctor"),
    ("Refunds: write", "post", "/v1/refunds/re_doctor"),
    ("Disputes: read", "get", "/v1/disputes?limit=1"),
    ("Early Fraud Warnings: read", "get", "/v1/radar/early_fraud_warnings?limit=1"),
    ("Customer Portal: write", "post", "/v1/billing_portal/configurations/bpc_doctor"),
    ("Billing Meter Events: write", "post", "/v1/billing/meter_events"),
    ("Events: read", "get", "/v1/events?limit=1"),
)
WHERE = "at dashboard.stripe.com, Developers, API keys, for the key in CP_STRIPE__SECRET_KEY"


def missing(call: Callable[[str, str], None]) -> list[Lack]:
    found = []
    for right, method, path in NEEDED:
        try:
            call(method, path)
        except NeedsPerson as error:
            if type(error.__cause__).__name__ == "AuthenticationError":
                return [Lack("the key is not valid", "put a living key into CP_STRIPE__SECRET_KEY")]
            found.append(Lack(right, f"allow «{right}» {WHERE}"))
        except Refused:
            continue  # allowed, and there is no such object
    return found
