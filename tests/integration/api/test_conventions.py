"""What holds for every route: replays, limits, sizes, second persons, the description."""

from dataclasses import replace
from typing import Any

from fastapi.testclient import TestClient
from sqlmodel import select

from controlplane.app import create_app
from controlplane.core.limits import Limit, Limiter
from controlplane.gateways import Gateways
from controlplane.identity.models import Act, Client, Operator
from controlplane.identity.replays import Replay
from controlplane.settings import Limits
from tests.fixtures.http import ORIGIN, PASSWORD, Door

NEW = {"email": "new@operators.example", "role": "support", "password": PASSWORD}


def key(text: str) -> dict[str, str]:
    return {"idempotency-key": text}


class TestIdempotency:
    def test_the_same_request_is_done_once_and_answered_twice(self, door: Door) -> None:
        admin = door.operator("admin")
        one, two = (admin.post("/v1/operators", json=NEW, headers=key("one")) for _time in range(2))
        assert (one.status_code, two.status_code) == (201, 201)
        assert one.json() == two.json()
        assert "idempotency-replayed" in two.headers
        with door.gateways.db.transaction() as session:
            assert len(session.exec(select(Operator).where(Operator.email == NEW["email"])).all()) == 1

    def test_another_request_under_the_same_key_is_refused(self, door: Door) -> None:
        admin = door.operator("admin")
        admin.post("/v1/operators", json=NEW, headers=key("one"))
        other = admin.post("/v1/operators", json={**NEW, "role": "admin"}, headers=key("one"))
        assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")

    def test_somebody_elses_key_is_another_key(self, door: Door) -> None:
        first, second = door.operator("admin"), door.operator("admin")
        assert first.post("/v1/operators", json=NEW, headers=key("one")).status_code == 201
        assert second.post("/v1/operators", json=NEW, headers=key("one")).json()["code"] == "operator_exists"

    def test_what_failed_may_be_tried_again(self, door: Door) -> None:
        admin = door.operator("admin")
        weak = {**NEW, "password": "passwordpassword"}
        assert admin.post("/v1/operators", json=weak, headers=key("one")).status_code == 422
        assert admin.post("/v1/operators", json=NEW, headers=key("one")).status_code == 201

    def test_an_answer_with_a_secret_is_sealed_and_short(self, door: Door) -> None:
        admin, body = door.operator("admin"), {"name": "Reports", "scopes": ["tenants:read"]}
        one, two = (admin.post("/v1/clients", json=body, headers=key("one")) for _time in range(2))
        assert one.json()["secret"] == two.json()["secret"]
        with door.gateways.db.transaction() as session:
            [row] = session.exec(select(Replay)).all()
        assert row.sealed
        assert one.json()["secret"] not in row.body
        door.gateways.now.advance(minutes=9)  # type: ignore[attr-defined]
        assert admin.post("/v1/clients", json=body, headers=key("one")).json()["id"] == one.json()["id"]
        with door.gateways.db.transaction() as session:
            assert len(session.exec(select(Client)).all()) == 1

    def test_a_key_that_is_none(self, door: Door) -> None:
        admin = door.operator("admin")
        assert admin.post("/v1/operators", json=NEW, headers=key("a b")).json()["code"] == "bad_idempotency_key"
        assert door.anonymous().post("/v1/quotes", json={}, headers=key("short")).status_code == 422


class TestLimits:
    def test_who_asks_too_often_is_told_when_to_come_back(self, gateways: Gateways) -> None:
        tight = gateways.settings.model_copy(update={"limits": Limits(api_per_minute=5)})
        client = TestClient(create_app(replace(gateways, settings=tight)), base_url=ORIGIN)
        answers = [client.get("/v1/offers") for _time in range(7)]
        assert [answer.status_code for answer in answers] == [200] * 5 + [429] * 2
        assert [answer.headers["ratelimit-remaining"] for answer in answers[:3]] == ["4", "3", "2"]
        assert int(answers[6].headers["retry-after"]) > 0
        elsewhere = TestClient(client.app, base_url=ORIGIN, client=("192.0.2.9", 1))
        assert elsewhere.get("/v1/offers").status_code == 200

    def test_without_redis_a_quarter_is_left_and_never_all(self) -> None:
        alone = Limiter("redis://127.0.0.1:1/0", prefix="test")
        taken = [alone.take(Limit("x", 20), "somebody").allowed for _time in range(7)]
        assert taken == [True] * 5 + [False] * 2
        alone.close()


class TestSize:
    def test_too_much_is_refused_whoever_sends_it(self, door: Door) -> None:
        large = b'{"x": "' + b"a" * 300_000 + b'"}'
        answer = door.anonymous().post("/v1/quotes", content=large, headers={"content-type": "application/json"})
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


class TestSecondPerson:
    def ask(self, client: TestClient) -> Any:
        return client.post("/v1/operations/none/cancel")

    def test_one_asks_another_agrees_the_first_does_it(self, door: Door) -> None:
        one, other = door.operator("engineer"), door.operator("engineer")
        waiting = self.ask(one)
        assert (waiting.status_code, waiting.json()["code"]) == (428, "second_person")
        act = waiting.json()["act"]
        assert self.ask(one).json()["act"] == act
        agreed = {"agree": True, "reason": "looked at it"}
        assert one.post(f"/v1/acts/{act}", json=agreed).json()["code"] == "second_person"
        assert self.ask(other).json()["act"] != act
        assert other.post(f"/v1/acts/{act}", json=agreed).status_code == 200
        assert self.ask(one).status_code == 404  # let through to the work itself
        with door.gateways.db.transaction() as session:
            assert session.get_one(Act, act).used_at is None  # it did not work, so the agreement stands

    def test_a_refusal_is_a_refusal(self, door: Door) -> None:
        one, other = door.operator("engineer"), door.operator("admin")
        act = self.ask(one).json()["act"]
        other.post(f"/v1/acts/{act}", json={"agree": False, "reason": "not now"})
        assert self.ask(one).json()["act"] != act

    def test_who_is_alone_waits_an_hour(self, door: Door) -> None:
        one = door.operator("engineer")
        assert "one hour" in self.ask(one).json()["next_step"]
        for _part in range(3):
            door.gateways.now.advance(minutes=21)  # type: ignore[attr-defined]
            one.get("/v1/auth/session")
        assert one.post("/v1/auth/step-up", json={"password": PASSWORD}).status_code == 200

    def test_three_days_later_it_is_forgotten(self, door: Door) -> None:
        one = door.operator("engineer")
        act = self.ask(one).json()["act"]
        door.gateways.now.advance(hours=73)  # type: ignore[attr-defined]
        agreed = door.operator("admin").post(f"/v1/acts/{act}", json={"agree": True, "reason": "late"})
        assert agreed.status_code == 409


def test_the_description_says_who_and_what_goes_wrong(door: Door) -> None:
    found = door.anonymous().get("/openapi.json").json()
    operation = found["paths"]["/v1/tenants"]["get"]
    assert operation["security"] == [{"bearer": []}, {"session": []}, {"client": ["tenants:read"]}]
    assert "application/problem+json" in operation["responses"]["403"]["content"]
    assert "security" not in found["paths"]["/v1/offers"]["get"]
    parameters = found["paths"]["/v1/operators"]["post"]["parameters"]
    assert [one["name"] for one in parameters] == ["Idempotency-Key"]
