"""All operations of the API in one list."""

from sandbox.stripe import (
    balance,
    charges,
    checkout,
    clocks,
    coupons,
    credit_notes,
    customers,
    disputes,
    events,
    invoice_api,
    meters,
    payment_intents,
    payment_methods,
    portal,
    prices,
    products,
    promotion_codes,
    refunds,
    schedules,
    setup,
    subscription_items,
    subscriptions,
    tax_ids,
    tax_rates,
    webhooks,
)
from sandbox.stripe.routes import Operation

_MODULES = (
    balance, charges, checkout, clocks, coupons, credit_notes, customers, disputes, events, invoice_api, meters,
    payment_intents, payment_methods, portal, prices, products, promotion_codes, refunds, schedules, setup,
    subscription_items, subscriptions, tax_ids, tax_rates, webhooks,
)  # fmt: skip


def operations() -> list[Operation]:
    routes = [module.routes for module in _MODULES] + [disputes.fraud_routes, invoice_api.payments, invoice_api.items]
    return [operation for found in routes for operation in found.operations]
