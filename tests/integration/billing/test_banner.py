"""What the edge shows because of money, told after the move and not before."""

from dataclasses import replace
from typing import Any

import pytest

from controlplane.billing import banner, tasks
from controlplane.billing.models import Order
from controlplane.core.errors import TryLater
from controlplane.provisioning import service as operations
from controlplane.provisioning.models import Kind
from controlplane.worker import JOBS
from tests.fixtures.shop import Shop
from tests.integration.billing.test_year import BAD, GOOD, days, use_card


class Edge:
    """Our own edge, as far as this needs it: it takes documents of rising revision."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []
        self.is_down = False

    def put_tenant(self, _tenant_id: str, document: dict[str, Any]) -> None:
        if self.is_down:
            raise TryLater("the edge does not answer")
        assert not self.told or document["rev"] > self.told[-1]["rev"]
        self.told.append(document)

    def close(self) -> None: ...


@pytest.fixture
def edge(shop: Shop) -> Edge:
    shop.vendors.sim("POST", "/settings", {"after_retries": "cancel", "retry_days": [3, 5, 7]})
    shop.start_test_clock()
    edge: Any = Edge()
    shop.gateways = replace(shop.gateways, edge=edge)
    found: Edge = edge
    return found


def tell(shop: Shop) -> None:
    for order in shop.rows(Order):
        banner.run(shop.gateways, order.id)


def last(edge: Edge) -> tuple[str, str | None]:
    return edge.told[-1]["status"], edge.told[-1]["banner"]


def test_a_missing_payment_shows_until_when_it_stays_up_and_goes_with_the_payment(shop: Shop, edge: Edge) -> None:
    order = shop.live()
    tell(shop)
    assert edge.told == []  # the operation said it already
    use_card(shop, order, BAD)
    days(shop, 32)
    tell(shop)
    tell(shop)
    assert len(edge.told) == 1
    status, text = last(edge)
    assert status == "past_due"
    assert text
    assert text.startswith("suspends_at:20")

    use_card(shop, order, GOOD)
    days(shop, 3)
    tell(shop)
    assert last(edge) == ("active", None)


def test_an_edge_that_is_down_is_told_later(shop: Shop, edge: Edge) -> None:
    order = shop.live()
    use_card(shop, order, BAD)
    days(shop, 32)
    edge.is_down = True
    tell(shop)
    assert shop.rows(Order)[0].edge_due_at is not None
    edge.is_down = False
    shop.clock.advance(seconds=20)
    with shop.gateways.db.transaction() as session:
        assert [found.row_id for found in banner.due(session, shop.gateways)] == [order.id]
    tell(shop)
    assert shop.rows(Order)[0].edge_due_at is None
    assert last(edge)[0] == "past_due"


def test_what_an_operation_is_about_to_say_is_not_said_against_it(shop: Shop, edge: Edge) -> None:
    order = shop.live()
    use_card(shop, order, BAD)
    days(shop, 32)
    with shop.gateways.db.transaction() as session:
        operations.request(session, shop.gateways, shop.tenant(order), Kind.SUSPEND, cause="test")
    tell(shop)
    assert edge.told == []
    shop.finish_operations()
    shop.clock.advance(seconds=20)
    tell(shop)
    assert last(edge) == ("suspended", None)


def test_a_frozen_site_is_frozen_at_the_edge(shop: Shop, edge: Edge) -> None:
    order = shop.live()
    charge = shop.gateways.stripe.charges(order.stripe_customer)[0].id
    shop.vendors.sim("POST", "/disputes", {"charge": charge})
    shop.settle()
    shop.finish_operations()
    shop.clock.advance(seconds=20)
    shop.steer()
    assert shop.tenant(order).state == "quarantined"
    shop.clock.advance(seconds=20)
    tell(shop)
    assert last(edge) == ("frozen", None)


def test_the_job_is_registered() -> None:
    assert tasks.TELL_EDGE in {job.name for job in JOBS["quick"]}
