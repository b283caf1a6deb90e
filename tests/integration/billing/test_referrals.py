"""Recommendations: for new people only, paid when the money is sure to stay."""

import pytest

from controlplane.billing import referrals
from controlplane.billing.models import Order
from controlplane.billing.referral_models import Referral, ReferralState
from tests.fixtures.shop import Shop


@pytest.fixture
def friend(shop: Shop) -> Order:
    return shop.live({"site-start": 1}, email="friend@example.com", slug="good-friend")


def code(shop: Shop, order: Order) -> str:
    with shop.gateways.db.transaction() as session:
        return referrals.code_of(session, order.customer_id).code


def recommended(shop: Shop, friend: Order, *, card: str = "5555 5555 5555 4444", **more: str) -> Order:
    order = shop.order(quoted={"referral_code": code(shop, friend)}, **{"slug": "new-person", **more})
    shop.pay(order, card=card)
    shop.settle()
    shop.finish_operations()
    return shop.order_by(id=order.id)


def reward(shop: Shop) -> Referral:
    referral = shop.rows(Referral)[0]
    referrals.reward(shop.gateways, referral.id)
    return shop.rows(Referral)[0]


def credits(shop: Shop, order: Order) -> list[int]:
    return [item["amount"] for item in shop.gateways.stripe._all("invoice_items", customer=order.stripe_customer)]


class TestRewards:
    def test_thirty_days_after_the_first_payment_and_once(self, shop: Shop, friend: Order) -> None:
        assert recommended(shop, friend).total == 3510  # ten percent less
        assert reward(shop).state == ReferralState.WAITING
        shop.clock.advance(days=31)
        assert reward(shop).state == ReferralState.REWARDED
        assert reward(shop).reward == 2500
        assert credits(shop, friend) == [-2500]

    def test_nothing_for_money_that_went_back(self, shop: Shop, friend: Order) -> None:
        order = recommended(shop, friend)
        charge = shop.gateways.stripe.charges(order.stripe_customer)[0]
        shop.gateways.stripe._client.v1.refunds.create({"charge": charge.id})
        shop.settle()
        shop.clock.advance(days=31)
        assert (reward(shop).state, reward(shop).reason) == (ReferralState.REFUSED, "money_went_back")
        assert credits(shop, friend) == []

    def test_nothing_for_the_same_card(self, shop: Shop, friend: Order) -> None:
        recommended(shop, friend, card="4242 4242 4242 4242")
        shop.clock.advance(days=31)
        assert (reward(shop).state, reward(shop).reason) == (ReferralState.REFUSED, "same_card")


class TestRefusals:
    @pytest.mark.parametrize("email", ["friend@example.com", "Friend@Example.com", "friend+again@example.com"])
    def test_nobody_recommends_themselves(self, shop: Shop, friend: Order, email: str) -> None:
        quote = shop.quote(referral_code=code(shop, friend))
        refused = shop.checkout(quote, email=email, slug="myself-again")
        assert refused.json()["code"] == "referral_self"

    def test_a_person_is_new_once(self, shop: Shop, friend: Order) -> None:
        recommended(shop, friend)
        refused = shop.checkout(shop.quote(referral_code=code(shop, friend)), slug="second-time")
        assert refused.json()["code"] == "referral_used"

    def test_codes_do_not_add_up(self, shop: Shop, friend: Order) -> None:
        body = {"line": "site", "offers": {"site-pro": 1}, "discount_code": "START20"}
        both = shop.client.post("/v1/quotes", json={**body, "referral_code": code(shop, friend)})
        assert both.json()["code"] == "not_combinable"
        unknown = shop.client.post(
            "/v1/quotes", json={"line": "site", "offers": {"site-pro": 1}, "referral_code": "AAAA"}
        )
        assert unknown.json()["code"] == "referral_unknown"
        hidden = shop.client.post("/v1/quotes", json={**body, "discount_code": "REFERRAL"})
        assert hidden.json()["code"] == "code_unknown"
