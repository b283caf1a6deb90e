"""Stripe sells what the catalogue says, and usage is told to it once."""

from dataclasses import replace

import pytest
from sqlmodel import col, select

from controlplane.billing import metering
from controlplane.billing.catalog import Interval, catalog
from controlplane.billing.catalog_sync import Sync, drift, sync
from controlplane.billing.ledger import Usage
from controlplane.billing.models import CatalogPrice
from controlplane.core.errors import TryLater
from tests.fixtures.shop import Shop


class TestSync:
    def test_again_changes_nothing(self, shop: Shop) -> None:
        assert drift(shop.gateways) == []
        assert sync(shop.gateways) == []

    def test_a_new_amount_is_a_new_price_and_the_old_one_rests(self, shop: Shop) -> None:
        book = catalog()
        dearer = replace(book.offers["site-forms"], amounts={**book.offers["site-forms"].amounts, Interval.MONTH: 700})
        changed = replace(book, offers={**book.offers, "site-forms": dearer})
        before = _living(shop, "site-forms.month.gross")

        found = Sync(shop.gateways, changed).run()
        assert {(one.what, one.key) for one in found} == {
            ("differs", "site-forms.month.gross"),
            ("differs", "site-forms.month.net"),
        }
        after = _living(shop, "site-forms.month.gross")
        assert (after.amount, before.amount) == (700, 600)
        assert after.stripe_price != before.stripe_price
        old = shop.gateways.stripe._get("prices", before.stripe_price)
        assert (old["active"], old["unit_amount"]) == (False, 600)

        Sync(shop.gateways, book).run()  # and back, for the tests that follow
        shop.vendors.prices.clear()
        assert drift(shop.gateways) == []

    def test_a_price_that_somebody_archived_is_reported(self, shop: Shop) -> None:
        row = _living(shop, "site-storage.month.net")
        shop.gateways.stripe.change_catalogue("prices", row.stripe_price, {"active": False})
        assert [(one.what, one.key) for one in drift(shop.gateways)] == [("missing", "site-storage.month.net")]
        sync(shop.gateways)
        shop.vendors.prices.clear()
        assert drift(shop.gateways) == []


def _living(shop: Shop, key: str) -> CatalogPrice:
    with shop.gateways.db.transaction() as session:
        query = select(CatalogPrice).where(CatalogPrice.lookup_key == key, col(CatalogPrice.archived_at).is_(None))
        return session.exec(query).one()


class TestMetering:
    def test_usage_is_told_once(self, shop: Shop) -> None:
        order = shop.live({"creator-small": 1}, quoted={"line": "creator"}, slug="streamer")
        tenant = shop.tenant(order)
        for quantity in (120, 999):  # the second one is for a period that was noted
            with shop.gateways.db.transaction() as session:
                metering.note(
                    session,
                    shop.gateways,
                    tenant_id=tenant.id,
                    order_id=order.id,
                    meter="creator-overage",
                    period="2026-11-20",
                    quantity=quantity,
                    used_at=shop.gateways.now(),
                )
        row = shop.rows(Usage)[0]
        shop.vendors.fault("POST /v1/billing/meter_events", "timeout_after", times=1)
        with pytest.raises(TryLater):  # counted, but the answer was lost
            metering.push(shop.gateways, row.id)
        metering.push(shop.gateways, row.id)
        metering.push(shop.gateways, row.id)
        assert shop.rows(Usage)[0].sent_at
        assert len(shop.rows(Usage)) == 1
        meter = next(
            one
            for one in shop.gateways.stripe.catalogue("billing.meters")
            if one["event_name"] == "creator_overage_cents"
        )
        now = int(shop.gateways.now().timestamp()) // 60 * 60  # the vendor takes whole minutes
        found = shop.gateways.stripe._client.v1.billing.meters.event_summaries.list(
            meter["id"], {"customer": order.stripe_customer, "start_time": now - 7200, "end_time": now + 7200}
        )
        assert sum(one.aggregated_value for one in found.data) == 120
