"""Payment intents, refunds, disputes, fraud warnings, payment methods, setup intents, meters, customers."""

import time

import pytest
import stripe

from tests.contract.stripe.conftest import Sandbox
from tests.contract.stripe.shop import DAY, START, Shop, post


def pay(shop: Shop, card: str = "pm_card_visa", **more: object) -> stripe.PaymentIntent:
    params = {"amount": 5000, "currency": "eur", "payment_method": card, "confirm": True, **more}
    intent: stripe.PaymentIntent = shop.v1.payment_intents.create(params)
    return intent


class TestIntents:
    def test_step_by_step(self, shop: Shop) -> None:
        intent = shop.v1.payment_intents.create({"amount": 5000, "currency": "eur", "metadata": {"a": "b"}})
        assert intent.status == "requires_payment_method"
        assert shop.v1.payment_intents.update(intent.id, {"amount": 6000}).amount == 6000
        done = shop.v1.payment_intents.confirm(
            intent.id, {"payment_method": "pm_card_visa", "expand": ["latest_charge"]}
        )
        assert (done.status, done.amount_received, done.latest_charge.paid) == ("succeeded", 6000, True)
        with pytest.raises(stripe.InvalidRequestError) as refused:
            shop.v1.payment_intents.cancel(intent.id)
        assert refused.value.code == "payment_intent_unexpected_state"

    def test_declined(self, shop: Shop) -> None:
        with pytest.raises(stripe.CardError) as declined:
            pay(shop, "pm_card_chargeDeclinedInsufficientFunds")
        error = declined.value
        assert (error.http_status, error.code, error.error.decline_code) == (402, "card_declined", "insufficient_funds")
        intent = shop.v1.payment_intents.retrieve(error.error.payment_intent["id"], {"expand": ["latest_charge"]})
        assert (intent.status, intent.last_payment_error.code) == ("requires_payment_method", "card_declined")
        assert intent.latest_charge.failure_code == "card_declined"
        assert shop.v1.payment_intents.cancel(intent.id, {"cancellation_reason": "abandoned"}).status == "canceled"

    def test_3d_secure(self, shop: Shop) -> None:
        intent = pay(shop, "pm_card_threeDSecure2Required", return_url="http://127.0.0.1:1/back")
        assert (intent.status, intent.next_action.type) == ("requires_action", "redirect_to_url")
        assert (
            post(intent.next_action.redirect_to_url.url, answer="confirm").headers["location"]
            == "http://127.0.0.1:1/back"
        )
        assert shop.v1.payment_intents.retrieve(intent.id).status == "succeeded"
        with pytest.raises(stripe.CardError) as declined:
            pay(shop, "pm_card_threeDSecure2Required", off_session=True)
        assert declined.value.code == "authentication_required"

    def test_too_little(self, shop: Shop) -> None:
        with pytest.raises(stripe.InvalidRequestError) as refused:
            shop.v1.payment_intents.create({"amount": 1, "currency": "eur"})
        assert refused.value.code == "amount_too_small"


class TestRefunds:
    def test_in_parts_until_nothing_is_left(self, shop: Shop) -> None:
        intent = pay(shop)
        first = shop.v1.refunds.create({"payment_intent": intent.id, "amount": 2000, "reason": "requested_by_customer"})
        assert (first.status, first.amount, first.charge) == ("succeeded", 2000, intent.latest_charge)
        with pytest.raises(stripe.InvalidRequestError):
            shop.v1.refunds.create({"payment_intent": intent.id, "amount": 3001})
        assert shop.v1.refunds.create({"charge": intent.latest_charge, "metadata": {"why": "x"}}).amount == 3000
        charge = shop.v1.charges.retrieve(intent.latest_charge, {"expand": ["refunds", "balance_transaction"]})
        assert (charge.refunded, charge.amount_refunded, len(charge.refunds.data)) == (True, 5000, 2)
        assert charge.balance_transaction.net == 5000 - charge.balance_transaction.fee
        with pytest.raises(stripe.InvalidRequestError) as refused:
            shop.v1.refunds.create({"charge": intent.latest_charge})
        assert refused.value.code == "charge_already_refunded"
        assert len(shop.v1.refunds.list({"payment_intent": intent.id}).data) == 2
        assert shop.types(intent.latest_charge) == ["charge.succeeded", "charge.refunded", "charge.refunded"]

    def test_may_fail_at_the_bank(self, sandbox: Sandbox, shop: Shop) -> None:
        refund = shop.v1.refunds.create({"payment_intent": pay(shop).id})
        sandbox.sim("POST", f"/refunds/{refund.id}/fail")
        assert shop.v1.refunds.retrieve(refund.id).status == "failed"
        assert shop.v1.charges.retrieve(refund.charge).amount_refunded == 0
        assert shop.types(refund.id) == ["refund.created", "refund.failed"]


class TestDisputes:
    @pytest.mark.parametrize(("evidence", "status"), [("winning_evidence", "won"), ("losing_evidence", "lost")])
    def test_answered(self, shop: Shop, evidence: str, status: str) -> None:
        intent = pay(shop, "pm_card_createDispute")
        (dispute,) = shop.v1.disputes.list({"payment_intent": intent.id}).data
        assert (dispute.status, dispute.reason, dispute.amount) == ("needs_response", "fraudulent", 5000)
        with pytest.raises(stripe.InvalidRequestError):
            shop.v1.refunds.create({"payment_intent": intent.id})
        assert shop.v1.disputes.update(dispute.id, {"evidence": {"uncategorized_text": evidence}}).status == status
        assert shop.v1.charges.retrieve(dispute.charge).disputed == (status == "lost")
        assert "charge.dispute.closed" in shop.types(dispute.id)

    def test_opened_and_closed_by_the_control_route(self, sandbox: Sandbox, shop: Shop) -> None:
        intent = pay(shop)
        dispute = sandbox.sim("POST", "/disputes", {"payment_intent": intent.id, "reason": "product_not_received"})
        assert shop.v1.charges.retrieve(dispute["charge"]).disputed
        assert sandbox.sim("POST", f"/disputes/{dispute['id']}/close", {"outcome": "won"})["status"] == "won"
        lost = sandbox.sim("POST", "/disputes", {"charge": pay(shop).latest_charge})
        assert shop.v1.disputes.close(lost["id"]).status == "lost"
        assert sandbox.sim_answer("POST", f"/disputes/{lost['id']}/close", {}).status_code == 400

    def test_early_fraud_warnings(self, sandbox: Sandbox, shop: Shop) -> None:
        automatic = pay(shop, "pm_card_createIssuerFraudRecord")
        (warning,) = shop.v1.radar.early_fraud_warnings.list({"payment_intent": automatic.id}).data
        assert warning.actionable
        made = sandbox.sim("POST", "/early_fraud_warnings", {"charge": pay(shop).latest_charge})
        assert shop.types(made["id"]) == ["radar.early_fraud_warning.created"]


class TestCustomers:
    def test_tax_ids(self, shop: Shop) -> None:
        customer = shop.customer(card=None)
        made = shop.v1.customers.tax_ids.create(customer.id, {"type": "eu_vat", "value": "ATU12345678"})
        assert (made.country, made.verification.status) == ("AT", "verified")
        with pytest.raises(stripe.InvalidRequestError) as refused:
            shop.v1.customers.tax_ids.create(customer.id, {"type": "eu_vat", "value": "AT1"})
        assert refused.value.code == "tax_id_invalid"
        assert [t.id for t in shop.v1.customers.tax_ids.list(customer.id).data] == [made.id]
        assert shop.v1.customers.tax_ids.retrieve(customer.id, made.id).value == "ATU12345678"
        assert shop.v1.customers.tax_ids.delete(customer.id, made.id).deleted

    def test_tax_location(self, shop: Shop) -> None:
        customer = shop.v1.customers.create({"address": {"country": "NL"}, "expand": ["tax"]})
        assert (customer.tax.automatic_tax, customer.tax.location.country) == ("supported", "NL")
        with pytest.raises(stripe.InvalidRequestError):
            shop.v1.customers.create({"tax": {"validate_location": "immediately"}})

    def test_payment_methods(self, shop: Shop) -> None:
        customer = shop.customer()
        method = shop.v1.payment_methods.create({"type": "card", "card": {"token": "tok_mastercard"}})
        shop.v1.payment_methods.attach(method.id, {"customer": customer.id})
        assert len(shop.v1.customers.payment_methods.list(customer.id).data) == 2
        assert (
            shop.v1.payment_methods.list({"customer": customer.id, "type": "card"}).data[0].card.brand == "mastercard"
        )
        updated = shop.v1.payment_methods.update(method.id, {"billing_details": {"name": "B"}})
        assert updated.billing_details.name == "B"
        default = customer.invoice_settings.default_payment_method
        assert shop.v1.payment_methods.detach(default).customer is None
        assert shop.v1.customers.retrieve(customer.id).invoice_settings.default_payment_method is None
        with pytest.raises(stripe.CardError):
            shop.v1.payment_methods.attach("pm_card_chargeDeclined", {"customer": customer.id})

    def test_setup_intents(self, shop: Shop) -> None:
        customer = shop.customer(card=None)
        intent = shop.v1.setup_intents.create({"customer": customer.id})
        assert shop.v1.setup_intents.confirm(intent.id, {"payment_method": "pm_card_visa"}).status == "succeeded"
        strict = shop.v1.setup_intents.create(
            {"customer": customer.id, "payment_method": "pm_card_authenticationRequired"}
        )
        strict = shop.v1.setup_intents.confirm(strict.id)
        assert strict.status == "requires_action"
        post(strict.next_action.redirect_to_url.url, answer="confirm")
        assert shop.v1.setup_intents.retrieve(strict.id).status == "succeeded"
        assert len(shop.v1.payment_methods.list({"customer": customer.id}).data) == 2
        other = shop.v1.setup_intents.create({"customer": customer.id})
        assert shop.v1.setup_intents.cancel(other.id).status == "canceled"


class TestMeters:
    def test_usage_is_counted_once_and_billed_afterwards(self, shop: Shop) -> None:
        name = f"requests_{shop.product}"
        meter = shop.v1.billing.meters.create(
            {"display_name": "Requests", "event_name": name, "default_aggregation": {"formula": "sum"}}
        )
        recurring = {"interval": "month", "usage_type": "metered", "meter": meter.id}
        price = shop.v1.prices.create(
            {"product": shop.product, "currency": "eur", "unit_amount": 3, "recurring": recurring}
        )
        clock = shop.clock()
        customer = shop.customer(test_clock=clock.id)
        subscription = shop.subscribe(customer, items=[{"price": price.id}])
        event = {"event_name": name, "payload": {"stripe_customer_id": customer.id, "value": "40"}}
        for identifier in ("a", "b"):
            shop.v1.billing.meter_events.create({**event, "identifier": f"{identifier}-{shop.product}"})
        with pytest.raises(stripe.InvalidRequestError) as twice:
            shop.v1.billing.meter_events.create({**event, "identifier": f"a-{shop.product}"})
        assert "identifier" in str(twice.value)
        shop.advance(clock, START + 31 * DAY + 2 * 3600)
        invoice = shop.v1.invoices.retrieve(shop.v1.subscriptions.retrieve(subscription.id).latest_invoice)
        assert (invoice.total, invoice.status) == (240, "paid")
        window = {"customer": customer.id, "start_time": START, "end_time": START + 31 * DAY}
        assert shop.v1.billing.meters.event_summaries.list(meter.id, window).data[0].aggregated_value == 80

    def test_wrong_events_are_refused(self, shop: Shop) -> None:
        name = f"m_{shop.product}"
        params = {"display_name": "M", "event_name": name, "default_aggregation": {"formula": "count"}}
        meter = shop.v1.billing.meters.create(params)
        customer = shop.customer(card=None).id
        good = {"stripe_customer_id": customer, "value": "1"}
        wrong = [
            {"event_name": "nothing", "payload": good},
            {"event_name": name, "payload": {"value": "1"}},
            {"event_name": name, "payload": {**good, "value": "many"}},
            {"event_name": name, "payload": good, "timestamp": int(time.time()) - 40 * DAY},
        ]
        for event in wrong:
            with pytest.raises(stripe.InvalidRequestError):
                shop.v1.billing.meter_events.create(event)
        assert shop.v1.billing.meters.deactivate(meter.id).status == "inactive"
        with pytest.raises(stripe.InvalidRequestError):
            shop.v1.billing.meter_events.create({"event_name": name, "payload": good})
        assert shop.v1.billing.meters.reactivate(meter.id).status == "active"
