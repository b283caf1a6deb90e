"""Everything that is sold, paid on the pages of the creator's own Stripe account and told by its webhook."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.contract.aws.conftest import until
from tests.flow.creator.conftest import Creator


@pytest.fixture(scope="module")
def owner(creator: Creator) -> str:
    return creator.owner()


@pytest.fixture(scope="module")
def buyer(creator: Creator) -> str:
    return creator.sign_up("kai")


@pytest.fixture(scope="module")
def token(creator: Creator, buyer: str) -> str:
    return creator.token(buyer)


def asked(creator: Creator, path: str, body: dict[str, Any], token: str = "") -> dict[str, Any]:
    headers = {"idempotency-key": str(uuid.uuid4())}
    answer = creator.call("POST", path, token=token, headers=headers, json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def seen(creator: Creator, path: str, field: str, wanted: object, token: str = "") -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = creator.call("GET", path, token=token).json()
        return found if found.get(field) == wanted else None

    found = until(look, seconds=30)
    assert found, creator.call("GET", path, token=token).text
    return dict(found)


def test_an_order_is_paid_and_its_stock_gone(creator: Creator, owner: str, token: str) -> None:
    product = {"title": "Tasse", "description": "Weiß", "price": 1500, "stock": 2}
    cup = creator.call("POST", "/shop/products", token=owner, json=product).json()["productId"]
    address = {"name": "Kai", "street": "Weg 1", "zip": "50667", "city": "Köln", "country": "DE"}
    order = asked(creator, "/shop/checkout", {"items": [{"productId": cup, "qty": 2}], "address": address}, token)
    creator.stripe.pay(order["checkoutUrl"])
    paid = seen(creator, f"/shop/orders/{order['orderId']}", "status", "paid", token)
    assert (paid["totalAmount"], paid["shipping"]) == (3490, 490)
    assert creator.call("GET", f"/shop/products/{cup}").json()["stock"] == 0
    assert until(lambda: creator.mail.to("buyer@fan.example"), seconds=20)
    path = f"/shop/admin/orders/{order['orderId']}"
    assert creator.call("PATCH", path, token=owner, json={"status": "refunded"}).json()["status"] == "refunded"
    picture = {"contentType": "image/png", "size": 4}
    upload = creator.call("POST", f"/shop/products/{cup}/image", token=owner, json=picture).json()
    assert put(upload["upload"], b"1234") == 200
    assert shown(creator, upload["imageUrl"]).content == b"1234"


def shown(creator: Creator, url: str) -> httpx.Response:
    """Through the CDN."""
    host = {"host": creator.report["outputs"]["distribution_domain"]}
    return httpx.get(f"{creator.aws.url}{url.removeprefix('https://anna.example')}", headers=host, trust_env=False)


def put(upload: dict[str, Any], body: bytes) -> int:
    headers = {**upload["headers"], "content-length": str(len(body))}
    return httpx.put(upload["url"], content=body, headers=headers, trust_env=False).status_code


def test_a_donation_appears_on_the_wall(creator: Creator) -> None:
    gift = {"amount": 700, "displayName": "Kai", "message": "Weiter so", "public": True}
    raised = creator.call("GET", "/donations/wall").json()["raised"]
    creator.stripe.pay(asked(creator, "/donations/checkout", gift)["checkoutUrl"])
    newest = seen(creator, "/donations/wall", "raised", raised + 700)["items"][0]
    assert (newest["displayName"], newest["amount"]) == ("Kai", 700)


def test_a_member_becomes_premium(creator: Creator, buyer: str, token: str) -> None:
    creator.stripe.pay(asked(creator, "/membership/checkout", {"planId": "gold"}, token)["checkoutUrl"])
    me = seen(creator, "/auth/me", "subscription", "premium", token)
    assert me["premiumUntil"] > datetime.now(UTC).isoformat()
    pool = creator.report["outputs"]["user_pool_id"]
    cognito = creator.aws.client("cognito-idp", creator.member())
    groups = cognito.admin_list_groups_for_user(UserPoolId=pool, Username=buyer)["Groups"]
    assert "premium" in {group["GroupName"] for group in groups}
    assert creator.call("POST", "/membership/portal", token=token, json={}).json()["url"].startswith("http")


def test_a_sponsor_pays_is_approved_and_shown(creator: Creator, owner: str, token: str) -> None:
    today = datetime.now(UTC).date()
    span = {"startDate": today.isoformat(), "endDate": (today + timedelta(days=2)).isoformat()}
    body = {"company": "Acme", "slot": "top", "targetUrl": "https://acme.example/", **span}
    booking = asked(creator, "/sponsor/bookings", body, token)
    again = {"idempotency-key": str(uuid.uuid4())}
    assert creator.call("POST", "/sponsor/bookings", token=token, headers=again, json=body).status_code == 409
    path = f"/sponsor/bookings/{booking['sponsorId']}"
    picture = creator.call("POST", f"{path}/image", token=token, json={"contentType": "image/png", "size": 4}).json()
    assert put(picture["upload"], b"12345") == 403
    assert put(picture["upload"], b"1234") == 200
    creator.stripe.pay(booking["checkoutUrl"])
    decided = until(lambda: approved(creator, path, owner), seconds=30)
    assert decided
    shown = creator.call("GET", "/sponsor/active").json()["slots"]["top"]
    assert (shown["company"], shown["imageUrl"]) == ("Acme", picture["imageUrl"])
    person = {"user-agent": "Mozilla/5.0"}
    click = creator.call("GET", f"/sponsor/{booking['sponsorId']}/click", headers=person)
    assert (click.status_code, click.headers["location"]) == (302, "https://acme.example/")


def approved(creator: Creator, path: str, owner: str) -> bool:
    return creator.call("PATCH", path, token=owner, json={"status": "active"}).status_code == 200


def test_nobody_else_is_believed(creator: Creator) -> None:
    assert creator.call("POST", "/webhooks/stripe", json={"id": "evt_1"}).status_code == 400
