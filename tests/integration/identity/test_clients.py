"""Machines at the door."""

from typing import Any

from fastapi.testclient import TestClient

from tests.fixtures.http import ORIGIN, Door

WANTED = {"name": "Reports", "scopes": ["tenants:read", "inbox:read"]}


def new_client(door: Door, **more: Any) -> dict[str, Any]:
    answer = door.operator("admin").post("/v1/clients", json={**WANTED, **more})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def token(http: TestClient, client: dict[str, Any], **more: str) -> Any:
    form = {"grant_type": "client_credentials", **more}
    return http.post("/oauth/token", data=form, auth=(client["id"], client["secret"]))


class TestToken:
    def test_a_quarter_of_an_hour_and_only_its_scopes(self, door: Door) -> None:
        client = new_client(door)
        given = token(door.anonymous(), client).json()
        machine = door.client({"authorization": f"Bearer {given['access_token']}"})
        assert (given["expires_in"], given["scope"]) == (900, "inbox:read tenants:read")
        assert machine.get("/v1/tenants").status_code == 200
        assert machine.post("/v1/operations/x/retry").status_code == 403
        assert machine.get("/v1/operators").status_code == 403
        door.gateways.now.advance(minutes=16)  # type: ignore[attr-defined]
        assert machine.get("/v1/tenants").status_code == 401

    def test_fewer_scopes_on_request_and_never_more(self, door: Door) -> None:
        client, http = new_client(door), door.anonymous()
        assert token(http, client, scope="tenants:read").json()["scope"] == "tenants:read"
        assert token(http, client, scope="tenants:act").json()["code"] == "invalid_scope"

    def test_a_wrong_secret_and_an_unknown_client_answer_alike(self, door: Door) -> None:
        client, http = new_client(door), door.anonymous()
        wrong = [token(http, {**client, "secret": client["secret"][::-1]}), token(http, {**client, "id": "nobody"})]
        assert [(answer.status_code, answer.json()["code"]) for answer in wrong] == [(401, "invalid_client")] * 2

    def test_only_from_the_named_networks(self, door: Door) -> None:
        client = new_client(door, networks=["192.0.2.0/24"])
        inside = TestClient(door.app, base_url=ORIGIN, client=("192.0.2.7", 1))
        given = token(inside, client).json()["access_token"]
        headers = {"authorization": f"Bearer {given}"}
        assert inside.get("/v1/tenants", headers=headers).status_code == 200
        assert token(door.anonymous(), client).status_code == 401
        assert door.client(headers).get("/v1/tenants").status_code == 401


class TestEnd:
    def test_whoever_presents_a_token_may_end_it(self, door: Door) -> None:
        client = new_client(door)
        given = token(door.anonymous(), client).json()["access_token"]
        machine = door.client({"authorization": f"Bearer {given}"})
        assert door.anonymous().post("/oauth/revoke", data={"token": given}).json() == {"ok": True}
        assert machine.get("/v1/tenants").status_code == 401

    def test_a_found_secret_ends_the_client(self, door: Door) -> None:
        client, http = new_client(door), door.anonymous()
        http.post("/oauth/revoke", data={"token": client["secret"]})
        assert token(http, client).status_code == 401

    def test_losing_a_scope_ends_the_tokens(self, door: Door) -> None:
        client, admin = new_client(door), door.operator("admin")
        given = token(door.anonymous(), client).json()["access_token"]
        tag = admin.get(f"/v1/clients/{client['id']}").headers["etag"]
        path = f"/v1/clients/{client['id']}"
        assert admin.patch(path, json={"scopes": ["inbox:read"]}, headers={"if-match": tag}).status_code == 200
        assert door.client({"authorization": f"Bearer {given}"}).get("/v1/inbox").status_code == 401

    def test_a_new_secret_ends_the_old_one(self, door: Door) -> None:
        client = new_client(door)
        fresh = door.operator("admin").post(f"/v1/clients/{client['id']}/secret").json()
        assert token(door.anonymous(), client).status_code == 401
        assert token(door.anonymous(), fresh).status_code == 200


def test_the_secret_is_shown_once(door: Door) -> None:
    client, admin = new_client(door), door.operator("admin")
    for path in ("/v1/clients", f"/v1/clients/{client['id']}", "/v1/audit"):
        assert client["secret"] not in admin.get(path).text
