"""Invoices: drafted, finalized, paid, voided, credited, shown and printed."""

import httpx
import pytest
import stripe

from tests.contract.stripe.shop import DAY, START, Shop, form, post


def draft(shop: Shop, customer: str, amount: int = 2500) -> stripe.Invoice:
    shop.v1.invoice_items.create({"customer": customer, "amount": amount, "currency": "eur", "description": "Work"})
    params = {"customer": customer, "pending_invoice_items_behavior": "include"}
    invoice: stripe.Invoice = shop.v1.invoices.create(params)
    return invoice


class TestByHand:
    def test_drafted_finalized_paid(self, shop: Shop) -> None:
        invoice = draft(shop, shop.customer().id)
        assert (invoice.status, invoice.total, invoice.number, invoice.auto_advance) == ("draft", 2500, None, False)
        assert shop.v1.invoices.update(invoice.id, {"description": "Thanks"}).description == "Thanks"
        final = shop.v1.invoices.finalize_invoice(invoice.id)
        assert final.status == "open"
        assert final.number
        paid = shop.v1.invoices.pay(invoice.id, {"expand": ["payments"]})
        assert (paid.status, paid.payments.data[0].status, paid.amount_paid) == ("paid", "paid", 2500)
        intent = paid.payments.data[0].payment.payment_intent
        found = shop.v1.invoice_payments.list({"payment": {"type": "payment_intent", "payment_intent": intent}}).data
        assert [payment.invoice for payment in found] == [invoice.id]
        with pytest.raises(stripe.InvalidRequestError) as refused:
            shop.v1.invoices.pay(invoice.id)
        assert refused.value.code == "invoice_already_paid"
        expected = ["invoice.created", "invoice.updated", "invoice.finalized", "invoice.updated", "invoice.paid"]
        assert shop.types(invoice.id) == [*expected, "invoice.payment_succeeded"]

    def test_paid_elsewhere(self, shop: Shop) -> None:
        invoice = draft(shop, shop.customer(card=None).id)
        paid = shop.v1.invoices.pay(invoice.id, {"paid_out_of_band": True})
        assert (paid.status, paid.amount_paid) == ("paid", 0)

    def test_voided_and_given_up(self, shop: Shop) -> None:
        customer = shop.customer().id
        invoice = shop.v1.invoices.finalize_invoice(draft(shop, customer).id)
        assert shop.v1.invoices.mark_uncollectible(invoice.id).status == "uncollectible"
        assert shop.v1.invoices.void_invoice(invoice.id).status == "void"
        for refused in (shop.v1.invoices.void_invoice, shop.v1.invoices.pay, shop.v1.invoices.finalize_invoice):
            with pytest.raises(stripe.InvalidRequestError):
                refused(invoice.id)

    def test_only_drafts_are_deleted(self, shop: Shop) -> None:
        invoice = draft(shop, shop.customer().id)
        assert shop.v1.invoices.delete(invoice.id).deleted
        open_invoice = shop.v1.invoices.finalize_invoice(draft(shop, shop.customer().id).id)
        with pytest.raises(stripe.InvalidRequestError):
            shop.v1.invoices.delete(open_invoice.id)

    def test_sent_with_a_due_date(self, shop: Shop) -> None:
        customer = shop.customer(card=None)
        with pytest.raises(stripe.InvalidRequestError) as refused:
            shop.v1.invoices.create({"customer": customer.id, "collection_method": "send_invoice"})
        assert refused.value.param == "days_until_due"
        invoice = shop.v1.invoices.create(
            {"customer": customer.id, "collection_method": "send_invoice", "days_until_due": 14}
        )
        shop.v1.invoice_items.create({"customer": customer.id, "amount": 100, "currency": "eur", "invoice": invoice.id})
        sent = shop.v1.invoices.send_invoice(invoice.id)
        assert (sent.status, sent.total, sent.due_date - sent.created) == ("open", 100, 14 * DAY)

    def test_lists(self, shop: Shop) -> None:
        customer = shop.customer()
        subscription = shop.subscribe(customer)
        shop.v1.invoices.finalize_invoice(draft(shop, customer.id).id)
        assert len(shop.v1.invoices.list({"customer": customer.id}).data) == 2
        of_it = shop.v1.invoices.list({"subscription": subscription.id, "status": "paid"}).data
        assert [invoice.id for invoice in of_it] == [subscription.latest_invoice]
        lines = shop.v1.invoices.line_items.list(subscription.latest_invoice).data
        assert lines[0].pricing.price_details.price == shop.price
        assert lines[0].parent.subscription_item_details.subscription == subscription.id

    def test_items_wait_are_shown_and_removed(self, shop: Shop) -> None:
        customer = shop.customer()
        once = shop.price_of(700, None)
        item = shop.v1.invoice_items.create({"customer": customer.id, "pricing": {"price": once}, "quantity": 3})
        assert (item.amount, shop.v1.invoice_items.retrieve(item.id).quantity) == (2100, 3)
        assert shop.v1.invoice_items.delete(item.id).deleted
        with pytest.raises(stripe.InvalidRequestError):
            shop.v1.invoice_items.create({"customer": customer.id, "pricing": {"price": shop.price}})


class TestTax:
    def test_without_a_place_finalization_fails(self, shop: Shop) -> None:
        customer = shop.customer()
        invoice = shop.v1.invoices.create({"customer": customer.id, "automatic_tax": {"enabled": True}})
        with pytest.raises(stripe.InvalidRequestError) as refused:
            shop.v1.invoices.finalize_invoice(invoice.id)
        assert refused.value.code == "customer_tax_location_invalid"
        shop.v1.customers.update(customer.id, {"address": {"country": "FR"}})
        shop.v1.invoice_items.create(
            {"customer": customer.id, "amount": 1000, "currency": "eur", "invoice": invoice.id}
        )
        assert shop.v1.invoices.finalize_invoice(invoice.id).total == 1200

    def test_a_renewal_without_a_place_says_so(self, shop: Shop) -> None:
        clock = shop.clock()
        customer = shop.customer(test_clock=clock.id, address={"country": "DE"})
        subscription = shop.subscribe(customer, automatic_tax={"enabled": True})
        shop.v1.customers.update(customer.id, {"address": ""})
        shop.advance(clock, START + 32 * DAY)
        subscription = shop.v1.subscriptions.retrieve(subscription.id, {"expand": ["latest_invoice"]})
        assert subscription.latest_invoice.status == "draft"
        assert "invoice.finalization_failed" in shop.types(subscription.latest_invoice.id)


class TestPreview:
    def test_of_a_subscription_that_does_not_exist(self, shop: Shop) -> None:
        params = {
            "subscription_details": {"items": [{"price": shop.price, "quantity": 2}]},
            "customer_details": {"address": {"country": "AT"}},
            "automatic_tax": {"enabled": True},
        }
        preview = shop.v1.invoices.create_preview(params)
        assert (preview.subtotal, preview.total, preview.status) == (5800, 6960, "draft")

    def test_leaves_nothing_behind(self, shop: Shop) -> None:
        subscription = shop.subscribe(shop.customer())
        item = subscription["items"].data[0].id
        details = {"items": [{"id": item, "quantity": 5}], "proration_behavior": "always_invoice"}
        preview = shop.v1.invoices.create_preview({"subscription": subscription.id, "subscription_details": details})
        assert preview.total == 4 * 2900
        assert shop.v1.invoice_items.list({"customer": subscription.customer}).data == []
        assert shop.v1.subscriptions.retrieve(subscription.id)["items"].data[0].quantity == 1
        assert len(shop.v1.invoices.list({"customer": subscription.customer}).data) == 1


class TestHosted:
    def test_page_and_pdf(self, shop: Shop) -> None:
        invoice = shop.v1.invoices.finalize_invoice(draft(shop, shop.customer().id).id)
        page = httpx.get(f"{invoice.hosted_invoice_url}?lang=de", trust_env=False)
        assert "25,00" in page.text
        pdf = httpx.get(invoice.invoice_pdf, trust_env=False)
        assert pdf.headers["content-type"] == "application/pdf"
        assert pdf.content.startswith(b"%PDF-1.4")
        start = int(pdf.content.rsplit(b"startxref\n", 1)[1].split(b"\n")[0])
        assert pdf.content[start:].startswith(b"xref")
        wrong = invoice.hosted_invoice_url[:-1] + ("a" if invoice.hosted_invoice_url[-1] != "a" else "b")
        assert httpx.get(wrong, trust_env=False).status_code == 404

    def test_is_paid_there(self, shop: Shop) -> None:
        invoice = shop.v1.invoices.finalize_invoice(draft(shop, shop.customer(card=None).id).id)
        assert post(invoice.hosted_invoice_url, **form(number="4000000000000002")).status_code == 402
        assert post(invoice.hosted_invoice_url, **form()).status_code == 303
        assert shop.v1.invoices.retrieve(invoice.id).status == "paid"

    def test_3d_secure_there(self, shop: Shop) -> None:
        invoice = shop.v1.invoices.finalize_invoice(draft(shop, shop.customer(card=None).id).id)
        sent = post(invoice.hosted_invoice_url, **form(number="4000002760003184"))
        assert "/c/challenge/pi_" in sent.headers["location"]
        assert post(sent.headers["location"], answer="confirm").headers["location"] == invoice.hosted_invoice_url
        assert shop.v1.invoices.retrieve(invoice.id).status == "paid"


class TestCreditNotes:
    def test_on_an_open_invoice_less_is_due(self, shop: Shop) -> None:
        invoice = shop.v1.invoices.finalize_invoice(draft(shop, shop.customer().id).id)
        note = shop.v1.credit_notes.create({"invoice": invoice.id, "amount": 500, "reason": "order_change"})
        assert (note.type, note.total, note.status) == ("pre_payment", 500, "issued")
        assert shop.v1.invoices.retrieve(invoice.id).amount_due == 2000
        assert shop.v1.credit_notes.void_credit_note(note.id).status == "void"
        assert shop.v1.invoices.pay(invoice.id).amount_paid == 2500

    def test_on_a_paid_invoice_money_goes_back(self, shop: Shop) -> None:
        invoice = shop.v1.invoices.pay(draft(shop, shop.customer().id).id, {"expand": ["lines"]})
        with pytest.raises(stripe.InvalidRequestError):
            shop.v1.credit_notes.create({"invoice": invoice.id, "amount": 500})
        line = {"type": "invoice_line_item", "invoice_line_item": invoice.lines.data[0].id, "amount": 500}
        params = {"invoice": invoice.id, "lines": [line], "refund_amount": 300, "credit_amount": 200}
        assert shop.v1.credit_notes.preview(params).total == 500
        note = shop.v1.credit_notes.create({**params, "expand": ["refunds.refund"]})
        assert (note.type, note.post_payment_amount, note.refunds[0].amount_refunded) == ("post_payment", 500, 300)
        assert shop.v1.customers.retrieve(invoice.customer).balance == -200
        assert httpx.get(note.pdf, trust_env=False).content.startswith(b"%PDF")
        assert shop.v1.credit_notes.list({"invoice": invoice.id}).data[0].id == note.id
        assert shop.v1.credit_notes.line_items.list(note.id).data[0].amount == 500
        with pytest.raises(stripe.InvalidRequestError):
            shop.v1.credit_notes.create({"invoice": invoice.id, "amount": 2001, "refund_amount": 2001})
