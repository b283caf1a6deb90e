"""What has had its time goes; what became a purchase stays."""

from controlplane.billing import tasks
from controlplane.billing.models import Consent, Customer, Order, Quote
from controlplane.core import retention
from controlplane.delivery import retention as letters
from controlplane.delivery.models import Email, EmailState
from controlplane.inbox import tasks as inbox
from controlplane.inbox.models import EventState, InboxEvent
from controlplane.worker import TICKS
from tests.fixtures.shop import Shop


def test_quotes_and_checkouts_nobody_finished_go_after_a_month(shop: Shop) -> None:
    bought = shop.live()
    left = shop.order(slug="left-behind", email="left@example.com")
    shop.gateways.stripe.expire_session(left.stripe_session or "")
    shop.settle()
    shop.quote()
    tasks.forget(shop.gateways)
    assert (len(shop.rows(Order)), len(shop.rows(Quote))) == (2, 3)

    shop.clock.advance(days=31)
    tasks.forget(shop.gateways)
    assert [order.id for order in shop.rows(Order)] == [bought.id]
    assert [quote.id for quote in shop.rows(Quote)] == [bought.quote_id]
    assert [customer.id for customer in shop.rows(Customer)] == [bought.customer_id]
    assert {consent.order_id for consent in shop.rows(Consent)} == {bought.id}


def test_letters_lose_their_contents_and_later_their_row(shop: Shop) -> None:
    shop.live()
    shop.send_letters()
    letter = shop.rows(Email)[0]
    assert letter.state == EmailState.SENT
    shop.clock.advance(days=31)
    letters.tick(shop.gateways)
    blinded = shop.rows(Email)[0]
    assert blinded.data == {}
    assert "buyer" not in blinded.to
    path = f"/v1/emails/{letter.id}"
    assert (shop.operator.get(path).status_code, shop.operator.get(path).json()["code"]) == (410, "letter_forgotten")
    assert shop.operator.get("/v1/emails").json()["emails"][0]["to"] == "…"
    assert shop.operator.post(f"{path}/resend").status_code == 409

    shop.clock.advance(days=400)
    letters.tick(shop.gateways)
    assert shop.rows(Email) == []


def test_events_go_after_thirteen_months_and_open_ones_stay(shop: Shop) -> None:
    shop.live()
    with shop.gateways.db.transaction() as session:
        session.add(InboxEvent(source="stripe", external_id="evt_open", type="x", state=EventState.PARKED))
    shop.clock.advance(days=390)
    inbox.forget_old(shop.gateways)
    assert len(shop.rows(InboxEvent)) > 3
    shop.clock.advance(days=10)
    inbox.forget_old(shop.gateways)
    assert [row.external_id for row in shop.rows(InboxEvent)] == ["evt_open"]


def test_more_than_one_batch_goes_in_one_night(shop: Shop) -> None:
    with shop.gateways.db.transaction() as session:
        for number in range(retention.BATCH + 7):
            row = InboxEvent(source="test", external_id=str(number), type="x", state=EventState.HANDLED)
            session.add(row)
    shop.clock.advance(days=400)
    inbox.forget_old(shop.gateways)
    assert shop.rows(InboxEvent) == []


def test_the_brooms_are_registered() -> None:
    assert {"old_events", "old_letters", "old_quotes", "identity"} <= {tick.name for tick in TICKS}
