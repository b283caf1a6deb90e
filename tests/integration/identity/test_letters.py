"""Customers come in by letter."""

import re

from fastapi.testclient import TestClient
from sqlmodel import select

from controlplane.delivery import service as delivery
from controlplane.delivery.models import Email
from controlplane.identity.models import Link
from tests.fixtures.http import ORIGIN, Door, make_customer


def ask(client: TestClient, email: str, back: str = "/portal") -> None:
    answer = client.post("/v1/auth/links", json={"email": email, "back": back})
    assert (answer.status_code, list(answer.json())) == (202, ["sent"])


def letter(door: Door) -> dict[str, str]:
    """The newest one, as it leaves."""
    with door.gateways.db.transaction() as session:
        rows = session.exec(select(Email).where(Email.kind == "sign_in").order_by(Email.id.desc())).all()  # type: ignore[attr-defined]
    found = delivery.contents(door.gateways, rows[0])
    return {"token": re.search(r"token=(\w+)", found["url"])[1], "code": found["code"]}  # type: ignore[index]


class TestLink:
    def test_it_works_once_in_the_browser_that_asked(self, door: Door) -> None:
        customer, browser = make_customer(door.gateways), door.anonymous()
        ask(browser, customer.email)
        token = letter(door)["token"]
        assert door.anonymous().post("/v1/auth/links/take", json={"token": token}).status_code == 401
        taken = browser.post("/v1/auth/links/take", json={"token": token})
        assert (taken.status_code, taken.json()["back"]) == (200, "/portal")
        assert browser.get("/v1/auth/session").json()["id"] == customer.id
        assert browser.post("/v1/auth/links/take", json={"token": token}).status_code == 401

    def test_programs_that_open_links_use_nothing_up(self, door: Door) -> None:
        customer, browser = make_customer(door.gateways), door.anonymous()
        ask(browser, customer.email)
        token = letter(door)["token"]
        for scanner in (door.anonymous(), door.anonymous(), browser):
            page = scanner.get(f"/sign-in/link?token={token}")
            assert (page.status_code, "set-cookie" in page.headers) == (200, False)
        taken = browser.post("/sign-in/link", data={"token": token}, headers={"origin": ORIGIN})
        assert (taken.status_code, taken.headers["location"]) == (303, "/portal")

    def test_a_quarter_of_an_hour(self, door: Door) -> None:
        customer, browser = make_customer(door.gateways), door.anonymous()
        ask(browser, customer.email)
        door.gateways.now.advance(minutes=16)  # type: ignore[attr-defined]
        assert browser.post("/v1/auth/links/take", json={"token": letter(door)["token"]}).status_code == 401

    def test_where_to_go_is_never_elsewhere(self, door: Door) -> None:
        customer, browser = make_customer(door.gateways), door.anonymous()
        ask(browser, customer.email, back="//evil.example/x")
        assert browser.post("/v1/auth/links/take", json={"token": letter(door)["token"]}).json()["back"] == "/"


class TestCode:
    def test_it_can_be_typed_instead(self, door: Door) -> None:
        customer, browser = make_customer(door.gateways), door.anonymous()
        ask(browser, customer.email)
        code = letter(door)["code"].lower().replace("-", " ")
        assert browser.post("/v1/auth/codes/take", json={"code": code}).status_code == 200

    def test_five_tries(self, door: Door) -> None:
        customer, browser = make_customer(door.gateways), door.anonymous()
        ask(browser, customer.email)
        for _try in range(5):
            assert browser.post("/v1/auth/codes/take", json={"code": "XXXX-XXXX"}).status_code == 401
        assert browser.post("/v1/auth/codes/take", json={"code": letter(door)["code"]}).status_code == 401

    def test_not_in_another_browser(self, door: Door) -> None:
        customer = make_customer(door.gateways)
        ask(door.anonymous(), customer.email)
        other = door.anonymous()
        ask(other, "somebody@else.example")
        assert other.post("/v1/auth/codes/take", json={"code": letter(door)["code"]}).status_code == 401


class TestSilence:
    def test_an_unknown_address_gets_no_letter_and_the_same_answer(self, door: Door) -> None:
        known, client = make_customer(door.gateways), door.anonymous()
        answers = [
            client.post("/v1/auth/links", json={"email": email}) for email in (known.email, "nobody@customers.example")
        ]
        assert answers[0].json() == answers[1].json()
        with door.gateways.db.transaction() as session:
            assert len(session.exec(select(Email)).all()) == 1
            assert len(session.exec(select(Link)).all()) == 2  # the same work for both

    def test_five_letters_an_hour(self, door: Door) -> None:
        customer, client = make_customer(door.gateways), door.anonymous()
        for _letter in range(7):
            ask(client, customer.email)
        with door.gateways.db.transaction() as session:
            assert len(session.exec(select(Email)).all()) == 5

    def test_the_letter_goes_to_the_address_we_know(self, door: Door) -> None:
        make_customer(door.gateways, email="anna@customers.example")
        ask(door.anonymous(), "Anna+thief@customers.example")
        with door.gateways.db.transaction() as session:
            [row] = session.exec(select(Email)).all()
        assert row.to == "anna@customers.example"

    def test_link_and_code_are_nowhere_in_clear(self, door: Door) -> None:
        customer = make_customer(door.gateways)
        ask(door.anonymous(), customer.email)
        found = letter(door)
        with door.gateways.db.transaction() as session:
            stored = str([row.model_dump() for row in (*session.exec(select(Email)), *session.exec(select(Link)))])
        assert found["token"] not in stored
        assert found["code"] not in stored
        shown = door.operator("support").get("/v1/emails").text
        assert found["token"] not in shown
