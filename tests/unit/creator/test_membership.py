"""Memberships: the group follows the subscription, whatever order its events come in."""

import json
import time
import uuid
from typing import Any

import boto3
import pytest

from programs.creator.modules.membership import privacy
from programs.creator.modules.membership.handlers import prices
from programs.creator.modules.user_auth.handlers import people
from tests.unit.creator.conftest import REGION, Reply, Site, swept, told
from tests.unit.creator.stripe_account import StripeAccount

ADDRESS, DAY = "ada@fan.example", 86_400
MARKS = {"kind": "membership", "id": "ada", "planId": "gold", "tenant": "t"}


@pytest.fixture(autouse=True)
def settings(stripe: StripeAccount, monkeypatch: pytest.MonkeyPatch) -> str:
    del stripe
    monkeypatch.setattr(prices, "_KNOWN", {})
    cognito = boto3.client("cognito-idp", REGION)
    pool = str(cognito.create_user_pool(PoolName="users", UsernameAttributes=["email"])["UserPool"]["Id"])
    cognito.create_group(UserPoolId=pool, GroupName="premium")
    cognito.admin_create_user(UserPoolId=pool, Username=ADDRESS, MessageAction="SUPPRESS")
    plans = [{"id": "gold", "name": "Gold", "perks": ["Chat"], "stripe_price_id": "price_1"}]
    for name, value in {"POOL_ID": pool, "GRACE_DAYS": "3", "PLANS": json.dumps(plans)}.items():
        monkeypatch.setenv(name, value)
    people.create("ada", email=ADDRESS, username="ada", locale="de")
    return pool


def is_premium(pool: str) -> bool:
    found = boto3.client("cognito-idp", REGION).list_users_in_group(UserPoolId=pool, GroupName="premium")["Users"]
    assert bool(found) == (people.find("ada")["subscription"] == "premium")
    return bool(found)


def told_of(site: Site, stripe: StripeAccount, status: str, id: str = "sub_1", **period: int) -> int:
    item = {"current_period_end": int(time.time()) + DAY, "current_period_start": int(time.time()), **period}
    found = stripe.subscription(id, MARKS, status=status, items={"data": [item]})
    return told(site, "customer.subscription.updated", found)


def joined(site: Site, plan: str = "gold") -> Reply:
    headers = {"idempotency-key": str(uuid.uuid4())}
    return site.call("POST", "/membership/checkout", {"planId": plan}, token=site.person("ada"), headers=headers)


def test_the_price_is_the_creators(site: Site, stripe: StripeAccount) -> None:
    plan = {"id": "gold", "name": "Gold", "perks": ["Chat"]}

    def shown() -> Any:
        [found] = site.call("GET", "/membership/plans").body["items"]
        assert {name: found[name] for name in plan} == plan
        return found["price"]

    assert shown() is None  # Stripe does not know it
    price = {"active": True, "unit_amount": 500, "currency": "eur", "recurring": {"interval": "month"}}
    for wrong in ({"active": False}, {"recurring": None}, {"unit_amount": None}):
        stripe.docs["price_1"] = price | wrong
        assert shown() is None
    stripe.docs["price_1"] = price
    told = {"amount": 500, "currency": "eur", "interval": "month", "every": 1}
    assert shown() == told
    stripe.docs.clear()
    assert shown() == told  # asked for now and then
    assert joined(site, "silver").status == 400
    assert joined(site).status == 201
    [(_, _, asked, _)] = [each for each in stripe.asked if each[1] == "checkout/sessions"]
    assert asked["line_items"] == [{"price": "price_1", "quantity": 1}]
    assert (asked["customer_email"], asked["subscription_data"]["metadata"]) == (ADDRESS, MARKS)


def test_a_member_is_premium_until_it_ends(site: Site, stripe: StripeAccount, settings: str) -> None:
    assert site.call("GET", "/membership/me", token=site.person("ada")).body == {"status": "none"}
    assert told_of(site, stripe, "active") == 200
    assert is_premium(settings)
    me = site.call("GET", "/membership/me", token=site.person("ada")).body
    assert (me["status"], me["planId"]) == ("active", "gold")
    assert joined(site).status == 409
    assert site.call("POST", "/membership/portal", {}, token=site.person("ada")).status == 200
    assert told_of(site, stripe, "canceled") == 200
    assert not is_premium(settings)
    assert joined(site).status == 201


def test_who_does_not_pay_has_some_days(site: Site, stripe: StripeAccount, settings: str) -> None:
    told_of(site, stripe, "active")
    told_of(site, stripe, "past_due")
    assert is_premium(settings)
    told_of(site, stripe, "past_due", current_period_start=int(time.time()) - 4 * DAY)
    assert not is_premium(settings)


def test_an_old_subscription_does_not_end_a_new_one(site: Site, stripe: StripeAccount, settings: str) -> None:
    told_of(site, stripe, "active", "sub_2")
    told_of(site, stripe, "canceled", "sub_1")
    assert is_premium(settings)


def test_what_nobody_told_us_is_found_within_a_day(site: Site, stripe: StripeAccount, settings: str) -> None:
    told_of(site, stripe, "active")
    stripe.docs["sub_1"]["status"] = "unpaid"
    swept()
    assert not is_premium(settings)


def test_an_invoice_leads_to_its_subscription(site: Site, stripe: StripeAccount, settings: str) -> None:
    stripe.subscription("sub_1", MARKS)
    invoice: dict[str, Any] = {"id": "in_1", "object": "invoice"}
    invoice |= {"parent": {"subscription_details": {"subscription": "sub_1"}}}
    assert told(site, "invoice.paid", invoice) == 200
    assert is_premium(settings)


def test_erasing_ends_the_subscription_first(site: Site, stripe: StripeAccount) -> None:
    told_of(site, stripe, "active")
    assert len(privacy.export("ada", "")) == 1
    assert privacy.erase("ada", "") == {"memberships": 1}
    assert stripe.docs["sub_1"]["status"] == "canceled"
    people.update("ada", status="erasing")
    assert told(site, "customer.subscription.deleted", stripe.docs["sub_1"]) == 200
    assert privacy.export("ada", "") == []
    [row] = boto3.client("dynamodb", REGION).scan(TableName="memberships")["Items"]
    assert "ada" not in row["userId"]["S"]
