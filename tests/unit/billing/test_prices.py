"""The rule of all prices, for any selection somebody could make."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controlplane.billing.catalog import Interval, catalog
from controlplane.billing.catalog_sync import wanted_prices
from controlplane.billing.quotes import price
from controlplane.billing.running_cost import ExpectedUsage, estimate, price_book
from controlplane.billing.selection import base_of, of_json, rights, select
from controlplane.core.errors import Invalid
from tenants.naming import NameRefused, check_slug

BOOK = catalog()
PLANS = ("site-start", "site-pro", "site-business")
MODULES = sorted(key for key, offer in BOOK.offers.items() if offer.kind == "module")

sites = st.builds(
    lambda plan, forms, storage, setup: {
        plan: 1,
        **({"site-forms": 1} if forms else {}),
        **({"site-storage": storage} if storage else {}),
        **({"site-setup": 1} if setup else {}),
    },
    st.sampled_from(PLANS),
    st.booleans(),
    st.integers(0, 20),
    st.booleans(),
)
creators = st.builds(
    lambda tier, modules: {tier: 1, **dict.fromkeys(modules, 1)},
    st.sampled_from(("creator-small", "creator-medium", "creator-large")),
    st.sets(st.sampled_from(MODULES)),
)
intervals = st.sampled_from((Interval.MONTH, Interval.YEAR))


class TestSelections:
    @given(creators, intervals)
    def test_what_is_needed_is_added_and_nothing_else(self, offers: dict[str, int], interval: Interval) -> None:
        found = select(BOOK, line="creator", interval=interval, offers=offers)
        for key in found.offers:
            assert set(BOOK.offer(key).requires) <= set(found.offers)
        assert {"s3-website", "user-auth", "monitoring", "backup"} <= set(found.offers)
        assert set(found.offers) == set(offers) | set(found.added)
        assert of_json(found.as_json()) == found
        assert set(rights(BOOK, found)["modules"]) == {key for key in found.offers if key in MODULES}

    @pytest.mark.parametrize(
        ("offers", "code"),
        [
            ({}, "one_base"),
            ({"site-start": 1, "site-pro": 1}, "one_base"),
            ({"site-pro": 1, "site-domain": 1}, "excluded"),
            ({"site-pro": 1, "site-storage": 21}, "quantity"),
            ({"site-pro": 0}, "quantity"),
            ({"site-pro": 1, "polls": 1}, "other_line"),
            ({"site-pro": 1, "gold": 1}, "unknown_offer"),
        ],
    )
    def test_what_does_not_go_together_is_refused(self, offers: dict[str, int], code: str) -> None:
        with pytest.raises(Invalid) as refused:
            select(BOOK, line="site", interval=Interval.MONTH, offers=offers)
        assert refused.value.problem_code == code

    @given(sites, intervals)
    def test_more_is_never_less(self, offers: dict[str, int], interval: Interval) -> None:
        found = rights(BOOK, select(BOOK, line="site", interval=interval, offers=offers))
        least = BOOK.lines["site"]["limits"]
        assert all(found["limits"][name] >= least[name] for name in least)
        assert set(found["limits"]) == {"file_bytes", "site_bytes", "files", "releases", "form_per_day"}
        assert set(found["features"]) == {"own_domain", "forms", "spa", "preview", "mail_own"}


class TestPrices:
    @given(sites, intervals, st.sampled_from(("private", "company")), st.sampled_from(("", "START20", "PROBE14")))
    def test_parts_add_up(self, offers: dict[str, int], interval: Interval, buyer: str, code: str) -> None:
        selection = select(BOOK, line="site", interval=interval, offers=offers)
        found = price(BOOK, selection, buyer=buyer, country="DE", discount=BOOK.discounts.get(code))
        assert found.total == found.subtotal - found.discount >= 0
        assert all(line.unit > 0 for line in found.lines)
        plain = price(BOOK, selection, buyer=buyer, country="DE", discount=None)
        assert found.recurring == plain.recurring <= plain.total
        assert found.total <= plain.total

    @given(sites)
    def test_a_company_at_home_pays_what_a_private_buyer_pays(self, offers: dict[str, int]) -> None:
        selection = select(BOOK, line="site", interval=Interval.MONTH, offers=offers)
        private = price(BOOK, selection, buyer="private", country="DE", discount=None)
        company = price(BOOK, selection, buyer="company", country="DE", discount=None)
        pieces = sum(line.quantity for line in company.lines)
        assert abs(company.total + company.tax - private.total) <= pieces

    def test_each_price_has_one_lookup_key(self) -> None:
        keys = [wanted.lookup_key for wanted in wanted_prices(BOOK)]
        assert len(keys) == len(set(keys))
        assert "site-pro.month.gross" in keys

    def test_everything_is_said_in_both_languages(self) -> None:
        for offer in BOOK.offers.values():
            assert offer.texts["de"]["name"]
            assert offer.texts["en"]["summary"]
        assert {text.kind for text in BOOK.consents if text.required} == {"terms", "processing", "immediate_start"}


class TestRunningCost:
    @pytest.mark.parametrize(
        ("tier", "usage", "dollars"),
        [
            ("small", ExpectedUsage(60, 11, "hd", 250_000), 90),
            ("medium", ExpectedUsage(30, 27, "hd", 500_000), 200),
            ("large", ExpectedUsage(80, 41, "fhd", 1_000_000), 500),
        ],
    )
    def test_typical_use_costs_about_what_the_tier_was_made_for(
        self, tier: str, usage: ExpectedUsage, dollars: int
    ) -> None:
        found = estimate(usage, tier=tier, modules=frozenset(MODULES), book=price_book())
        assert Decimal("0.7") * dollars * 100 < found["total"] < Decimal("1.5") * dollars * 100
        assert found["total"] == sum(row["amount"] for row in found["rows"])
        assert all(row["source"] and date.fromisoformat(row["date"]) for row in found["rows"])
        assert found["date"] == price_book()["date"]

    @given(st.integers(0, 700), st.integers(0, 5000), st.integers(0, 10**7))
    def test_more_use_never_costs_less(self, hours: int, viewers: int, views: int) -> None:
        book = price_book()
        less = estimate(
            ExpectedUsage(hours, viewers, "hd", views), tier="medium", modules=frozenset(MODULES), book=book
        )
        more = ExpectedUsage(hours + 1, viewers + 1, "hd", views + 1000)
        assert estimate(more, tier="medium", modules=frozenset(MODULES), book=book)["total"] >= less["total"]

    def test_without_streaming_nothing_is_streamed(self) -> None:
        found = estimate(ExpectedUsage(60, 100), tier="small", modules=frozenset(), book=price_book())
        assert {"streaming", "chat"}.isdisjoint(row["service"] for row in found["rows"])


def test_the_base_of_a_selection_is_its_plan() -> None:
    found = select(BOOK, line="site", interval=Interval.MONTH, offers={"site-storage": 1, "site-pro": 1})
    assert base_of(BOOK, found).key == "site-pro"


def test_reserved_names_stay_reserved() -> None:
    with pytest.raises(NameRefused):
        check_slug("paypa1")
