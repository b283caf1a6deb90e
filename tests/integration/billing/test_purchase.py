"""From a quote to exactly one tenant, whatever comes first, twice, late or not at all."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from sqlmodel import select

from controlplane.billing import fulfilment, tasks
from controlplane.billing.ledger import Decision, Invoice
from controlplane.billing.models import CatalogPrice, Consent, Order, OrderState, Quote
from controlplane.provisioning.models import Operation
from tenants.models import Name, Tenant
from tests.fixtures.http import ORIGIN
from tests.fixtures.shop import Shop

SEPA = {"iban": "DE89370400440532013000"}


class TestBuying:
    def test_a_paid_order_becomes_one_tenant_that_is_being_provisioned(self, shop: Shop) -> None:
        order = shop.order({"site-pro": 1, "site-storage": 2})
        assert order.state == OrderState.AWAITING_PAYMENT
        assert shop.pay(order)["status"] == "complete"
        shop.settle()

        order = shop.order_by(id=order.id)
        assert order.state == OrderState.FUNDED
        tenant = shop.tenant(order)
        assert (tenant.slug, tenant.state) == ("anna-beispiel", "queued")
        assert tenant.spec["features"]["own_domain"] is True
        assert tenant.spec["limits"]["site_bytes"] == 5 * 2**30 + 2 * 5 * 2**30
        assert tenant.spec["stripe_customer"] == order.stripe_customer
        assert [operation.kind for operation in shop.rows(Operation)] == ["provision"]
        assert shop.letters() == ["order_confirmed"]

        status = shop.client.get(f"/v1/orders/{order.token}").json()
        assert (status["state"], status["tenant"]["state"]) == ("funded", "queued")
        assert "buyer@example.com" not in str(status)

    def test_two_clicks_on_the_button_are_one_order_and_one_page(self, shop: Shop) -> None:
        quote = shop.quote()
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda _: shop.checkout(quote), range(4)))
        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.json()["order"] for answer in answers}) == 1
        assert len({answer.json()["checkout_url"] for answer in answers} - {""}) == 1

    def test_the_success_page_may_come_before_the_webhook(self, shop: Shop) -> None:
        order = shop.order()
        shop.pay(order)
        assert shop.client.post(f"/v1/orders/{order.token}/refresh").json()["state"] == "funded"
        shop.settle()
        assert len(shop.rows(Tenant)) == 1
        assert len(shop.rows(Operation)) == 1
        assert shop.letters() == ["order_confirmed"]

    def test_when_every_webhook_is_lost_the_sweep_finds_the_payment(self, shop: Shop) -> None:
        order = shop.order()
        shop.pay(order)
        shop.clock.advance(minutes=3)
        tasks.check(shop.gateways, order.id)
        assert shop.order_by(id=order.id).state == OrderState.FUNDED

    def test_an_abandoned_page_frees_the_name(self, shop: Shop) -> None:
        order = shop.order(slug="lost-name")
        assert not shop.client.get("/v1/slugs/lost-name").json()["free"]
        assert order.stripe_session
        shop.gateways.stripe.expire_session(order.stripe_session)
        shop.settle()
        assert shop.order_by(id=order.id).state == OrderState.EXPIRED
        assert shop.client.get("/v1/slugs/lost-name").json()["free"]
        assert shop.rows(Tenant) == []

    def test_consents_are_kept_word_for_word(self, shop: Shop) -> None:
        shop.order()
        found = {row.kind: row for row in shop.rows(Consent)}
        assert set(found) == {"terms", "processing", "immediate_start"}
        assert found["terms"].wording.startswith("Ich stimme")
        assert found["terms"].given_at.tzinfo

    def test_our_ids_are_on_everything_that_may_come_first(self, shop: Shop) -> None:
        order = shop.order()
        shop.pay(order)
        v1 = shop.gateways.stripe._client.v1
        page = v1.checkout.sessions.retrieve(order.stripe_session or "").to_dict()
        subscription = v1.subscriptions.retrieve(page["subscription"]).to_dict()
        assert page["client_reference_id"] == order.id
        for marked in (page, subscription):
            assert (marked["metadata"]["order"], marked["metadata"]["env"]) == (order.id, "test")

    def test_a_price_holds_for_its_time(self, shop: Shop) -> None:
        quote = shop.quote()
        ends = datetime.fromisoformat(quote["valid_until"])
        shop.clock.advance(seconds=(ends - shop.clock()).total_seconds() + 1)
        late = shop.checkout(quote)
        assert (late.status_code, late.headers["content-type"]) == (410, "application/problem+json")
        assert shop.rows(Order) == []


class TestDelayedMethods:
    def test_money_that_takes_days_is_waited_for(self, shop: Shop) -> None:
        order = shop.order()
        paid = shop.pay(order, **SEPA)
        shop.settle()
        assert shop.order_by(id=order.id).state == OrderState.AWAITING_FUNDS
        assert shop.rows(Tenant) == []
        assert shop.letters() == ["order_waits"]

        _settle_funds(shop, paid, "succeeded")
        assert shop.order_by(id=order.id).state == OrderState.FUNDED
        assert len(shop.rows(Tenant)) == 1

    def test_money_that_never_arrives_ends_the_order(self, shop: Shop) -> None:
        order = shop.order(slug="never-paid")
        paid = shop.pay(order, **SEPA)
        shop.settle()
        _settle_funds(shop, paid, "failed")
        assert shop.rows(Tenant) == []
        assert shop.order_by(id=order.id).state in {OrderState.AWAITING_FUNDS, OrderState.PAYMENT_FAILED}


def _settle_funds(shop: Shop, paid: dict, outcome: str) -> None:  # type: ignore[type-arg]
    invoice = paid["session"]["invoice"]
    listed = shop.gateways.stripe._all("invoice_payments", invoice=invoice)
    intent = listed[0]["payment"]["payment_intent"]
    shop.vendors.sim("POST", f"/payment_intents/{intent}/settle", {"outcome": outcome})
    shop.settle()


class TestPrices:
    @pytest.mark.parametrize(
        ("offers", "more"),
        [
            ({"site-start": 1, "site-setup": 1, "site-storage": 3}, {}),
            ({"site-business": 1, "site-forms": 1}, {"interval": "year"}),
            ({"site-pro": 1, "site-storage": 7}, {"discount_code": "START20"}),
        ],
    )
    def test_what_is_charged_is_what_was_quoted(self, shop: Shop, offers: dict[str, int], more: dict[str, str]) -> None:
        quote = shop.quote(offers, **more)
        order = shop.order_by(token=shop.checkout(quote).json()["order"])
        paid = shop.pay(order)
        assert paid["session"]["amount_total"] == quote["total"]
        shop.settle()
        assert shop.order_by(id=order.id).state == OrderState.FUNDED

    def test_a_company_abroad_pays_net_without_tax(self, shop: Shop) -> None:
        quote = shop.quote(buyer="company", country="AT")
        assert quote["tax_estimate"] == 0
        company = {"company": "Beispiel GmbH", "vat_id": "ATU12345678"}
        order = shop.order_by(token=shop.checkout(quote, **company).json()["order"])
        paid = shop.pay(order, country="AT")
        assert paid["session"]["amount_total"] == quote["total"] == 3277

    def test_another_amount_than_quoted_waits_for_a_person(self, shop: Shop) -> None:
        order = shop.order()
        with shop.gateways.db.transaction() as session:
            from controlplane.billing.models import Quote

            quote = session.exec(select(Quote)).one()
            quote.subtotal += 1
            session.add(quote)
        shop.pay(order)
        shop.settle()
        assert shop.order_by(id=order.id).state == OrderState.AWAITING_APPROVAL
        assert shop.rows(Tenant) == []
        assert [row.kind for row in shop.rows(Decision)] == ["amount_differs"]

    def test_a_creator_platform_for_nothing_waits_for_a_person(self, shop: Shop) -> None:
        quoted = {"line": "creator", "discount_code": "PARTNER100"}
        refused = shop.checkout(shop.quote({"creator-small": 1}, **quoted), slug="freebie")
        assert refused.json()["code"] == "code_not_allowed"

        order = shop.order({"creator-small": 1}, quoted=quoted, email="partner@portal.example", slug="freebie")
        shop.pay(order)
        shop.settle()
        assert shop.order_by(id=order.id).state == OrderState.AWAITING_APPROVAL
        decision = shop.rows(Decision)[0]
        chosen = shop.decide(decision.id, "start", "our partner")
        assert chosen.status_code == 200
        tasks.carry_out(shop.gateways, decision.id)
        assert shop.order_by(id=order.id).state == OrderState.FUNDED
        modules = shop.tenant(order).spec["modules"]
        assert set(modules) == {"s3-website", "user-auth", "monitoring", "backup"}


class TestNames:
    def test_a_taken_name_is_refused_and_others_are_offered(self, shop: Shop) -> None:
        shop.order(slug="taken-name")
        refused = shop.checkout(shop.quote(), slug="taken-name", email="other@example.com")
        assert (refused.status_code, refused.json()["code"]) == (409, "slug_taken")
        assert shop.client.get("/v1/slugs/taken-name").json()["ideas"]
        assert shop.client.get("/v1/slugs/paypal").json()["reason"] == "slug_reserved"

    def test_the_name_belongs_to_the_tenant_afterwards(self, shop: Shop) -> None:
        order = shop.order()
        shop.pay(order)
        shop.settle()
        held = shop.rows_of(Name)[0]
        assert (held.holder, held.until) == (shop.tenant(order).id, None)


class TestBillingPage:
    def test_cards_and_invoices_are_at_stripe_and_only_for_the_owner(self, shop: Shop) -> None:
        order, path = shop.live(), "/v1/subscriptions/{}/billing-page"
        first, second = (shop.owner(order).post(path.format(order.id)) for _time in range(2))
        assert (first.status_code, second.status_code) == (201, 201)
        page = shop.vendors.http.get(first.json()["url"])
        assert page.status_code == 200
        assert f"{ORIGIN}/portal/billing" in page.text
        back = shop.client.get("/portal/billing", follow_redirects=False)  # and there is such a page
        assert (back.status_code, back.headers["location"].partition("?")[0]) == (303, "/sign-in")
        configurations = shop.gateways.stripe._all("billing_portal.configurations")
        ours = [one for one in configurations if (one.get("metadata") or {}).get("env") == "test"]
        assert len(ours) == 1
        assert ours[0]["features"]["subscription_cancel"]["enabled"] is False
        assert shop.client.post(path.format(order.id)).status_code == 401


CHAT = {"s3-website", "user-auth", "monitoring", "backup", "ivs-streaming", "ivs-chat"}  # and what a chat needs


def test_a_paid_creator_order_starts_exactly_one_creator_tenant(shop: Shop) -> None:
    order = shop.order({"creator-medium": 1, "ivs-chat": 1}, quoted={"line": "creator"}, slug="streamer")
    shop.pay(order)
    shop.settle()
    fulfilment.refresh(shop.gateways, order.id)
    shop.settle()
    tenant, order = shop.tenant(order), shop.order_by(id=order.id)
    assert (tenant.product, tenant.slug, tenant.name) == ("creator", "streamer", "Anna Beispiel")
    assert tenant.spec == {
        "plan": "creator-medium", "tier": "medium", "modules": {key: {"enabled": True} for key in CHAT},
        "owner_email": "buyer@example.com", "company": "", "own_domain": None, "features": {"own_domain": True},
        "stripe_customer": order.stripe_customer,
    }  # fmt: skip
    assert [(operation.kind, operation.tenant_id) for operation in shop.rows(Operation)] == [("provision", tenant.id)]
    assert len(shop.rows(Tenant)) == 1

    quote, prices = shop.rows(Quote)[0], {row.stripe_price: row for row in shop.rows(CatalogPrice)}
    items = shop.gateways.stripe.subscription(order.stripe_subscription or "").items
    charged = {item.offer: prices[item.price].amount * item.quantity for item in items if not item.metered}
    assert charged == {"creator-medium": 32900, "ivs-streaming": 2900, "ivs-chat": 1500}
    assert sum(line["amount"] for line in quote.lines) == quote.total == sum(charged.values())
    assert [(row.total, row.status) for row in shop.rows(Invoice)] == [(quote.total, "paid")]
    assert quote.running_cost
