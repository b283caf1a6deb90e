"""What a tier promises, what it is built as, and what it is quoted as are the same."""

import pytest

from controlplane.billing.running_cost import ExpectedUsage, estimate, price_book
from programs.creator.registry import MODULES
from programs.creator.tiers import TIERS, TierName

EVERY = frozenset(MODULES)
# What the price includes: the usage behind `costs`, asked the way that buyers are asked.
INCLUDED = {
    "small": ExpectedUsage(stream_hours=60, viewers=11, resolution="hd", page_views=250_000),
    "medium": ExpectedUsage(stream_hours=30, viewers=27, resolution="hd", page_views=500_000),
    "large": ExpectedUsage(stream_hours=80, viewers=41, resolution="hd", page_views=1_000_000),
}
BY_TIER = pytest.mark.parametrize("tier", TIERS)


@BY_TIER
def test_the_quote_is_about_what_the_tier_costs(tier: TierName) -> None:
    quoted = estimate(INCLUDED[tier], tier=tier, modules=EVERY, book=price_book())
    assert quoted["total"] / 100 == pytest.approx(sum(TIERS[tier].costs.values()), rel=0.2)


@BY_TIER
def test_each_service_of_the_quote_is_in_the_table(tier: TierName) -> None:
    quoted = estimate(INCLUDED[tier], tier=tier, modules=EVERY, book=price_book())
    assert {row["service"] for row in quoted["rows"]} == set(TIERS[tier].costs)


@BY_TIER
def test_what_is_built_is_what_is_priced(tier: TierName) -> None:
    book, limits = price_book(), TIERS[tier]
    assert limits.memory / 1024 == book["lambda"]["gigabytes"][tier]
    kinds = {("BASIC", False): 0.20, ("STANDARD", False): 2.00, ("STANDARD", True): 0.50}
    assert book["ivs"]["input_hour"][tier] == kinds[limits.channel, limits.multitrack]
    assert bool(limits.scaled) == (book["shape"]["writes_per_call"][tier] == 0)


@BY_TIER
def test_the_budget_leaves_a_fifth(tier: TierName) -> None:
    assert TIERS[tier].budget == pytest.approx(1.2 * sum(TIERS[tier].costs.values()), rel=0.03)
