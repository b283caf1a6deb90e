"""Donations: on the wall once they are paid, and findable by who gave."""

import uuid
from typing import Any

import pytest

from programs.creator.modules.donations import privacy
from tests.unit.creator.conftest import Reply, Site, told
from tests.unit.creator.stripe_account import StripeAccount

PUBLIC = {"amount": 500, "displayName": "Ada", "message": "Weiter so", "public": True}
BUYER = "buyer@fan.example"


@pytest.fixture(autouse=True)
def settings(stripe: StripeAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    del stripe
    told = {"DONATION_MIN": "100", "DONATION_MAX": "50000", "DONATION_GOAL": "100000", "WALL": "yes"}
    for name, value in told.items():
        monkeypatch.setenv(name, value)


def offered(site: Site, **more: Any) -> Reply:
    headers = {"idempotency-key": str(uuid.uuid4())}
    return site.call("POST", "/donations/checkout", {**PUBLIC, **more}, headers=headers)


def given(site: Site, stripe: StripeAccount, **more: Any) -> dict[str, Any]:
    id = offered(site, **more).body["donationId"]
    page = next(doc for doc in stripe.docs.values() if doc.get("metadata", {}).get("id") == id)
    assert told(site, "checkout.session.completed", stripe.pay(page["id"])) == 200
    return page


def wall(site: Site) -> Any:
    return site.call("GET", "/donations/wall").body


def test_only_paid_and_public_gifts_are_on_the_wall(site: Site, stripe: StripeAccount) -> None:
    offered(site)
    given(site, stripe, public=False, amount=300)
    page = given(site, stripe)
    [shown] = wall(site)["items"]
    assert (shown["displayName"], shown["amount"], "donationId" in shown) == ("Ada", 500, False)
    assert (wall(site)["raised"], wall(site)["goal"]) == (800, 100000)
    assert told(site, "checkout.session.completed", page) == 200
    assert wall(site)["raised"] == 800


def test_without_a_wall_nobody_is_shown(site: Site, stripe: StripeAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    given(site, stripe)
    monkeypatch.setenv("WALL", "no")
    assert wall(site)["items"] == []


def test_a_refund_takes_it_down(site: Site, stripe: StripeAccount) -> None:
    page = given(site, stripe)
    assert told(site, "charge.refunded", stripe.docs[f"ch_{page['id']}"]) == 200
    assert (wall(site)["items"], wall(site)["raised"]) == ([], 0)


@pytest.mark.parametrize("wrong", [{"amount": 99}, {"amount": 50001}, {"displayName": "x" * 41}, {"public": "yes"}])
def test_input_is_checked(site: Site, wrong: dict[str, Any]) -> None:
    assert offered(site, **wrong).body["error"]["field"] == next(iter(wrong))


def test_the_creator_sees_all(site: Site, stripe: StripeAccount) -> None:
    given(site, stripe, public=False)
    path = "/donations?status=private"
    assert site.call("GET", path, token=site.person("ada")).status == 403
    [row] = site.call("GET", path, token=site.person("owner", "admin")).body["items"]
    assert (row["amount"], row["status"]) == (500, "paid")


def test_erasing_takes_the_name_and_leaves_the_amount(site: Site, stripe: StripeAccount) -> None:
    given(site, stripe)
    assert privacy.export("", "other@fan.example") == []
    assert privacy.erase("", BUYER) == {"donations": 1}
    assert privacy.export("", BUYER) == []
    assert [sorted(shown) for shown in wall(site)["items"]] == [["amount", "createdAt"]]
