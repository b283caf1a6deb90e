"""Sponsors: a place belongs to one on a day, is paid before it is shown, and free again when it is given up."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from programs.creator.modules.sponsor_system import privacy
from programs.creator.modules.sponsor_system.handlers import sponsor
from tests.unit.creator.conftest import REGION, Reply, Site, told
from tests.unit.creator.stripe_account import StripeAccount

PERSON = {"user-agent": "Mozilla/5.0"}


@pytest.fixture(autouse=True)
def settings(stripe: StripeAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    del stripe
    told = {"SLOTS": "top left", "PRICE_PER_DAY": "500", "MAX_DAYS": "365", "IMAGE_KILOBYTES": "10"}
    for name, value in {**told, "AUTO_APPROVE": "no"}.items():
        monkeypatch.setenv(name, value)


def day(number: int) -> str:
    return (datetime.now(UTC).date() + timedelta(days=number)).isoformat()


def booked(site: Site, first: int, last: int, who: str = "acme", **more: Any) -> Reply:
    body = {"company": "Acme", "slot": "top", "startDate": day(first), "endDate": day(last), **more}
    headers = {"idempotency-key": str(uuid.uuid4())}
    body.setdefault("targetUrl", "https://acme.example/")
    return site.call("POST", "/sponsor/bookings", body, token=site.person(who), headers=headers)


def paid(site: Site, stripe: StripeAccount, id: str) -> dict[str, Any]:
    page = next(doc for doc in stripe.docs.values() if doc.get("metadata", {}).get("id") == id)
    assert told(site, "checkout.session.completed", stripe.pay(page["id"])) == 200
    return page


def pictured(site: Site, id: str) -> None:
    path, picture = f"/sponsor/bookings/{id}/image", {"contentType": "image/png", "size": 10}
    assert site.call("POST", path, picture, token=site.person("other")).status == 404
    answer = site.call("POST", path, picture, token=site.person("acme"))
    key = answer.body["imageUrl"].partition("anna.example/")[2]
    boto3.client("s3", REGION).put_object(Bucket="media", Key=key, Body=b"0123456789")


def decided(site: Site, id: str, status: str) -> Reply:
    return site.call("PATCH", f"/sponsor/bookings/{id}", {"status": status}, token=site.person("owner", "admin"))


def shown(site: Site) -> Any:
    return site.call("GET", "/sponsor/active").body["slots"]


def running(site: Site, stripe: StripeAccount) -> str:
    id = str(booked(site, 0, 2).body["sponsorId"])
    paid(site, stripe, id)
    pictured(site, id)
    assert decided(site, id, "active").status == 200
    return id


class TestBooking:
    def test_no_day_of_a_place_is_booked_twice(self, site: Site) -> None:
        spans = [(10, 12), (12, 14), (8, 10), (11, 11), (5, 20), (13, 14), (8, 9)]
        assert [booked(site, *span).status for span in spans] == [201, 409, 409, 409, 409, 201, 201]
        assert booked(site, 10, 12, slot="left").status == 201

    def test_a_year_is_one_booking(self, site: Site) -> None:
        answer = booked(site, 1, 365)
        assert (answer.status, answer.body["price"]) == (201, 365 * 500)
        assert booked(site, 200, 200).status == 409

    @pytest.mark.parametrize(
        ("first", "last", "more", "field"),
        [
            (-1, 1, {}, "startDate"),
            (2, 1, {}, "endDate"),
            (1, 366, {}, "endDate"),
            (1, 2, {"slot": "right"}, "slot"),
            (1, 2, {"targetUrl": "http://acme.example/"}, "targetUrl"),
            (1, 2, {"targetUrl": "javascript:alert(1)"}, "targetUrl"),
            (1, 2, {"startDate": "tomorrow"}, "startDate"),
        ],
    )
    def test_input_is_checked(self, site: Site, first: int, last: int, more: dict[str, str], field: str) -> None:
        assert booked(site, first, last, **more).body["error"]["field"] == field

    def test_a_page_that_closed_frees_the_days(self, site: Site, stripe: StripeAccount) -> None:
        id = booked(site, 1, 40).body["sponsorId"]
        page = next(doc for doc in stripe.docs.values() if doc.get("metadata", {}).get("id") == id)
        assert told(site, "checkout.session.expired", stripe.expire(page["id"])) == 200
        assert booked(site, 40, 40).status == 201


class TestDeciding:
    def test_shown_when_paid_pictured_and_approved(self, site: Site, stripe: StripeAccount) -> None:
        id = booked(site, 0, 2).body["sponsorId"]
        pictured(site, id)
        assert decided(site, id, "active").status == 409
        paid(site, stripe, id)
        assert shown(site) == {}
        assert decided(site, id, "active").status == 200
        assert shown(site)["top"]["sponsorId"] == id
        assert site.call("POST", f"/sponsor/bookings/{id}/image", {"contentType": "image/png", "size": 10},
                         token=site.person("acme")).status == 409  # fmt: skip

    def test_without_a_picture_nothing_is_shown(self, site: Site, stripe: StripeAccount) -> None:
        id = booked(site, 0, 2).body["sponsorId"]
        paid(site, stripe, id)
        assert decided(site, id, "active").status == 409

    def test_who_is_rejected_gets_the_money_back(self, site: Site, stripe: StripeAccount) -> None:
        id = booked(site, 0, 2).body["sponsorId"]
        page = paid(site, stripe, id)
        assert decided(site, id, "rejected").body["status"] == "rejected"
        assert [fields for _, path, fields, _ in stripe.asked if path == "refunds"] == [
            {"payment_intent": f"pi_{page['id']}"}
        ]
        assert booked(site, 0, 2).status == 201
        assert decided(site, id, "active").status == 409

    def test_only_the_creator_decides_and_sees_all(self, site: Site, stripe: StripeAccount) -> None:
        id = running(site, stripe)
        path = f"/sponsor/bookings/{id}"
        assert site.call("PATCH", path, {"status": "rejected"}, token=site.person("acme")).status == 403
        assert site.call("GET", "/sponsor/bookings", token=site.person("other")).body["items"] == []
        for token in (site.person("acme"), site.person("owner", "admin")):
            [row] = site.call("GET", "/sponsor/bookings", token=token).body["items"]
            assert (row["status"], row["paid"]) == ("active", True)


class TestShowing:
    def test_people_are_counted_and_machines_are_not(self, site: Site, stripe: StripeAccount) -> None:
        id = running(site, stripe)
        for agent in ("Mozilla/5.0", "Googlebot/2.1"):
            assert site.call("POST", f"/sponsor/{id}/view", headers={"user-agent": agent}).status == 204
            followed = site.call("GET", f"/sponsor/{id}/click", headers={"user-agent": agent})
            assert (followed.status, followed.headers["location"]) == (302, "https://acme.example/")
        [row] = site.call("GET", "/sponsor/bookings", token=site.person("acme")).body["items"]
        assert (row["views"], row["clicks"]) == (1, 1)
        assert site.call("GET", "/sponsor/slot%23top/click").status == 400

    def test_the_hour_ends_what_is_over(
        self, site: Site, stripe: StripeAccount, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        id = running(site, stripe)
        sponsor.handle({"source": "aws.events"})
        assert shown(site)["top"]["sponsorId"] == id
        monkeypatch.setattr(sponsor, "today", lambda: day(3))
        sponsor.handle({"source": "aws.events"})
        assert shown(site) == {}
        assert site.call("GET", f"/sponsor/{id}/click", headers=PERSON).status == 404


def test_erasing_leaves_the_company(site: Site, stripe: StripeAccount) -> None:
    running(site, stripe)
    assert privacy.erase("acme", "") == {"bookings": 1}
    assert privacy.export("acme", "") == []
    assert shown(site)["top"]["company"] == "Acme"
