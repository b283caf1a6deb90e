"""The shop: prices of ours, stock that is never sold twice, money that is believed only from Stripe."""

import time
import uuid
from typing import Any

import pytest

from programs.creator.modules.shop import privacy
from programs.creator.modules.shop.handlers import orders
from tests.unit.creator.conftest import Reply, Site, swept, told
from tests.unit.creator.stripe_account import StripeAccount, event, signed

ADDRESS = {"name": "Ada", "street": "Weg 1", "zip": "50667", "city": "Köln", "country": "DE"}


@pytest.fixture(autouse=True)
def settings(stripe: StripeAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    del stripe
    monkeypatch.setenv("MAX_ITEMS", "3")
    monkeypatch.setenv("SHIPPING", "400")


def owner(site: Site) -> str:
    return site.person("owner", "admin")


def product(site: Site, stock: int = 5, **more: Any) -> str:
    body = {"title": "Tasse", "description": "", "price": 1500, "stock": stock, **more}
    answer = site.call("POST", "/shop/products", body, token=owner(site))
    assert answer.status == 201, answer.body
    return str(answer.body["productId"])


def stock(site: Site, id: str) -> int:
    return int(site.call("GET", f"/shop/products/{id}").body["stock"])


def ordered(site: Site, items: dict[str, int], who: str = "ada", key: str = "", **more: Any) -> Reply:
    body = {"items": [{"productId": id, "qty": qty} for id, qty in items.items()], "address": ADDRESS, **more}
    headers = {"idempotency-key": key or str(uuid.uuid4())}
    return site.call("POST", "/shop/checkout", body, token=site.person(who), headers=headers)


def order(site: Site, id: str, who: str = "ada") -> Any:
    return site.call("GET", f"/shop/orders/{id}", token=site.person(who)).body


def page_of(stripe: StripeAccount, id: str) -> dict[str, Any]:
    return next(doc for doc in stripe.docs.values() if doc.get("metadata", {}).get("id") == id)


def bought(site: Site, stripe: StripeAccount, items: dict[str, int]) -> str:
    id = str(ordered(site, items).body["orderId"])
    page = stripe.pay(page_of(stripe, id)["id"])
    assert told(site, "checkout.session.completed", page) == 200
    return id


class TestOrdering:
    def test_the_price_is_ours_and_the_stock_is_taken(self, site: Site, stripe: StripeAccount) -> None:
        cup = product(site)
        answer = ordered(site, {cup: 2})
        assert (answer.status, stock(site, cup)) == (201, 3)
        found = order(site, answer.body["orderId"])
        assert (found["status"], found["totalAmount"], found["shipping"]) == ("pending", 3400, 400)
        assert page_of(stripe, found["orderId"])["amount_total"] == 3400
        assert answer.body["checkoutUrl"].startswith("https://stripe.example/")

    def test_a_repeated_request_is_one_order(self, site: Site, stripe: StripeAccount) -> None:
        cup, key = product(site), str(uuid.uuid4())
        assert ordered(site, {cup: 1}, key=key).body == ordered(site, {cup: 1}, key=key).body
        assert stock(site, cup) == 4
        assert ordered(site, {cup: 2}, key=key).status == 409

    def test_what_is_not_there_is_not_sold(self, site: Site) -> None:
        cup, gone = product(site, 1), product(site, status="hidden")
        assert [ordered(site, {cup: 1}).status for _ in range(2)] == [201, 409]
        assert ordered(site, {gone: 1}).status == 404
        assert ordered(site, {cup: 1}, address=None).status == 400
        assert ordered(site, {cup: 21}).status == 400

    def test_stripe_down_leaves_an_order_that_goes_on(self, site: Site, stripe: StripeAccount) -> None:
        cup, key = product(site), str(uuid.uuid4())
        stripe.refuses = True
        assert ordered(site, {cup: 1}, key=key).status == 503
        stripe.refuses = False
        assert ordered(site, {cup: 1}, key=key).status == 201
        assert stock(site, cup) == 4

    def test_a_client_cannot_name_a_price(self, site: Site) -> None:
        body = {"items": [{"productId": product(site), "qty": 1, "price": 1}], "address": ADDRESS}
        headers = {"idempotency-key": str(uuid.uuid4())}
        assert site.call("POST", "/shop/checkout", body, token=site.person("ada"), headers=headers).status == 400


class TestPaying:
    def test_a_paid_order_is_paid_once_however_often_it_is_told(self, site: Site, stripe: StripeAccount) -> None:
        id = bought(site, stripe, {product(site): 1})
        page = page_of(stripe, id)
        assert order(site, id)["status"] == "paid"
        assert told(site, "checkout.session.completed", page) == 200
        assert [mail.to for mail in site.mails] == ["buyer@fan.example"]

    def test_the_same_event_is_read_once(self, site: Site, stripe: StripeAccount) -> None:
        page = stripe.pay(page_of(stripe, ordered(site, {product(site): 1}).body["orderId"])["id"])
        assert told(site, "checkout.session.completed", page, "evt_1") == 200
        asked = len(stripe.asked)
        assert told(site, "checkout.session.completed", page, "evt_1") == 200
        assert len(stripe.asked) == asked

    def test_an_event_that_lies_changes_nothing(self, site: Site, stripe: StripeAccount) -> None:
        id = ordered(site, {product(site): 1}).body["orderId"]
        lie = {**page_of(stripe, id), "status": "complete", "payment_status": "paid"}
        assert told(site, "checkout.session.completed", lie) == 200
        assert order(site, id)["status"] == "pending"

    @pytest.mark.parametrize(("secret", "age"), [("whsec_other", 0), ("whsec_test", 400), ("", 0)])
    def test_only_stripe_is_believed(self, site: Site, secret: str, age: int) -> None:
        found = event("checkout.session.completed", {"id": "cs_1"})
        seal = signed(found, secret, int(time.time()) - age) if secret else ""
        assert site.call("POST", "/webhooks/stripe", found, headers={"stripe-signature": seal}).status == 400

    def test_another_tenant_of_the_same_account_is_not_ours(self, site: Site, stripe: StripeAccount) -> None:
        id = ordered(site, {product(site): 1}).body["orderId"]
        page = stripe.pay(page_of(stripe, id)["id"])
        page["metadata"] = {**page["metadata"], "tenant": "other"}
        assert told(site, "checkout.session.completed", page) == 200
        assert order(site, id)["status"] == "pending"

    def test_a_lost_row_is_asked_for_again(self, site: Site, stripe: StripeAccount) -> None:
        page = stripe.pay(page_of(stripe, ordered(site, {product(site): 1}).body["orderId"])["id"])
        page["metadata"] = {**page["metadata"], "id": "unknown"}
        assert told(site, "checkout.session.completed", page) >= 404

    def test_a_page_that_closed_gives_the_stock_back_once(self, site: Site, stripe: StripeAccount) -> None:
        cup = product(site)
        id = ordered(site, {cup: 2}).body["orderId"]
        page = stripe.expire(page_of(stripe, id)["id"])
        assert [told(site, "checkout.session.expired", page) for _ in range(2)] == [200, 200]
        assert (order(site, id)["status"], stock(site, cup)) == ("cancelled", 5)


class TestSweeping:
    def later(self, monkeypatch: pytest.MonkeyPatch, seconds: int) -> None:
        now = time.time()
        monkeypatch.setattr("programs.creator.runtime.moments.time.time", lambda: now + seconds)

    def test_an_order_that_nobody_pays_is_given_up(
        self, site: Site, stripe: StripeAccount, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        cup = product(site)
        id = ordered(site, {cup: 2}).body["orderId"]
        swept()
        assert order(site, id)["status"] == "pending"
        self.later(monkeypatch, 3700)
        swept()
        assert (order(site, id)["status"], stock(site, cup)) == ("cancelled", 5)
        assert page_of(stripe, id)["status"] == "expired"

    def test_a_payment_that_nobody_told_us_is_found(
        self, site: Site, stripe: StripeAccount, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        id = ordered(site, {product(site): 1}).body["orderId"]
        stripe.pay(page_of(stripe, id)["id"])
        self.later(monkeypatch, 3700)
        swept()
        assert order(site, id)["status"] == "paid"

    def test_an_address_is_forgotten_in_time(
        self, site: Site, stripe: StripeAccount, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        id = bought(site, stripe, {product(site): 1})
        orders.move(orders.any_of(id), "shipped")
        self.later(monkeypatch, 91 * 86_400)
        swept()
        assert "address" not in order(site, id)


class TestSending:
    def test_an_order_goes_one_way(self, site: Site, stripe: StripeAccount) -> None:
        id = bought(site, stripe, {product(site): 1})
        path = f"/shop/admin/orders/{id}"
        steps = ["completed", "shipped", "shipped", "completed", "refunded", "refunded"]
        found = [site.call("PATCH", path, {"status": step}, token=owner(site)).status for step in steps]
        assert found == [409, 200, 409, 200, 200, 409]
        refunds = [fields for _, path, fields, _ in stripe.asked if path == "refunds"]
        assert refunds == [{"payment_intent": f"pi_{page_of(stripe, id)['id']}"}]

    def test_a_refund_in_the_dashboard_is_noticed(self, site: Site, stripe: StripeAccount) -> None:
        id = bought(site, stripe, {product(site): 1})
        assert told(site, "charge.refunded", stripe.docs[f"ch_{page_of(stripe, id)['id']}"]) == 200
        assert order(site, id)["status"] == "refunded"

    def test_lists_are_for_whom_they_are(self, site: Site, stripe: StripeAccount) -> None:
        id = bought(site, stripe, {product(site): 1})
        assert order(site, id, "ben")["error"]["code"] == "not_found"
        assert site.call("GET", "/shop/orders", token=site.person("ben")).body["items"] == []
        assert site.call("GET", "/shop/admin/orders", token=site.person("ada")).status == 403
        [sold] = site.call("GET", "/shop/admin/orders", token=owner(site)).body["items"]
        assert (sold["orderId"], sold["userId"]) == (id, "ada")

    def test_a_picture_is_put_where_it_is_shown(self, site: Site) -> None:
        cup = product(site)
        picture = {"contentType": "image/png", "size": 100}
        answer = site.call("POST", f"/shop/products/{cup}/image", picture, token=owner(site))
        assert answer.body["imageUrl"] in site.call("GET", f"/shop/products/{cup}").body["images"]
        assert "/media/products/" in answer.body["upload"]["url"]
        assert (
            site.call("POST", f"/shop/products/{cup}/image", {**picture, "size": 9**9}, token=owner(site)).status == 400
        )


def test_erasing_keeps_the_order_without_the_person(site: Site, stripe: StripeAccount) -> None:
    id = bought(site, stripe, {product(site): 1})
    assert [row["orderId"] for row in privacy.export("ada", "")] == [id]
    orders.move(orders.any_of(id), "shipped")
    assert privacy.erase("ada", "") == {"orders": 1}
    kept = orders.any_of(id)
    assert kept["userId"].startswith("erased#")
    assert (kept["totalAmount"], "address" in kept, privacy.export("ada", "")) == (1900, False, [])
