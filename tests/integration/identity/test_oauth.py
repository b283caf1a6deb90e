"""The studio signs people in with us: what RFC 9700 says must not work does not."""

import base64
import hashlib
import json
import time
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi.testclient import TestClient
from sqlmodel import select

from controlplane.billing.models import Customer
from controlplane.core.ids import new_id
from controlplane.gateways import ed25519
from controlplane.identity import assertions, oauth
from controlplane.identity.models import Grant, Principal
from controlplane.publishing.platform import ASSERTION_KEY, assertion_public_key
from tests.fixtures.http import ORIGIN, Door, bearer_of, make_customer

VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


class Studio:
    """What the Worker does, with its real key or another."""

    def __init__(self, door: Door) -> None:
        self.door, self.gateways = door, door.gateways
        self.redirect = oauth.redirect_uri(door.gateways)
        _kid, self.key = ed25519(door.gateways.secrets, ASSERTION_KEY)
        self.kid = assertions.thumbprint(assertion_public_key(door.gateways))

    def asked(self, **changes: str) -> dict[str, str]:
        values = {
            "response_type": "code",
            "client_id": "edge-core",
            "redirect_uri": self.redirect,
            "state": "state-1",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }
        return {name: value for name, value in {**values, **changes}.items() if value}

    def authorize(self, customer: Customer, **changes: str) -> Any:
        client = self.door.client(bearer_of(self.gateways, Principal.CUSTOMER, customer.id))
        return client.get(f"/oauth/authorize?{urlencode(self.asked(**changes))}")

    def code(self, customer: Customer) -> str:
        answer = self.authorize(customer)
        assert answer.status_code == 303, answer.text
        return parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]

    def signed(self, *, key: Ed25519PrivateKey | None = None, **changes: Any) -> str:
        now = int(time.time())
        claims = {
            "iss": "edge-core", "sub": "edge-core", "aud": ORIGIN, "jti": new_id(), "iat": now, "exp": now + 60,
            **changes,
        }  # fmt: skip
        return jwt.encode(claims, key or self.key, algorithm="EdDSA", headers={"kid": self.kid})

    def exchange(self, code: str, *, assertion: str = "", **changes: str) -> Any:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect,
            "client_id": "edge-core",
            "code_verifier": VERIFIER,
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": assertion or self.signed(),
            **changes,
        }
        return self.door.anonymous().post("/oauth/token", data=form)


@pytest.fixture
def studio(door: Door) -> Studio:
    return Studio(door)


class TestWayIn:
    def test_a_code_for_who_is_signed_in(self, studio: Studio) -> None:
        customer = make_customer(studio.gateways)
        answer = studio.authorize(customer)
        target = urlsplit(answer.headers["location"])
        query = parse_qs(target.query)
        assert f"{target.scheme}://{target.netloc}{target.path}" == studio.redirect
        assert (query["state"], query["iss"]) == (["state-1"], [ORIGIN])
        assert answer.headers["cache-control"] == "no-store"
        person = studio.exchange(query["code"][0]).json()
        assert (person["sub"], person["email"], person["tenants"]) == (customer.id, customer.email, [])

    def test_a_stranger_first_signs_in_and_then_comes_back(self, studio: Studio) -> None:
        answer = studio.door.anonymous().get(f"/oauth/authorize?{urlencode(studio.asked())}")
        target = urlsplit(answer.headers["location"])
        assert (answer.status_code, target.path) == (303, "/sign-in")
        assert parse_qs(target.query)["back"][0].startswith("/oauth/authorize?response_type=code")

    def test_a_new_proof_is_asked_for_when_the_studio_wants_one(self, studio: Studio) -> None:
        answer = studio.authorize(make_customer(studio.gateways), prompt="login")
        assert answer.headers["location"].startswith("/sign-in?")

    def test_the_whole_way_in_a_browser(self, studio: Studio) -> None:
        from tests.integration.identity.test_letters import letter

        customer, browser = make_customer(studio.gateways), studio.door.anonymous()
        first = browser.get(f"/oauth/authorize?{urlencode(studio.asked(prompt='login'))}")
        page = browser.get(first.headers["location"])
        back = parse_qs(urlsplit(first.headers["location"]).query)["back"][0]
        assert page.status_code == 200
        headers = {"origin": ORIGIN}
        browser.post("/sign-in", data={"email": customer.email, "back": back}, headers=headers)
        taken = browser.post("/sign-in/link", data={"token": letter(studio.door)["token"]}, headers=headers)
        arrived = browser.get(taken.headers["location"])
        assert arrived.headers["location"].startswith(studio.redirect + "?code=cpl_ac_")


class TestRefusedAtTheDoor:
    @pytest.mark.parametrize(
        "change",
        [
            {"client_id": "other"},
            {"client_id": ""},
            {"redirect_uri": ""},
            {"redirect_uri": "https://evil.example/auth/callback"},
            {"response_type": "token"},
            {"response_type": "code id_token"},
            {"code_challenge_method": "plain"},
            {"code_challenge_method": ""},
            {"code_challenge": ""},
            {"code_challenge": "short"},
            {"state": ""},
            {"state": "a b"},
        ],
    )
    def test_and_never_sent_anywhere(self, studio: Studio, change: dict[str, str]) -> None:
        answer = studio.authorize(make_customer(studio.gateways), **change)
        assert (answer.status_code, "location" in answer.headers) == (422, False)

    @pytest.mark.parametrize("tail", ["/", "?x=1", "#x", "/../x", "%2f", ".evil.example", "@evil.example"])
    def test_an_address_that_only_begins_right(self, studio: Studio, tail: str) -> None:
        answer = studio.authorize(make_customer(studio.gateways), redirect_uri=studio.redirect + tail)
        assert answer.json()["code"] == "invalid_redirect"

    def test_a_parameter_given_twice(self, studio: Studio) -> None:
        client = studio.door.customer(make_customer(studio.gateways))
        answer = client.get(f"/oauth/authorize?{urlencode(studio.asked())}&redirect_uri=https://evil.example")
        assert answer.status_code == 422


class TestExchange:
    def test_a_code_works_once_and_its_second_use_ends_everything(self, studio: Studio) -> None:
        customer = make_customer(studio.gateways)
        signed_in = studio.door.customer(customer)
        code = studio.code(customer)
        assert studio.exchange(code).status_code == 200
        assert studio.exchange(code).json()["error"] == "invalid_grant"
        assert signed_in.get("/v1/auth/session").status_code == 401
        with studio.gateways.db.transaction() as session:
            [grant] = session.exec(select(Grant)).all()
        assert grant.reused_at  # the edge is told by a job

    def test_a_minute(self, studio: Studio) -> None:
        code = studio.code(make_customer(studio.gateways))
        studio.gateways.now.advance(seconds=61)  # type: ignore[attr-defined]
        assert studio.exchange(code).json()["error"] == "invalid_grant"

    @pytest.mark.parametrize(
        "change",
        [
            {"code_verifier": "w" * 43},
            {"code_verifier": ""},
            {"code_verifier": CHALLENGE},
            {"redirect_uri": "https://evil.example"},
            {"redirect_uri": ""},
            {"grant_type": "password"},
            {"grant_type": "refresh_token"},
        ],
    )
    def test_only_by_whom_and_for_what_it_was_given(self, studio: Studio, change: dict[str, str]) -> None:
        code = studio.code(make_customer(studio.gateways))
        assert studio.exchange(code, **change).status_code == 400
        assert studio.exchange("cpl_ac_" + "0" * 49).status_code == 400

    @pytest.mark.parametrize(
        "change",
        [
            {"iss": "other"},
            {"sub": "other"},
            {"aud": "https://evil.example"},
            {"aud": [ORIGIN, "https://evil.example"]},
            {"exp": int(time.time()) - 100},
            {"exp": int(time.time()) + 3600},
            {"jti": None},
        ],
    )
    def test_an_assertion_that_is_not_for_this(self, studio: Studio, change: dict[str, Any]) -> None:
        code = studio.code(make_customer(studio.gateways))
        assert studio.exchange(code, assertion=studio.signed(**change)).status_code == 401

    def test_another_key_and_no_key(self, studio: Studio) -> None:
        code = studio.code(make_customer(studio.gateways))
        forged = studio.signed(key=Ed25519PrivateKey.generate())
        head, body, _signature = studio.signed().split(".")
        none = base64.urlsafe_b64encode(json.dumps({"alg": "none", "kid": studio.kid}).encode()).rstrip(b"=").decode()
        for assertion in (forged, f"{none}.{body}.", f"{head}.{body}.AAAA", "garbage"):
            assert studio.exchange(code, assertion=assertion).status_code == 401

    def test_an_assertion_counts_once(self, studio: Studio) -> None:
        assertion, customer = studio.signed(), make_customer(studio.gateways)
        assert studio.exchange(studio.code(customer), assertion=assertion).status_code == 200
        again = studio.exchange(studio.code(customer), assertion=assertion)
        assert (again.status_code, again.json()["code"]) == (401, "assertion_replayed")

    def test_the_code_is_not_stored(self, studio: Studio) -> None:
        code = studio.code(make_customer(studio.gateways))
        with studio.gateways.db.transaction() as session:
            assert code not in str([row.model_dump() for row in session.exec(select(Grant)).all()])


def test_what_the_studio_needs_to_know_is_published(door: Door) -> None:
    found = TestClient(door.app, base_url=ORIGIN).get("/.well-known/oauth-authorization-server").json()
    assert (found["issuer"], found["code_challenge_methods_supported"]) == (ORIGIN, ["S256"])
