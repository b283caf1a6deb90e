"""Subscriptions over the API: how they start, change, fail and end."""

import pytest
import stripe

from tests.contract.stripe.conftest import Sandbox
from tests.contract.stripe.shop import DAY, START, Shop

MONTH = 31 * DAY  # January to February of the test year


class TestStart:
    def test_paid_at_once(self, shop: Shop) -> None:
        subscription = shop.subscribe(shop.customer(), expand=["latest_invoice"])
        assert (subscription.status, subscription.latest_invoice.billing_reason) == ("active", "subscription_create")
        assert subscription.latest_invoice.parent.subscription_details.subscription == subscription.id
        assert shop.types(subscription.id) == ["customer.subscription.created", "customer.subscription.updated"]

    def test_declined_is_incomplete_and_expires(self, shop: Shop) -> None:
        clock = shop.clock()
        subscription = shop.subscribe(shop.customer("pm_card_chargeCustomerFail", test_clock=clock.id))
        assert subscription.status == "incomplete"
        shop.advance(clock, START + DAY)
        subscription = shop.v1.subscriptions.retrieve(subscription.id, {"expand": ["latest_invoice"]})
        assert (subscription.status, subscription.latest_invoice.status) == ("incomplete_expired", "void")
        with pytest.raises(stripe.InvalidRequestError):
            shop.v1.subscriptions.cancel(subscription.id)

    def test_an_incomplete_one_recovers_when_its_invoice_is_paid(self, shop: Shop) -> None:
        customer = shop.customer("pm_card_chargeCustomerFail")
        subscription = shop.subscribe(customer)
        with pytest.raises(stripe.CardError) as declined:
            shop.v1.invoices.pay(subscription.latest_invoice)
        assert declined.value.code == "card_declined"
        good = shop.v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
        assert shop.v1.invoices.pay(subscription.latest_invoice, {"payment_method": good.id}).status == "paid"
        assert shop.v1.subscriptions.retrieve(subscription.id).status == "active"

    def test_error_if_incomplete_leaves_nothing(self, shop: Shop) -> None:
        customer = shop.customer("pm_card_chargeCustomerFail")
        with pytest.raises(stripe.CardError):
            shop.subscribe(customer, payment_behavior="error_if_incomplete")
        assert shop.v1.subscriptions.list({"customer": customer.id, "status": "all"}).data == []

    def test_default_incomplete_waits_for_a_confirmation(self, shop: Shop) -> None:
        customer = shop.customer(card=None)
        more = {"payment_behavior": "default_incomplete", "expand": ["latest_invoice.confirmation_secret"]}
        subscription = shop.subscribe(customer, **more)
        assert subscription.status == "incomplete"
        assert subscription.latest_invoice.confirmation_secret.client_secret.startswith("pi_")

    def test_without_a_payment_method_it_is_refused(self, shop: Shop) -> None:
        with pytest.raises(stripe.InvalidRequestError) as refused:
            shop.subscribe(shop.customer(card=None))
        assert refused.value.code == "resource_missing"

    def test_prices_must_fit_together(self, shop: Shop) -> None:
        year = shop.price_of(100, "year")
        once = shop.price_of(100, None)
        for items in ([{"price": shop.price}, {"price": year}], [{"price": once}], [{"price": shop.price}] * 2):
            with pytest.raises(stripe.InvalidRequestError):
                shop.subscribe(shop.customer(), items=items)


class TestTrial:
    def test_ends_in_a_payment(self, shop: Shop) -> None:
        clock = shop.clock()
        subscription = shop.subscribe(shop.customer(test_clock=clock.id), trial_period_days=14)
        assert (subscription.status, subscription.trial_end) == ("trialing", START + 14 * DAY)
        shop.advance(clock, START + 12 * DAY)
        assert "customer.subscription.trial_will_end" in shop.types(subscription.id)
        shop.advance(clock, START + 15 * DAY)
        subscription = shop.v1.subscriptions.retrieve(subscription.id, {"expand": ["latest_invoice"]})
        assert (subscription.status, subscription.latest_invoice.amount_paid) == ("active", 2900)

    @pytest.mark.parametrize(
        ("behavior", "status"), [("cancel", "canceled"), ("pause", "paused"), ("create_invoice", "past_due")]
    )
    def test_without_a_payment_method(self, shop: Shop, behavior: str, status: str) -> None:
        clock = shop.clock()
        customer = shop.customer(card=None, test_clock=clock.id)
        settings = {"end_behavior": {"missing_payment_method": behavior}}
        subscription = shop.subscribe(customer, trial_period_days=7, trial_settings=settings)
        shop.advance(clock, START + 8 * DAY)
        assert shop.v1.subscriptions.retrieve(subscription.id).status == status
        if status == "paused":
            method = shop.v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
            shop.v1.subscriptions.update(subscription.id, {"default_payment_method": method.id})
            assert shop.v1.subscriptions.resume(subscription.id).status == "active"

    def test_can_be_cut_short(self, shop: Shop) -> None:
        subscription = shop.subscribe(shop.customer(), trial_period_days=14)
        subscription = shop.v1.subscriptions.update(subscription.id, {"trial_end": "now", "expand": ["latest_invoice"]})
        assert (subscription.status, subscription.latest_invoice.amount_paid) == ("active", 2900)


class TestChange:
    def test_an_upgrade_prorates_by_the_second(self, shop: Shop) -> None:
        clock = shop.clock()
        subscription = shop.subscribe(shop.customer(test_clock=clock.id))
        item = subscription["items"].data[0].id
        shop.advance(clock, START + MONTH // 2)
        bigger = shop.price_of(5900)
        change = {"items": [{"id": item, "price": bigger}], "proration_behavior": "create_prorations"}
        preview = shop.v1.invoices.create_preview({"subscription": subscription.id, "subscription_details": change})
        shop.v1.subscriptions.update(subscription.id, change)
        waiting = shop.v1.invoice_items.list({"customer": subscription.customer, "pending": True}).data
        assert sorted(item.amount for item in waiting) == [-1450, 2950]
        assert all(item.proration for item in waiting)
        shop.advance(clock, START + MONTH + 2 * 3600)
        invoice = shop.v1.invoices.retrieve(shop.v1.subscriptions.retrieve(subscription.id).latest_invoice)
        assert (invoice.total, preview.total) == (5900 + 1500, 5900 + 1500)
        assert shop.v1.invoice_items.list({"customer": subscription.customer, "pending": True}).data == []

    def test_always_invoice_collects_now(self, shop: Shop) -> None:
        clock = shop.clock()
        subscription = shop.subscribe(shop.customer(test_clock=clock.id))
        item = subscription["items"].data[0].id
        shop.advance(clock, START + MONTH // 2)
        change = {
            "items": [{"id": item, "quantity": 3}],
            "proration_behavior": "always_invoice",
            "expand": ["latest_invoice"],
        }
        changed = shop.v1.subscriptions.update(subscription.id, change)
        assert (changed.latest_invoice.total, changed.latest_invoice.status) == (2900, "paid")
        assert changed.latest_invoice.billing_reason == "subscription_update"
        assert changed["items"].data[0].quantity == 3

    def test_another_interval_starts_a_new_cycle(self, shop: Shop) -> None:
        clock = shop.clock()
        subscription = shop.subscribe(shop.customer(test_clock=clock.id))
        shop.advance(clock, START + MONTH // 2)
        yearly = shop.price_of(29000, "year")
        item = subscription["items"].data[0].id
        params = {"items": [{"id": item, "price": yearly}], "expand": ["latest_invoice"]}
        changed = shop.v1.subscriptions.update(subscription.id, params)
        assert changed.billing_cycle_anchor == START + MONTH // 2
        assert changed["items"].data[0].current_period_end == START + MONTH // 2 + 365 * DAY
        assert changed.latest_invoice.total == 29000 - 1450

    def test_a_downgrade_leaves_credit(self, shop: Shop) -> None:
        subscription = shop.subscribe(shop.customer(), items=[{"price": shop.price_of(9900)}])
        item = subscription["items"].data[0].id
        change = {"items": [{"id": item, "price": shop.price}], "proration_behavior": "always_invoice"}
        changed = shop.v1.subscriptions.update(subscription.id, {**change, "expand": ["latest_invoice", "customer"]})
        assert (changed.latest_invoice.total, changed.latest_invoice.amount_due) == (-7000, 0)
        assert changed.customer.balance == -7000

    def test_items_are_added_and_removed(self, shop: Shop) -> None:
        subscription = shop.subscribe(shop.customer())
        addon = shop.v1.subscription_items.create(
            {"subscription": subscription.id, "price": shop.price_of(500), "quantity": 2}
        )
        assert shop.v1.subscription_items.retrieve(addon.id).quantity == 2
        assert shop.v1.subscription_items.update(addon.id, {"quantity": 1}).quantity == 1
        assert len(shop.v1.subscription_items.list({"subscription": subscription.id}).data) == 2
        assert shop.v1.subscription_items.delete(addon.id, {"proration_behavior": "none"}).deleted
        assert len(shop.v1.subscriptions.retrieve(subscription.id)["items"].data) == 1
        with pytest.raises(stripe.InvalidRequestError):
            shop.v1.subscription_items.retrieve(addon.id)

    def test_a_coupon_for_once_lasts_one_invoice(self, shop: Shop) -> None:
        clock = shop.clock()
        coupon = shop.v1.coupons.create({"percent_off": 50, "duration": "once"})
        subscription = shop.subscribe(shop.customer(test_clock=clock.id), discounts=[{"coupon": coupon.id}])
        assert shop.v1.invoices.retrieve(subscription.latest_invoice).total == 1450
        shop.advance(clock, START + MONTH + 2 * 3600)
        assert shop.v1.invoices.retrieve(shop.v1.subscriptions.retrieve(subscription.id).latest_invoice).total == 2900


class TestEnd:
    def test_at_period_end_and_back(self, shop: Shop) -> None:
        clock = shop.clock()
        subscription = shop.subscribe(shop.customer(test_clock=clock.id))
        ending = shop.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": True})
        assert ending.cancel_at == ending["items"].data[0].current_period_end
        kept = shop.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": False})
        assert (kept.cancel_at, kept.canceled_at) == (None, None)
        shop.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": True})
        shop.advance(clock, START + MONTH + 1)
        ended = shop.v1.subscriptions.retrieve(subscription.id)
        assert (ended.status, ended.ended_at) == ("canceled", START + MONTH)
        assert ended.latest_invoice == subscription.latest_invoice
        with pytest.raises(stripe.InvalidRequestError):
            shop.v1.subscriptions.update(subscription.id, {"items": [{"price": shop.price}]})

    def test_at_a_given_time(self, shop: Shop) -> None:
        clock = shop.clock()
        subscription = shop.subscribe(shop.customer(test_clock=clock.id), cancel_at=START + 10 * DAY)
        shop.advance(clock, START + 11 * DAY)
        assert shop.v1.subscriptions.retrieve(subscription.id).ended_at == START + 10 * DAY

    def test_deleting_the_customer_cancels(self, shop: Shop) -> None:
        customer = shop.customer()
        subscription = shop.subscribe(customer)
        assert shop.v1.customers.delete(customer.id).deleted
        assert shop.v1.customers.retrieve(customer.id).deleted
        assert shop.v1.subscriptions.retrieve(subscription.id).status == "canceled"


class TestDunning:
    @pytest.mark.parametrize(
        ("after", "status"), [("cancel", "canceled"), ("unpaid", "unpaid"), ("past_due", "past_due")]
    )
    def test_what_follows_the_last_attempt_is_a_setting(
        self, sandbox: Sandbox, shop: Shop, after: str, status: str
    ) -> None:
        clock = shop.clock()
        customer = shop.customer(test_clock=clock.id)
        subscription = shop.subscribe(customer)
        bad = shop.v1.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": customer.id})
        shop.v1.subscriptions.update(subscription.id, {"default_payment_method": bad.id})
        sandbox.sim("POST", "/settings", {"after_retries": after})
        try:
            shop.advance(clock, START + MONTH + 17 * DAY)
        finally:
            sandbox.sim("POST", "/settings", {"after_retries": "cancel"})
        subscription = shop.v1.subscriptions.retrieve(subscription.id, {"expand": ["latest_invoice", "customer"]})
        invoice = subscription.latest_invoice
        assert (subscription.status, invoice.status, invoice.attempt_count) == (status, "open", 4)
        assert subscription.customer.delinquent
        assert shop.types(invoice.id).count("invoice.payment_failed") == 4

    def test_an_unpaid_subscription_gets_drafts_only_and_recovers(self, sandbox: Sandbox, shop: Shop) -> None:
        clock = shop.clock()
        customer = shop.customer(test_clock=clock.id)
        subscription = shop.subscribe(customer)
        bad = shop.v1.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": customer.id})
        shop.v1.subscriptions.update(subscription.id, {"default_payment_method": bad.id})
        sandbox.sim("POST", "/settings", {"after_retries": "unpaid", "retry_days": []})
        try:
            shop.advance(clock, START + 61 * DAY)
        finally:
            sandbox.sim("POST", "/settings", {"after_retries": "cancel", "retry_days": [3, 5, 7]})
        subscription = shop.v1.subscriptions.retrieve(subscription.id, {"expand": ["latest_invoice"]})
        assert (subscription.status, subscription.latest_invoice.status) == ("unpaid", "draft")
        good = shop.v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
        assert shop.v1.invoices.pay(subscription.latest_invoice.id, {"payment_method": good.id}).status == "paid"
        assert shop.v1.subscriptions.retrieve(subscription.id).status == "active"

    @pytest.mark.parametrize(
        ("behavior", "status"), [("void", "void"), ("keep_as_draft", "draft"), ("mark_uncollectible", "uncollectible")]
    )
    def test_paused_collection(self, shop: Shop, behavior: str, status: str) -> None:
        clock = shop.clock()
        subscription = shop.subscribe(shop.customer(test_clock=clock.id))
        pause = {"pause_collection": {"behavior": behavior, "resumes_at": START + 40 * DAY}}
        shop.v1.subscriptions.update(subscription.id, pause)
        shop.advance(clock, START + MONTH + 2 * 3600)
        subscription = shop.v1.subscriptions.retrieve(subscription.id, {"expand": ["latest_invoice"]})
        assert (subscription.status, subscription.latest_invoice.status) == ("active", status)
        shop.advance(clock, START + 41 * DAY)
        assert shop.v1.subscriptions.retrieve(subscription.id).pause_collection is None

    def test_a_renewal_may_ask_for_3d_secure(self, shop: Shop) -> None:
        clock = shop.clock()
        customer = shop.customer(test_clock=clock.id)
        subscription = shop.subscribe(customer)
        strict = shop.v1.payment_methods.attach("pm_card_authenticationRequired", {"customer": customer.id})
        shop.v1.subscriptions.update(subscription.id, {"default_payment_method": strict.id})
        shop.advance(clock, START + MONTH + 2 * 3600)
        subscription = shop.v1.subscriptions.retrieve(subscription.id)
        assert subscription.status == "past_due"
        assert "invoice.payment_action_required" in shop.types(subscription.latest_invoice)
