"""A cookie alone changes nothing."""

import re

from controlplane.api import access
from tests.fixtures.http import ORIGIN, PASSWORD, Door, make_operator


def test_no_change_by_cookie_without_the_token_of_the_session(door: Door) -> None:
    row, client = make_operator(door.gateways, "admin"), door.anonymous()
    csrf = client.post("/v1/auth/sign-in", json={"email": row.email, "password": PASSWORD}).json()["csrf"]
    seen = 0
    for name, required in access.groups(door.app):
        method, _space, path = name.partition(" ")
        assert required
        if method == "GET" or required.group in {"webhooks", "sign-in", "oauth"}:
            continue
        target = re.sub(r"\{\w+\}", "x", path)
        for headers in ({"origin": ORIGIN}, {"origin": ORIGIN, "x-csrf-token": "A" * 88}, {"x-csrf-token": csrf}):
            answer = client.request(method, target, headers=headers)
            assert answer.status_code in {403, 428}, (method, target, answer.text)
        evil = {"x-csrf-token": csrf, "origin": "https://evil.example"}
        foreign = client.request(method, target, headers=evil)
        assert foreign.status_code == 403
        assert "foreign_origin" in foreign.text or not target.startswith("/v1/")
        seen += 1
    assert seen > 20


def test_a_foreign_page_cannot_even_sign_somebody_in(door: Door) -> None:
    row = make_operator(door.gateways, "admin")
    body = {"email": row.email, "password": PASSWORD}
    for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}, {"origin": "null"}):
        assert door.anonymous().post("/v1/auth/sign-in", json=body, headers=headers).status_code == 403


def test_a_bearer_token_needs_no_csrf_token_and_the_masked_one_changes(door: Door) -> None:
    row, client = make_operator(door.gateways, "admin"), door.anonymous()
    client.post("/v1/auth/sign-in", json={"email": row.email, "password": PASSWORD})
    tokens = {client.get("/v1/auth/session").json()["csrf"] for _time in range(3)}
    assert len(tokens) == 3
    headers = {"origin": ORIGIN, "x-csrf-token": tokens.pop()}
    assert client.post("/v1/auth/sign-out", headers=headers).status_code == 204
    assert door.operator("admin").post("/v1/auth/sign-out").status_code == 204
