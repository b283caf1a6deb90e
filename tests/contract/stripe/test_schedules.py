"""Schedules: phases of a subscription that take over from each other."""

import pytest
import stripe

from tests.contract.stripe.shop import DAY, START, Shop

MONTH = 31 * DAY  # January to February of the test year


class TestSchedules:
    def test_phases_take_over_from_each_other(self, shop: Shop) -> None:
        clock = shop.clock()
        customer = shop.customer(test_clock=clock.id)
        big = shop.price_of(4900)
        phases = [
            {"items": [{"price": shop.price, "quantity": 1}], "duration": {"interval": "month"}},
            {"items": [{"price": big, "quantity": 1}], "duration": {"interval": "month"}, "proration_behavior": "none"},
        ]
        schedule = shop.v1.subscription_schedules.create(
            {"customer": customer.id, "start_date": "now", "end_behavior": "cancel", "phases": phases}
        )
        assert (schedule.status, len(schedule.phases)) == ("active", 2)
        subscription = shop.v1.subscriptions.retrieve(schedule.subscription)
        assert (subscription.schedule, subscription.status) == (schedule.id, "active")
        shop.advance(clock, START + MONTH + 2 * 3600)
        subscription = shop.v1.subscriptions.retrieve(schedule.subscription)
        assert subscription["items"].data[0].price.id == big
        shop.advance(clock, START + 60 * DAY)
        assert shop.v1.subscription_schedules.retrieve(schedule.id).status == "completed"
        assert shop.v1.subscriptions.retrieve(schedule.subscription).status == "canceled"

    def test_adopt_a_subscription_then_release_it(self, shop: Shop) -> None:
        subscription = shop.subscribe(shop.customer())
        schedule = shop.v1.subscription_schedules.create({"from_subscription": subscription.id})
        (now,) = schedule.phases
        small = shop.price_of(900)
        items = [{"price": item.price, "quantity": item.quantity} for item in now["items"]]
        later = {"items": [{"price": small}], "duration": {"interval": "month"}}
        first = {"items": items, "start_date": now.start_date, "end_date": now.end_date}
        schedule = shop.v1.subscription_schedules.update(schedule.id, {"phases": [first, later]})
        assert [phase["items"][0].price for phase in schedule.phases] == [shop.price, small]
        released = shop.v1.subscription_schedules.release(schedule.id)
        assert (released.status, released.released_subscription) == ("released", subscription.id)
        assert shop.v1.subscriptions.retrieve(subscription.id).schedule is None
        with pytest.raises(stripe.InvalidRequestError):
            shop.v1.subscription_schedules.cancel(schedule.id)
