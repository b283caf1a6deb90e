"""Events: no seat is sold twice."""

import time
import uuid
from typing import Any

import pytest

from programs.creator.modules.events import privacy
from programs.creator.modules.events.handlers import events, tickets
from tests.unit.creator.conftest import Reply, Site, swept, told
from tests.unit.creator.stripe_account import StripeAccount

EVENT = {"title": "Premiere", "description": "", "date": "2027-01-01T19:00:00Z", "location": "Köln"}


@pytest.fixture(autouse=True)
def settings(stripe: StripeAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    del stripe
    monkeypatch.setenv("TICKETS_EACH", "4")
    monkeypatch.setenv("HOLD_MINUTES", "30")


def owner(site: Site) -> str:
    return site.person("owner", "admin")


def announced(site: Site, seats: int, **more: Any) -> str:
    answer = site.call("POST", "/events", {**EVENT, "ticketsAvailable": seats, **more}, token=owner(site))
    assert answer.status == 201, answer.body
    return str(answer.body["eventId"])


def booked(site: Site, event: str, who: str, qty: int, key: str = "") -> Reply:
    headers = {"idempotency-key": key or str(uuid.uuid4())}
    return site.call("POST", f"/events/{event}/tickets", {"qty": qty}, token=site.person(who), headers=headers)


def remaining(site: Site, event: str) -> int:
    return int(site.call("GET", f"/events/{event}").body["remaining"])


class TestSeats:
    def test_the_last_seat_goes_once(self, site: Site) -> None:
        event = announced(site, 3)
        assert [booked(site, event, who, 2).status for who in ("a", "b")] == [201, 409]
        assert booked(site, event, "b", 1).status == 201
        assert remaining(site, event) == 0

    def test_a_seat_that_went_in_between_is_not_sold_again(self, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
        event = announced(site, 1)
        stale = events.find(event)
        assert booked(site, event, "a", 1).status == 201
        assert not tickets._taken(stale, "b", ["late-0"])
        assert tickets.of("b") == []

    def test_each_person_gets_so_many(self, site: Site) -> None:
        event = announced(site, 100)
        assert [booked(site, event, "a", qty).status for qty in (3, 2, 1, 1, 5)] == [201, 409, 201, 409, 409]
        assert remaining(site, event) == 96

    def test_a_repeated_request_is_one_booking(self, site: Site) -> None:
        event, key = announced(site, 10), str(uuid.uuid4())
        first, second = booked(site, event, "a", 2, key), booked(site, event, "a", 2, key)
        assert first.body == second.body
        assert remaining(site, event) == 8
        assert booked(site, event, "a", 1, key).status == 409
        assert booked(site, event, "a", 1, "no-uuid").status == 400

    def test_capacity_never_falls_below_what_is_sold(self, site: Site) -> None:
        event = announced(site, 3)
        booked(site, event, "a", 2)
        assert site.call("PATCH", f"/events/{event}", {"ticketsAvailable": 1}, token=owner(site)).status == 409
        assert site.call("PATCH", f"/events/{event}", {"ticketsAvailable": 2}, token=owner(site)).status == 200
        assert booked(site, event, "b", 1).status == 409


class TestPaying:
    def held(self, site: Site, stripe: StripeAccount, event: str) -> Any:
        assert list(booked(site, event, "a", 2).body) == ["checkoutUrl"]
        return next(doc for doc in stripe.docs.values() if doc["status"] == "open")

    def mine(self, site: Site) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = site.call("GET", "/events/tickets/mine", token=site.person("a")).body["items"]
        return found

    def test_seats_are_held_until_the_money_is_there(self, site: Site, stripe: StripeAccount) -> None:
        event = announced(site, 2, price=1200)
        page = self.held(site, stripe, event)
        assert page["amount_total"] == 2400
        assert [("code" in row, row["status"]) for row in self.mine(site)] == [(False, "held")] * 2
        assert booked(site, event, "b", 1).status == 409
        assert told(site, "checkout.session.completed", stripe.pay(page["id"])) == 200
        [ticket, _] = self.mine(site)
        door = site.call("POST", f"/events/{event}/checkin", {"code": ticket["code"]}, token=owner(site))
        assert (ticket["status"], door.status, len(site.mails)) == ("valid", 200, 1)

    def test_a_held_ticket_opens_no_door(self, site: Site, stripe: StripeAccount) -> None:
        event = announced(site, 2, price=1200)
        self.held(site, stripe, event)
        shown = {"code": tickets.code(event, self.mine(site)[0]["ticketId"])}
        assert site.call("POST", f"/events/{event}/checkin", shown, token=owner(site)).status == 409

    def test_a_hold_ends(self, site: Site, stripe: StripeAccount, monkeypatch: pytest.MonkeyPatch) -> None:
        event = announced(site, 2, price=1200)
        page = self.held(site, stripe, event)
        swept()
        assert remaining(site, event) == 0
        now = time.time()
        monkeypatch.setattr("programs.creator.runtime.moments.time.time", lambda: now + 1900)
        swept()
        assert (remaining(site, event), stripe.docs[page["id"]]["status"]) == (2, "expired")
        assert {row["status"] for row in self.mine(site)} == {"void"}
        assert told(site, "checkout.session.expired", stripe.docs[page["id"]]) == 200
        assert remaining(site, event) == 2
        assert booked(site, event, "a", 2).status == 201

    def test_a_refund_gives_the_seats_back(self, site: Site, stripe: StripeAccount) -> None:
        event = announced(site, 2, price=1200)
        page = stripe.pay(self.held(site, stripe, event)["id"])
        assert told(site, "checkout.session.completed", page) == 200
        assert told(site, "charge.refunded", stripe.docs[f"ch_{page['id']}"]) == 200
        assert remaining(site, event) == 2

    def test_a_price_is_nothing_or_worth_a_payment(self, site: Site) -> None:
        body = {**EVENT, "ticketsAvailable": 1, "price": 49}
        assert site.call("POST", "/events", body, token=owner(site)).body["error"]["field"] == "price"


class TestTickets:
    def test_a_ticket_opens_the_door_once(self, site: Site) -> None:
        event, other = announced(site, 5), announced(site, 5)
        [ticket] = booked(site, event, "a", 1).body["tickets"]
        [mine] = site.call("GET", "/events/tickets/mine", token=site.person("a")).body["items"]
        assert mine["code"] == ticket["code"]
        code = {"code": ticket["code"]}
        assert site.call("POST", f"/events/{event}/checkin", code, token=site.person("a")).status == 403
        assert site.call("POST", f"/events/{other}/checkin", code, token=owner(site)).status == 404
        forged = {"code": ticket["code"][:-1] + ("0" if ticket["code"][-1] != "0" else "1")}
        assert site.call("POST", f"/events/{event}/checkin", forged, token=owner(site)).status == 404
        states = [site.call("POST", f"/events/{event}/checkin", code, token=owner(site)).status for _ in range(2)]
        assert states == [200, 409]

    def test_erasing_leaves_the_seat_without_the_person(self, site: Site) -> None:
        event = announced(site, 5)
        booked(site, event, "a", 2)
        assert len(privacy.export("a", "")) == 2
        assert privacy.erase("a", "") == {"tickets": 2}
        assert privacy.export("a", "") == []
        assert remaining(site, event) == 3


class TestListing:
    def test_visitors_see_open_events_in_time(self, site: Site) -> None:
        shown = announced(site, 1)
        announced(site, 1, status="hidden")
        announced(site, 1, date="2028-01-01T19:00:00Z")
        found = site.call("GET", "/events?to=2027-12-31T00:00:00Z").body["items"]
        assert [row["eventId"] for row in found] == [shown]

    def test_an_event_with_tickets_is_cancelled_not_deleted(self, site: Site) -> None:
        free, sold = announced(site, 1), announced(site, 1)
        booked(site, sold, "a", 1)
        assert site.call("DELETE", f"/events/{free}", token=owner(site)).status == 204
        assert site.call("GET", f"/events/{free}").status == 404
        assert site.call("DELETE", f"/events/{sold}", token=owner(site)).body["status"] == "cancelled"
        assert booked(site, sold, "b", 1).status == 410
