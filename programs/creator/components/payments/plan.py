"""Money in the creator's own Stripe account: one door for its events, for every module that sells."""

from programs.creator.plan import Alarm, Function, Probe, Route, Table

API_VERSION = "2026-10-28.endive"
EVENTS = (
    "checkout.session.completed", "checkout.session.async_payment_succeeded", "checkout.session.async_payment_failed",
    "checkout.session.expired", "invoice.paid", "invoice.payment_failed", "customer.subscription.updated",
    "customer.subscription.deleted", "charge.refunded",
)  # fmt: skip
ROUTE = "POST /webhooks/stripe"

TABLES: tuple[Table, ...] = ()
WEBHOOK = Function(
    name="stripe-webhook",
    handler="programs.creator.components.payments.handlers.webhook.handle",
    routes=(Route(ROUTE),),
    reads=("processed-events",),
    writes=("processed-events",),
    secrets=("app", "stripe"),
    posts=True,
    facts=("PAYMENT_MODULES",),
    timeout=60,
    memory=512,
    alarm=Alarm(errors=1),
)
FUNCTIONS = (WEBHOOK,)
PROBES = (Probe(ROUTE, 400, {}),)
