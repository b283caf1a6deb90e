"""Operators at the door: password, second factor, sessions."""

from datetime import timedelta

from fastapi.testclient import TestClient
from sqlmodel import select

from controlplane.audit.models import AuditEntry
from controlplane.identity import totp
from controlplane.identity.models import Operator
from tests.fixtures.http import ORIGIN, PASSWORD, Door, make_operator


def sign_in(client: TestClient, email: str, **more: object) -> dict[str, object]:
    answer = client.post("/v1/auth/sign-in", json={"email": email, "password": PASSWORD, **more})
    return {"status": answer.status_code, **answer.json()}


def with_cookie(door: Door, row: Operator) -> tuple[TestClient, dict[str, str]]:
    client = door.anonymous()
    shown = sign_in(client, row.email)
    return client, {"x-csrf-token": str(shown["csrf"]), "origin": ORIGIN}


class TestPassword:
    def test_the_right_one_opens_a_session_with_a_cookie(self, door: Door) -> None:
        row = make_operator(door.gateways, "support")
        client = door.anonymous()
        answer = client.post("/v1/auth/sign-in", json={"email": row.email.upper(), "password": PASSWORD})
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=lax" in cookie
        assert "token" not in answer.json()
        assert client.get("/v1/auth/session").json()["roles"] == ["support"]

    def test_wrong_password_and_unknown_address_answer_alike(self, door: Door) -> None:
        row, client = make_operator(door.gateways, "admin"), door.anonymous()
        answers = [
            client.post("/v1/auth/sign-in", json={"email": email, "password": "not the pass phrase"})
            for email in (row.email, "nobody@operators.example")
        ]
        assert [answer.status_code for answer in answers] == [401, 401]
        assert len({(answer.json()["code"], answer.json()["detail"]) for answer in answers}) == 1

    def test_after_five_wrong_ones_it_waits_and_a_stranger_elsewhere_does_not_matter(self, door: Door) -> None:
        row, client = make_operator(door.gateways, "admin"), door.anonymous()
        for _try in range(5):
            client.post("/v1/auth/sign-in", json={"email": row.email, "password": "not the pass phrase"})
        assert sign_in(client, row.email)["code"] == "limit_sign_in_account"
        elsewhere = TestClient(door.app, base_url=ORIGIN, client=("192.0.2.1", 1))
        assert sign_in(elsewhere, row.email)["status"] == 200

    def test_who_is_disabled_stays_out_at_once(self, door: Door) -> None:
        row = make_operator(door.gateways, "support")
        client, _headers = with_cookie(door, row)
        with door.gateways.db.transaction() as session:
            found = session.get_one(Operator, row.id)
            found.disabled_at = door.gateways.now()
            session.add(found)
        assert client.get("/v1/tenants").status_code == 401
        assert sign_in(door.anonymous(), row.email)["status"] == 401


class TestSecondFactor:
    def set_up(self, door: Door) -> tuple[Operator, str, list[str]]:
        row = make_operator(door.gateways, "engineer")
        client, headers = with_cookie(door, row)
        begun = client.post("/v1/auth/totp", headers=headers).json()
        code = totp.code_at(begun["seed"], totp.counter_at(door.gateways.now()))
        confirmed = client.post("/v1/auth/totp/confirm", json={"code": code}, headers=headers)
        assert confirmed.status_code == 200, confirmed.text
        return row, begun["seed"], confirmed.json()["recovery_codes"]

    def code(self, door: Door, seed: str) -> str:
        door.gateways.now.advance(seconds=60)  # type: ignore[attr-defined]
        return totp.code_at(seed, totp.counter_at(door.gateways.now()))

    def test_from_then_on_the_password_is_not_enough(self, door: Door) -> None:
        row, seed, _codes = self.set_up(door)
        assert sign_in(door.anonymous(), row.email)["code"] == "code_needed"
        assert sign_in(door.anonymous(), row.email, code=self.code(door, seed))["status"] == 200

    def test_a_code_counts_once(self, door: Door) -> None:
        row, seed, _codes = self.set_up(door)
        code = self.code(door, seed)
        assert sign_in(door.anonymous(), row.email, code=code)["status"] == 200
        assert sign_in(door.anonymous(), row.email, code=code)["status"] == 401

    def test_a_recovery_code_counts_once(self, door: Door) -> None:
        row, _seed, codes = self.set_up(door)
        assert len(codes) == 10
        assert sign_in(door.anonymous(), row.email, code=codes[3])["status"] == 200
        assert sign_in(door.anonymous(), row.email, code=codes[3])["status"] == 401

    def test_the_seed_is_nowhere_in_clear(self, door: Door) -> None:
        row, seed, codes = self.set_up(door)
        with door.gateways.db.transaction() as session:
            stored = session.get_one(Operator, row.id).model_dump_json()
        assert seed not in stored
        assert not any(code in stored for code in codes)


class TestSessions:
    def test_idle_and_absolute_limits(self, door: Door) -> None:
        row = make_operator(door.gateways, "support")
        client, _headers = with_cookie(door, row)
        for _half in range(3):
            door.gateways.now.advance(minutes=29)  # type: ignore[attr-defined]
            assert client.get("/v1/auth/session").status_code == 200
        door.gateways.now.advance(minutes=31)  # type: ignore[attr-defined]
        assert client.get("/v1/auth/session").status_code == 401

    def test_after_twelve_hours_it_is_over_however_busy(self, door: Door) -> None:
        client, _headers = with_cookie(door, make_operator(door.gateways, "support"))
        seen = []
        for _quarter in range(49):
            door.gateways.now.advance(minutes=15)  # type: ignore[attr-defined]
            seen.append(client.get("/v1/auth/session").status_code)
        assert (seen[0], seen[46], seen[48]) == (200, 200, 401)

    def test_a_fourth_session_ends_the_oldest(self, door: Door) -> None:
        row = make_operator(door.gateways, "support")
        people = [with_cookie(door, row)[0] for _browser in range(4)]
        assert [client.get("/v1/auth/session").status_code for client in people] == [401, 200, 200, 200]
        assert len(people[3].get("/v1/auth/sessions").json()["sessions"]) == 3

    def test_signing_out_ends_it_for_whoever_has_the_cookie(self, door: Door) -> None:
        client, headers = with_cookie(door, make_operator(door.gateways, "support"))
        thief = door.anonymous()
        thief.cookies.update(dict(client.cookies))
        assert client.post("/v1/auth/sign-out", headers=headers).status_code == 204
        assert thief.get("/v1/auth/session").status_code == 401

    def test_another_ones_session_does_not_exist(self, door: Door) -> None:
        one, other = (with_cookie(door, make_operator(door.gateways, "support")) for _person in range(2))
        theirs = other[0].get("/v1/auth/sessions").json()["sessions"][0]["id"]
        assert one[0].delete(f"/v1/auth/sessions/{theirs}", headers=one[1]).status_code == 404

    def test_a_step_up_renews_the_proof_and_the_token(self, door: Door) -> None:
        client, headers = with_cookie(door, make_operator(door.gateways, "admin"))
        door.gateways.now.advance(minutes=11)  # type: ignore[attr-defined]
        body = {"email": "new@operators.example", "role": "support", "password": PASSWORD}
        refused = client.post("/v1/operators", json=body, headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (403, "step_up_required")
        before = dict(client.cookies)
        assert client.post("/v1/auth/step-up", json={"password": PASSWORD}, headers=headers).status_code == 200
        assert dict(client.cookies) != before
        assert client.post("/v1/operators", json=body, headers=headers).status_code == 201
        assert (
            door.client({"cookie": "; ".join(f"{k}={v}" for k, v in before.items())})
            .get("/v1/auth/session")
            .status_code
            == 401
        )


class TestAdministration:
    def test_losing_a_role_ends_the_sessions(self, door: Door) -> None:
        admin, row = door.operator("admin"), make_operator(door.gateways, "engineer")
        client, _headers = with_cookie(door, row)
        tag = admin.get(f"/v1/operators/{row.id}").headers["etag"]
        changed = admin.patch(f"/v1/operators/{row.id}", json={"role": "auditor"}, headers={"if-match": tag})
        assert (changed.status_code, changed.json()["role"]) == (200, "auditor")
        assert client.get("/v1/auth/session").status_code == 401

    def test_the_last_administrator_stays(self, door: Door) -> None:
        row = make_operator(door.gateways, "admin")
        client, headers = with_cookie(door, row)
        tag = client.get(f"/v1/operators/{row.id}").headers["etag"]
        answer = client.patch(f"/v1/operators/{row.id}", json={"disabled": True}, headers={**headers, "if-match": tag})
        assert (answer.status_code, answer.json()["code"]) == (409, "last_admin")

    def test_nobody_overwrites_what_they_have_not_seen(self, door: Door) -> None:
        admin, row = door.operator("admin"), make_operator(door.gateways, "support")
        path = f"/v1/operators/{row.id}"
        assert admin.patch(path, json={"name": "A"}).json()["code"] == "if_match_missing"
        tag = admin.get(path).headers["etag"]
        assert admin.patch(path, json={"name": "A"}, headers={"if-match": tag}).status_code == 200
        assert admin.patch(path, json={"name": "B"}, headers={"if-match": tag}).status_code == 412

    def test_every_step_is_in_the_trail_and_no_secret(self, door: Door) -> None:
        admin = door.operator("admin")
        body = {"email": "new@operators.example", "role": "support", "password": PASSWORD}
        made = admin.post("/v1/operators", json=body).json()
        with door.gateways.db.transaction() as session:
            rows = session.exec(select(AuditEntry).where(AuditEntry.object_id == made["id"])).all()
        assert [(row.action, row.changes) for row in rows] == [("operator.created", {"role": [None, "support"]})]
        assert PASSWORD not in str([row.model_dump() for row in rows])


def test_a_moment_of_doubt_ends_every_session(door: Door) -> None:
    from controlplane.identity import sign_ins

    clients = [door.operator(role) for role in ("admin", "auditor")]
    with door.gateways.db.transaction() as session:
        assert sign_ins.end_all(session, now=door.gateways.now() + timedelta()) == 2
    assert [client.get("/v1/auth/session").status_code for client in clients] == [401, 401]
