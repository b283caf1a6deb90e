"""Becoming a member, and the page where a member changes or ends it: both are Stripe's."""

import json
from typing import Any

from programs.creator.modules.membership.handlers import prices
from programs.creator.runtime import stripe
from programs.creator.runtime.checkout import back
from programs.creator.runtime.documents import Item, get
from programs.creator.runtime.errors import Problem, invalid
from programs.creator.runtime.fields import form, text
from programs.creator.runtime.http import Answer, Request, Routes
from programs.creator.runtime.once import idempotent
from programs.creator.runtime.settings import text as setting

handle = Routes()
TABLE = "memberships"
OVER = {"canceled", "incomplete_expired"}
SHOWN = ("status", "planId", "currentPeriodEnd")
CHOICE = form(planId=text(1, 40))


@handle.add("GET /membership/plans")
def plans(_request: Request) -> Answer:
    found = _plans()
    known = prices.of([plan["stripe_price_id"] for plan in found])
    shown = ("id", "name", "perks")
    items = [{**{name: plan[name] for name in shown}, "price": known[plan["stripe_price_id"]]} for plan in found]
    return Answer(200, {"items": items})


@handle.add("GET /membership/me")
def mine(request: Request) -> Answer:
    row = _membership(request)
    return Answer(200, {name: row[name] for name in SHOWN if name in row} if row else {"status": "none"})


@handle.add("POST /membership/checkout")
def join(request: Request) -> Answer:
    wanted, who = request.form(CHOICE)["planId"], request.caller.user_id
    plan = next((plan for plan in _plans() if plan["id"] == wanted), None)
    if plan is None:
        raise invalid("planId", "there is no such plan")
    row = _membership(request)
    if row and row["status"] not in OVER:
        raise Problem("conflict", "you are a member already")

    def work(attempt: str) -> Answer:
        return Answer(201, {"checkoutUrl": _page(plan, who, row, attempt)["url"]})

    return idempotent(request, who, work)


@handle.add("POST /membership/portal")
def portal(request: Request) -> Answer:
    row = _membership(request)
    if not row:
        raise Problem("not_found", "you are not a member")
    fields = {"customer": row["stripeCustomerId"], "return_url": f"{setting('SITE_ORIGIN')}/membership"}
    fields["configuration"] = _portal()
    return Answer(200, {"url": stripe.create("billing_portal/sessions", fields)["url"]})


def _portal() -> str:
    """What members may do there. An account has no such settings until somebody makes them."""
    known = stripe.read("billing_portal/configurations", active=True, limit=1)["data"]
    if known:
        return str(known[0]["id"])
    names = ("invoice_history", "payment_method_update", "subscription_cancel")
    features = {name: {"enabled": True} for name in names}
    made = stripe.create("billing_portal/configurations", {"features": features}, key=f"portal/{setting('TENANT_ID')}")
    return str(made["id"])


def _page(plan: dict[str, Any], user_id: str, row: Item | None, attempt: str) -> stripe.Doc:
    marks = {"kind": "membership", "id": user_id, "planId": plan["id"], "tenant": setting("TENANT_ID")}
    # Who was a member before stays the same customer: the portal then shows all invoices.
    person = {"customer": row["stripeCustomerId"]} if row else {"customer_email": _address(user_id)}
    fields = {
        "mode": "subscription",
        "line_items": [{"price": plan["stripe_price_id"], "quantity": 1}],
        "metadata": marks,
        "subscription_data": {"metadata": marks},
        **person,
        **back("membership", plan["id"]),
    }
    return stripe.create("checkout/sessions", fields, key=f"membership/{attempt}")


def _address(user_id: str) -> str:
    row = get("users", userId=user_id)
    if row is None:
        raise Problem("not_found", "there is no such user")
    return str(row["email"])


def _membership(request: Request) -> Item | None:
    return get(TABLE, consistent=True, userId=request.caller.user_id)


def _plans() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(setting("PLANS"))
    return found
