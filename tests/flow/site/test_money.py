"""What money does to a site, at the real edge: a banner, closed, frozen, open again."""

from datetime import timedelta

import pytest

from controlplane.billing import banner, fulfilment, standing
from controlplane.billing.ledger import Subscription
from controlplane.billing.models import Order, OrderState, Quote
from controlplane.core.ids import new_id
from controlplane.provisioning import service as operations
from controlplane.provisioning.models import Kind, Phase
from tenants.lifecycle import State
from tests.fixtures.http import make_customer
from tests.fixtures.polling import poll
from tests.fixtures.product import TestClock
from tests.fixtures.world import World


class Bought:
    """A live site with the order and the subscription that pay for it."""

    def __init__(self, world: World, clock: TestClock, slug: str) -> None:
        self.world, self.clock, self.tenant = world, clock, world.tenant(slug)
        assert world.do(self.tenant, Kind.PROVISION).phase == Phase.DONE
        now, customer = clock(), make_customer(world.gateways)
        quote = Quote(line="site", selection={}, subtotal=3900, total=3900, valid_until=now)
        self.order = Order(
            id=self.tenant.order_id, token=new_id(), quote_id=quote.id, customer_id=customer.id, product="site",
            slug=slug, name="Blumen Anna", buyer={"email": customer.email}, state=OrderState.FUNDED, funded_at=now,
            tenant_id=self.tenant.id, selection=SELECTION,
        )  # fmt: skip
        self.subscription = Subscription(
            stripe_id=f"sub_{new_id()}", order_id=self.order.id, status="active", read_at=now
        )
        with world.gateways.db.transaction() as session:
            for row in (quote, self.order, self.subscription):
                session.add(row)
                session.flush()

    def now_says(self, status: str, *, frozen: str = "") -> None:
        """The mirror of Stripe; then the rules, the workers and the edge, until all of them agree."""
        with self.world.gateways.db.transaction() as session:
            row = session.get_one(Subscription, self.subscription.id)
            row.status = status
            row.past_due_since = self.clock() if status == "past_due" else None
            fulfilment.locked(session, self.order.id).frozen = frozen
        self.settle()

    def settle(self) -> None:
        for _step in range(5):
            with self.world.gateways.db.transaction() as session:
                standing.steer(session, self.world.gateways, fulfilment.locked(session, self.order.id))
                running = operations.open_operation(session, self.tenant.id)
            if running:
                assert self.world.work(running).phase == Phase.DONE
            self.clock.advance(seconds=20)
        banner.run(self.world.gateways, self.order.id)

    @property
    def state(self) -> State:
        return self.world.reread(self.tenant).state

    def at_edge(self) -> tuple[str, str | None]:
        document = self.world.gateways.edge.tenant(self.tenant.id) or {}
        return document["status"], document["banner"]

    def visitors_get(self, status: int) -> None:
        host = f"{self.tenant.slug}.localhost"
        poll(lambda: self.world.gateways.edge.probe(host).status, until=lambda found: found == status, seconds=60)


SELECTION = {"line": "site", "interval": "month", "offers": {"site-business": 1}, "added": []}


@pytest.fixture
def bought(world: World, clock: TestClock) -> Bought:
    return Bought(world, clock, "pays-late")


def test_a_banner_then_closed_then_paid_then_frozen_until_a_person_looked(bought: Bought) -> None:
    bought.now_says("past_due")
    grace = timedelta(days=bought.world.gateways.settings.selling.grace_days)
    status, text = bought.at_edge()
    assert (bought.state, status) == (State.PAST_DUE, "past_due")
    assert text
    assert text.startswith(f"suspends_at:{bought.clock() + grace:%Y-%m}")
    bought.visitors_get(200)

    bought.clock.advance(days=grace.days + 1)
    bought.settle()
    assert (bought.state, bought.at_edge()) == (State.SUSPENDED, ("suspended", None))
    bought.visitors_get(503)

    bought.now_says("active")
    assert (bought.state, bought.at_edge()) == (State.ACTIVE, ("active", None))
    bought.visitors_get(200)

    bought.now_says("active", frozen="dispute")
    assert (bought.state, bought.at_edge()) == (State.QUARANTINED, ("frozen", None))
    bought.visitors_get(503)
    answer = bought.world.gateways.edge.probe(f"{bought.tenant.slug}.localhost")
    assert "Blumen Anna" not in answer.body

    bought.now_says("active")
    assert (bought.state, bought.at_edge()) == (State.ACTIVE, ("active", None))
    bought.visitors_get(200)
