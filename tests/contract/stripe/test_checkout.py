"""Buying on the hosted page, with and without trouble."""

import httpx
import pytest
import stripe

from tests.contract.stripe.conftest import Receiver, Sandbox
from tests.contract.stripe.shop import DAY, START, Shop, form, post, wait_for

REQUIRES_3DS = "4000002500003155"


class TestPage:
    def test_speaks_german_and_english_and_escapes(self, shop: Shop) -> None:
        shop.v1.products.update(shop.product, {"name": "<b>Site</b>"})
        url = shop.session(locale="de").url
        german = httpx.get(url, trust_env=False)
        assert "Zahlungspflichtig abonnieren" in german.text
        assert "29,00\u00a0€" in german.text
        assert "<script" not in german.text
        assert "&lt;b&gt;Site&lt;/b&gt;" in german.text
        assert "built-in method" not in german.text
        english = httpx.get(f"{url}?lang=en", trust_env=False)
        assert "Subscribe and pay" in english.text
        assert "€29.00" in english.text
        assert "form-action 'self' http://127.0.0.1:1" in english.headers["content-security-policy"]

    def test_a_form_from_elsewhere_is_refused(self, shop: Shop) -> None:
        session = shop.session()
        answer = httpx.post(session.url, data=form(), headers={"origin": "https://evil.example"}, trust_env=False)
        assert answer.status_code == 403
        assert shop.v1.checkout.sessions.retrieve(session.id).status == "open"

    @pytest.mark.parametrize(
        ("fields", "status"),
        [
            ({"email": "nonsense"}, 422),
            ({"number": "4242"}, 402),
            ({"number": "4000000000000002"}, 402),
            ({"expiry": "13/34"}, 402),
            ({"cvc": ""}, 402),
            ({"number": ""}, 422),
            ({"method": "sepa", "iban": "DE00"}, 422),
        ],
    )
    def test_what_is_wrong_is_said_and_nothing_is_sold(self, shop: Shop, fields: dict[str, str], status: int) -> None:
        session = shop.session(locale="en")
        answer = post(session.url, **form(**fields))
        assert answer.status_code == status
        assert 'role="alert"' in answer.text
        session = shop.v1.checkout.sessions.retrieve(session.id)
        assert (session.status, session.subscription) == ("open", None)
        assert post(session.url, **form()).status_code == 303

    def test_a_paid_session_is_not_paid_twice(self, shop: Shop) -> None:
        url = shop.session().url
        assert post(url, **form()).status_code == 303
        assert post(url, **form()).status_code == 422


class TestMoney:
    def test_one_time_payment(self, shop: Shop) -> None:
        session = shop.buy_once(5000, payment_intent_data={"metadata": {"order": "7"}})
        assert post(session.url, **form()).status_code == 303
        session = shop.v1.checkout.sessions.retrieve(
            session.id, {"expand": ["payment_intent.latest_charge", "line_items"]}
        )
        assert (session.payment_status, session.amount_total, session.customer) == ("paid", 5000, None)
        assert session.payment_intent.metadata["order"] == "7"
        assert session.payment_intent.latest_charge.payment_method_details.card.last4 == "4242"
        assert session.line_items.data[0].amount_total == 5000
        assert session.customer_details.email == "buyer@example.com"

    def test_with_an_invoice(self, shop: Shop) -> None:
        session = shop.buy_once(5000, invoice_creation={"enabled": True})
        post(session.url, **form())
        session = shop.v1.checkout.sessions.retrieve(session.id, {"expand": ["invoice"]})
        assert (session.invoice.status, session.invoice.amount_paid, session.customer) == (
            "paid",
            5000,
            session.invoice.customer,
        )

    def test_a_declined_card_leaves_a_failed_charge(self, shop: Shop) -> None:
        session = shop.buy_once(4321)
        assert post(session.url, **form(number="4000000000009995")).status_code == 402
        failed = [c for c in shop.v1.charges.list({"limit": 20}).data if c.amount == 4321]
        assert [(c.status, c.outcome.reason) for c in failed] == [("failed", "insufficient_funds")]

    @pytest.mark.parametrize(
        ("country", "vat_id", "tax", "reason"),
        [
            ("DE", "", 551, "standard_rated"),
            ("AT", "", 580, "standard_rated"),
            ("AT", "ATU12345678", 0, "reverse_charge"),
            ("DE", "DE123456789", 551, "standard_rated"),
            ("US", "", 0, "not_collecting"),
        ],
    )
    def test_tax_by_country(self, shop: Shop, country: str, vat_id: str, tax: int, reason: str) -> None:
        session = shop.session(automatic_tax={"enabled": True}, tax_id_collection={"enabled": True})
        assert session.automatic_tax.status == "requires_location_inputs"
        assert post(session.url, **form(country=country, vat_id=vat_id)).status_code == 303
        session = shop.v1.checkout.sessions.retrieve(
            session.id, {"expand": ["subscription.latest_invoice", "customer.tax_ids"]}
        )
        invoice = session.subscription.latest_invoice
        assert (session.total_details.amount_tax, session.amount_total, invoice.total) == (tax, 2900 + tax, 2900 + tax)
        assert invoice.total_taxes[0].taxability_reason == reason
        assert [doc.value for doc in session.customer.tax_ids.data] == ([vat_id] if vat_id else [])

    def test_the_page_recalculates_tax_without_a_script(self, shop: Shop) -> None:
        session = shop.session(automatic_tax={"enabled": True}, tax_id_collection={"enabled": True}, locale="en")
        shown = post(session.url, **form(country="DE", action="update"))
        assert (shown.status_code, "€34.51" in shown.text) == (200, True)
        shown = post(session.url, **form(country="AT", vat_id="ATU12345678", action="update"))
        assert "Reverse charge" in shown.text

    def test_inclusive_prices(self, shop: Shop) -> None:
        price = shop.price_of(11900, None, tax_behavior="inclusive")
        items = [{"price": price, "quantity": 1}]
        session = shop.session(mode="payment", line_items=items, automatic_tax={"enabled": True})
        post(session.url, **form())
        session = shop.v1.checkout.sessions.retrieve(session.id)
        assert (session.amount_total, session.total_details.amount_tax) == (11900, 1900)

    def test_a_promotion_code_typed_in(self, shop: Shop) -> None:
        coupon = shop.v1.coupons.create({"percent_off": 50, "duration": "once"})
        code = shop.v1.promotion_codes.create({"promotion": {"type": "coupon", "coupon": coupon.id}})
        session = shop.session(allow_promotion_codes=True)
        assert post(session.url, action="apply", code="NONE").status_code == 422
        assert post(session.url, action="apply", code=code.code.lower()).status_code == 303
        assert shop.v1.checkout.sessions.retrieve(session.id).amount_total == 1450
        post(session.url, **form())
        session = shop.v1.checkout.sessions.retrieve(session.id, {"expand": ["subscription.discounts"]})
        assert (session.amount_total, session.total_details.amount_discount) == (1450, 1450)
        assert session.subscription.discounts[0].promotion_code == code.id

    def test_free_needs_no_payment(self, shop: Shop) -> None:
        coupon = shop.v1.coupons.create({"percent_off": 100, "duration": "forever"})
        session = shop.session(discounts=[{"coupon": coupon.id}], payment_method_collection="if_required")
        assert post(session.url, action="pay", email="buyer@example.com").status_code == 303
        session = shop.v1.checkout.sessions.retrieve(session.id, {"expand": ["subscription"]})
        assert (session.payment_status, session.subscription.status) == ("no_payment_required", "active")


class TestThreeDSecure:
    def test_confirmed(self, shop: Shop) -> None:
        session = shop.session()
        sent = post(session.url, **form(number=REQUIRES_3DS))
        assert sent.headers["location"].endswith("/challenge")
        assert "29.00" in httpx.get(sent.headers["location"] + "?lang=en", trust_env=False).text
        assert shop.v1.checkout.sessions.retrieve(session.id).status == "open"
        assert (
            post(sent.headers["location"], answer="confirm").headers["location"].startswith("http://127.0.0.1:1/done")
        )
        session = shop.v1.checkout.sessions.retrieve(session.id, {"expand": ["subscription"]})
        assert (session.payment_status, session.subscription.status) == ("paid", "active")

    def test_refused(self, shop: Shop) -> None:
        session = shop.session()
        sent = post(session.url, **form(number=REQUIRES_3DS))
        assert post(sent.headers["location"], answer="refuse").status_code == 402
        assert shop.v1.checkout.sessions.retrieve(session.id).status == "open"
        assert post(sent.headers["location"], answer="confirm").status_code == 422


class TestDelayedMethods:
    @pytest.mark.usefixtures("everything")
    @pytest.mark.parametrize(
        ("iban", "succeeds"), [("DE89370400440532013000", True), ("DE62370400440532013001", False)]
    )
    def test_a_debit_settles_when_time_passes(self, shop: Shop, receiver: Receiver, iban: str, succeeds: bool) -> None:
        clock = shop.clock()
        customer = shop.customer(card=None, test_clock=clock.id)
        session = shop.session(customer=customer.id)
        assert post(session.url, **form(method="sepa", iban=iban)).status_code == 303
        session = shop.v1.checkout.sessions.retrieve(session.id, {"expand": ["subscription"]})
        assert (session.status, session.payment_status, session.subscription.status) == ("complete", "unpaid", "active")
        shop.advance(clock, START + 6 * DAY)
        word = "succeeded" if succeeds else "failed"
        (event,) = wait_for(lambda: receiver.events(f"checkout.session.async_payment_{word}"))
        assert event["data"]["object"]["id"] == session.id
        session = shop.v1.checkout.sessions.retrieve(session.id, {"expand": ["subscription.latest_invoice"]})
        expected = ("paid", "active", "paid") if succeeds else ("unpaid", "past_due", "open")
        assert (
            session.payment_status,
            session.subscription.status,
            session.subscription.latest_invoice.status,
        ) == expected

    def test_or_when_the_control_route_says_so(self, sandbox: Sandbox, shop: Shop) -> None:
        session = shop.buy_once()
        post(session.url, **form(method="sepa", iban="DE89370400440532013000"))
        intent = shop.v1.checkout.sessions.retrieve(session.id).payment_intent
        assert shop.v1.payment_intents.retrieve(intent).status == "processing"
        assert (
            sandbox.sim("POST", f"/payment_intents/{intent}/settle", {"outcome": "succeeded"})["status"] == "succeeded"
        )
        assert shop.v1.checkout.sessions.retrieve(session.id).payment_status == "paid"
        assert sandbox.sim_answer("POST", f"/payment_intents/{intent}/settle", {}).status_code == 400

    def test_or_after_some_real_seconds(self, sandbox: Sandbox, shop: Shop) -> None:
        sandbox.sim("POST", "/settings", {"seconds_to_settle": 0.1})
        try:
            session = shop.buy_once()
            post(session.url, **form(method="sepa", iban="DE89370400440532013000"))
        finally:
            sandbox.sim("POST", "/settings", {"seconds_to_settle": None})
        wait_for(lambda: shop.v1.checkout.sessions.retrieve(session.id).payment_status == "paid")
        assert "checkout.session.async_payment_succeeded" in shop.types(session.id)


class TestOtherModes:
    def test_setup(self, shop: Shop) -> None:
        customer = shop.customer(card=None)
        session = shop.v1.checkout.sessions.create(
            {"mode": "setup", "customer": customer.id, "success_url": "http://127.0.0.1:1/", "currency": "eur"}
        )
        assert post(session.url, **form()).status_code == 303
        session = shop.v1.checkout.sessions.retrieve(session.id, {"expand": ["setup_intent.payment_method"]})
        assert (session.setup_intent.status, session.setup_intent.payment_method.customer) == ("succeeded", customer.id)

    def test_trial(self, shop: Shop) -> None:
        session = shop.session(subscription_data={"trial_period_days": 14})
        assert session.amount_total == 0
        post(session.url, **form())
        session = shop.v1.checkout.sessions.retrieve(session.id, {"expand": ["subscription"]})
        assert (session.payment_status, session.subscription.status) == ("no_payment_required", "trialing")

    def test_one_time_lines_join_the_first_invoice(self, shop: Shop) -> None:
        setup_fee = shop.price_of(9900, None)
        items = [{"price": shop.price, "quantity": 1}, {"price": setup_fee, "quantity": 1}]
        session = shop.session(line_items=items)
        post(session.url, **form())
        session = shop.v1.checkout.sessions.retrieve(session.id, {"expand": ["subscription.latest_invoice"]})
        assert session.subscription.latest_invoice.total == 12800
        assert len(session.subscription["items"].data) == 1


class TestExpiry:
    def test_by_hand_and_once(self, shop: Shop) -> None:
        session = shop.session()
        assert shop.v1.checkout.sessions.expire(session.id).status == "expired"
        with pytest.raises(stripe.InvalidRequestError):
            shop.v1.checkout.sessions.expire(session.id)
        assert post(session.url, **form()).status_code == 422
        assert shop.types(session.id) == ["checkout.session.expired"]

    def test_by_time(self, shop: Shop) -> None:
        clock = shop.clock()
        customer = shop.customer(test_clock=clock.id)
        session = shop.session(customer=customer.id, expires_at=START + 3600)
        shop.advance(clock, START + 3601)
        assert shop.v1.checkout.sessions.retrieve(session.id).status == "expired"

    @pytest.mark.parametrize("seconds", [60, 90_000])
    def test_within_limits(self, shop: Shop, seconds: int) -> None:
        now = shop.session().created
        with pytest.raises(stripe.InvalidRequestError) as refused:
            shop.session(expires_at=now + seconds)
        assert refused.value.param == "expires_at"


class TestRefusals:
    def test_combinations_that_stripe_refuses(self, shop: Shop) -> None:
        customer = shop.customer(card=None)
        coupon = shop.v1.coupons.create({"percent_off": 5})
        cases = [
            ({"mode": "payment", "subscription_data": None}, "mode"),
            ({"line_items": [{"price": shop.price_of(5, None), "quantity": 1}]}, "line_items"),
            ({"customer": customer.id, "customer_email": "a@example.com"}, "customer_email"),
            ({"allow_promotion_codes": True, "discounts": [{"coupon": coupon.id}]}, "discounts"),
            ({"customer": customer.id, "tax_id_collection": {"enabled": True}}, "customer_update[name]"),
            ({"customer": customer.id, "automatic_tax": {"enabled": True}}, "customer_update[address]"),
            ({"success_url": "javascript:alert(1)"}, "success_url"),
            ({"payment_intent_data": {"metadata": {"a": "b"}}}, "payment_intent_data"),
            ({"invoice_creation": {"enabled": True}}, "invoice_creation"),
        ]
        for more, param in cases:
            with pytest.raises(stripe.InvalidRequestError) as refused:
                shop.session(**more)
            assert refused.value.param == param, more


class TestControlRoute:
    def test_pays_like_the_page(self, sandbox: Sandbox, shop: Shop) -> None:
        session = shop.session(tax_id_collection={"enabled": True}, automatic_tax={"enabled": True})
        buyer = {"email": "b@example.com", "name": "B GmbH", "country": "AT", "vat_id": "ATU12345678"}
        declined = sandbox.sim_answer("POST", f"/checkout/{session.id}/pay", {**buyer, "card": "4000000000000002"})
        assert (declined.status_code, declined.json()["error"]["code"]) == (402, "card_declined")
        asked = sandbox.sim("POST", f"/checkout/{session.id}/pay", {**buyer, "card": REQUIRES_3DS})
        assert asked["status"] == "requires_action"
        body = {**buyer, "card": REQUIRES_3DS, "challenge": "pass"}
        paid = sandbox.sim("POST", f"/checkout/{session.id}/pay", body)
        assert (paid["status"], paid["session"]["payment_status"]) == ("complete", "paid")
        assert paid["session"]["amount_total"] == 2900

    def test_refuses_what_it_does_not_know(self, sandbox: Sandbox, shop: Shop) -> None:
        answer = sandbox.sim_answer("POST", f"/checkout/{shop.session().id}/pay", {"email": "a@example.com", "cash": 5})
        assert answer.status_code == 422
