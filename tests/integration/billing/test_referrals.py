"""Recommendations: for new people only, paid when the money is sure to stay."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from controlplane.billing import referrals
from controlplane.billing.ledger import Decision
from controlplane.billing.models import Order
from controlplane.billing.referral_models import Referral, ReferralState
from tests.fixtures.shop import Shop


@pytest.fixture
def friend(shop: Shop) -> Order:
    return shop.live({"site-start": 1}, email="friend@example.com", slug="good-friend")


def code(shop: Shop, order: Order) -> str:
    with shop.gateways.db.transaction() as session:
        return referrals.code_of(session, order.customer_id).code


def recommended(shop: Shop, friend: Order, *, card: str = "5555 5555 5555 4444", **more: Any) -> Order:
    order = shop.order(quoted={"referral_code": code(shop, friend)}, **more)
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


class TestLooking:
    def test_the_owner_sees_their_own_and_operators_all(self, shop: Shop, friend: Order) -> None:
        recommended(shop, friend)
        own = shop.owner(friend).get(f"/v1/customers/{friend.customer_id}/referrals").json()
        assert own["code"] == code(shop, friend)
        assert "buyer@example.com" not in str(own)
        (row,) = shop.operator.get("/v1/referrals").json()["referrals"]
        assert (row["referrer_id"], row["state"]) == (friend.customer_id, "waiting")
        assert shop.operator.get("/v1/referrals", params={"state": "rewarded"}).json()["referrals"] == []
        assert shop.owner(friend).get("/v1/referrals").status_code == 403
        assert shop.client.get("/v1/referrals").status_code == 401


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


class TestCap:
    def capped(self, shop: Shop, friend: Order, monkeypatch: pytest.MonkeyPatch) -> Decision:
        monkeypatch.setattr(referrals, "PER_QUARTER", 0)
        recommended(shop, friend)
        shop.clock.advance(days=31)
        assert reward(shop).state == ReferralState.PERSON
        return shop.rows(Decision)[-1]

    def test_more_than_usual_is_a_question(self, shop: Shop, friend: Order, monkeypatch: pytest.MonkeyPatch) -> None:
        decision = self.capped(shop, friend, monkeypatch)
        assert (decision.kind, decision.amount, decision.state) == ("referral_cap", 2500, "open")
        shop.choose("reward")
        assert shop.rows(Referral)[0].state == ReferralState.REWARDED
        assert credits(shop, friend) == [-2500]

    def test_a_person_may_say_no(self, shop: Shop, friend: Order, monkeypatch: pytest.MonkeyPatch) -> None:
        self.capped(shop, friend, monkeypatch)
        shop.choose("refuse")
        assert (reward(shop).state, reward(shop).reason) == (ReferralState.REFUSED, "cap")
        assert credits(shop, friend) == []


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(days=st.lists(st.integers(0, 40), min_size=1, max_size=6), lost=st.booleans())
def test_whenever_and_however_often_it_is_asked_it_is_given_once(shop: Shop, days: list[int], lost: bool) -> None:
    """Reward exactly when 30 days have passed and the money stayed; never twice, whoever asks how often."""
    number = len(shop.rows(Order))
    friend = shop.live({"site-start": 1}, email=f"friend{number}@example.com", slug=f"recommending-{number}")
    order = recommended(shop, friend, slug=f"recommended-{number}", email=f"new{number}@example.com")
    if lost:
        charge = shop.gateways.stripe.charges(order.stripe_customer)[0]
        shop.gateways.stripe._client.v1.refunds.create({"charge": charge.id})
        shop.settle()
    row = next(one for one in shop.rows(Referral) if one.order_id == order.id)
    for wait in days:
        shop.clock.advance(days=wait)
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(lambda _: referrals.reward(shop.gateways, row.id), range(3)))
    due = sum(days) >= 30
    shop.clock.advance(days=-sum(days))  # the next buyer comes today: Stripe's clock has not moved
    expected = (ReferralState.REFUSED if lost else ReferralState.REWARDED) if due else ReferralState.WAITING
    assert next(one for one in shop.rows(Referral) if one.id == row.id).state == expected
    assert credits(shop, friend) == ([-2500] if expected is ReferralState.REWARDED else [])
