"""Operators come in through an identity provider: who they are there counts, and nothing else."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlmodel import col, select

from controlplane.audit.models import AuditEntry
from controlplane.identity.models import FederatedIdentity, Operator, SignIn
from controlplane.settings import Oidc, Settings
from controlplane.settings import Operators as OperatorSettings
from controlplane.vendors import oidc
from controlplane.vendors.oidc import Issuer
from sandbox.ports import free_port
from tests.fixtures.host import Host
from tests.fixtures.http import Door, make_operator
from tests.fixtures.issuer import CLIENT, SECRET, TinyIssuer, issuing, new_key

ADA = {
    "sub": "00u-ada", "email": "ada@company.example", "name": "Ada", "groups": ["everyone", "cp-engineers"],
    "amr": ["pwd", "otp"],
}  # fmt: skip
GROUPS = {"cp-engineers": "engineer", "cp-admins": "admin"}
START = "/console/sign-in/issuer?back=/console/tenants"


@pytest.fixture
def issuer() -> Iterator[TinyIssuer]:
    with issuing() as found:
        found.person = dict(ADA)
        yield found


@pytest.fixture
def company(door: Door, issuer: TinyIssuer, build_app: Callable[..., FastAPI]) -> Iterator[Door]:
    values = {"issuer": issuer.url, "client_id": CLIENT, "client_secret": SECRET, "groups": GROUPS}
    settings = Oidc.model_validate(values)
    own = door.gateways.settings.model_copy(update={"operators": OperatorSettings(oidc=settings)})
    gateways = replace(door.gateways, settings=own, issuer=Issuer(settings))
    with gateways.db.transaction() as session:
        session.add(Operator(email="first@company.example", role="admin", password="-"))  # type: ignore[arg-type]
    yield Door(build_app(gateways), gateways)
    gateways.issuer.close()


def browser(door: Door) -> TestClient:
    return door.client({"accept-language": "en"})


def leave(client: TestClient, start: str = START) -> str:
    """Where the issuer sends the browser back to."""
    away = client.get(start)
    assert away.status_code == 303, away.text
    answer = httpx.get(away.headers["location"], trust_env=False)
    assert answer.status_code == 302
    return str(answer.headers["location"])


def sign_in(client: TestClient, start: str = START) -> Any:
    return client.get(leave(client, start))


def refused(answer: Any) -> str:
    """The text on the page of whoever was not let in."""
    assert answer.status_code in {401, 409}, answer.text
    assert "cp_operator=" not in answer.headers.get("set-cookie", "")
    return str(answer.text)


def people(door: Door) -> dict[str, Operator]:
    with door.gateways.db.transaction() as session:
        return {row.email: row for row in session.exec(select(Operator)).all()}


class TestComingIn:
    def test_new_by_a_group_and_known_by_subject_afterwards(self, company: Door, issuer: TinyIssuer) -> None:
        client = browser(company)
        assert "/console/sign-in/issuer?back=" in client.get("/console/sign-in").text
        answer = sign_in(client)
        assert (answer.status_code, answer.headers["location"]) == (303, "/console/tenants")
        who = client.get("/v1/auth/session").json()
        assert (who["roles"], who["factors"]) == (["engineer"], ["oidc"])
        issuer.person |= {"email": "ada.lovelace@company.example", "groups": ["cp-admins", "cp-engineers"]}
        again = browser(company)
        assert sign_in(again).status_code == 303
        assert again.get("/v1/auth/session").json()["roles"] == ["admin"]
        assert client.get("/v1/auth/session").status_code == 401  # another role ends what was begun with the old one
        assert people(company)["ada@company.example"].role == "admin"
        assert "ada.lovelace@company.example" not in people(company)
        assert issuer.asked.count("/keys") == 1
        assert issuer.asked.count("/.well-known/openid-configuration") == 1

    def test_somebody_who_was_here_before_is_connected_by_a_person(
        self, company: Door, issuer: TinyIssuer, host: Host
    ) -> None:
        make_operator(company.gateways, "engineer", email="ada@company.example")
        page = refused(sign_in(browser(company)))
        assert "proves nothing" in page
        words = ("operators", "connect", "ada@company.example", "--subject", "00u-ada")
        setup = {
            "OPERATORS__OIDC__ISSUER": issuer.url,
            "OPERATORS__OIDC__CLIENT_ID": CLIENT,
            "OPERATORS__OIDC__GROUPS": '{"cp-engineers": "engineer"}',
        }
        assert host(*words, **setup).code == 0
        assert sign_in(browser(company)).status_code == 303
        assert "connected with this identity already" in host(*words, **setup).err

    def test_an_old_proof_there_is_no_fresh_one_here(self, company: Door, issuer: TinyIssuer) -> None:
        issuer.person |= {"groups": ["cp-admins"], "auth_time": int(time.time()) - 3600}
        client = browser(company)
        sign_in(client)
        csrf = {"x-csrf-token": client.get("/v1/auth/session").json()["csrf"], "origin": str(client.base_url)}
        body = {"name": "x", "scopes": ["tenants:read"]}
        assert client.post("/v1/clients", json=body, headers=csrf).json()["code"] == "step_up_required"
        confirm = "/console/confirm/issuer?back=/console/audit"
        assert "/console/confirm/issuer" in client.get("/console/confirm").text
        assert "no fresh proof" in refused(sign_in(client, confirm))
        issuer.person["auth_time"] = int(time.time())
        answer = sign_in(client, confirm)
        assert (answer.status_code, answer.headers["location"]) == (303, "/console/audit")
        csrf["x-csrf-token"] = client.get("/v1/auth/session").json()["csrf"]
        assert client.post("/v1/clients", json=body, headers=csrf).status_code == 201
        with company.gateways.db.transaction() as session:
            living = session.exec(select(SignIn).where(col(SignIn.ended_at).is_(None))).all()
        assert len(living) == 1

    def test_nobody_else_confirms_for_them(self, company: Door, issuer: TinyIssuer) -> None:
        client = browser(company)
        sign_in(client)
        issuer.person |= {"sub": "00u-eve", "email": "eve@company.example"}
        assert "no fresh proof of the same person" in refused(sign_in(client, "/console/confirm/issuer"))

    def test_the_trail_knows_who_came_and_who_did_not(self, company: Door, issuer: TinyIssuer) -> None:
        sign_in(browser(company))
        issuer.person["groups"] = ["everyone"]
        refused(sign_in(browser(company)))
        with company.gateways.db.transaction() as session:
            query = select(AuditEntry).where(AuditEntry.action == "identity.signed_in").order_by(col(AuditEntry.id))
            rows = session.exec(query).all()
        assert [(row.outcome, row.reason) for row in rows] == [("done", "oidc"), ("refused", "issuer_group")]


TOKENS: dict[str, dict[str, Any]] = {
    "another issuer": {"claims": {"iss": "https://elsewhere.example"}},
    "another audience": {"claims": {"aud": "somebody-else"}},
    "for several, made for another": {"claims": {"aud": [CLIENT, "other"], "azp": "other"}},
    "expired": {"claims": {"exp": int(time.time()) - 60}},
    "from the future": {"claims": {"iat": int(time.time()) + 86_400}},  # it is read long before it is used
    "without an end": {"claims": {"exp": None}},
    "another attempt": {"claims": {"nonce": "another"}},
    "no nonce": {"claims": {"nonce": None}},
    "no subject": {"claims": {"sub": None}},
    "a key that is not published": {"kid": "k9", "keys": {"k9": new_key(), "k1": new_key()}},
    "its name on another key": {"keys": {"k1": new_key()}, "published": set()},
    "not signed": {"algorithm": "none"},
    "signed with the public key": {"algorithm": "HS256"},
}


class TestRefused:
    @pytest.mark.parametrize("bent", TOKENS.values(), ids=TOKENS.keys())
    def test_a_token_that_is_not_for_us_now(self, company: Door, issuer: TinyIssuer, bent: dict[str, Any]) -> None:
        assert company.gateways.issuer._document["issuer"] == issuer.url
        if "published" in bent:  # the true key was read before
            company.gateways.issuer._key(issuer.id_token("x"))
        for name, value in bent.items():
            setattr(issuer, name, value)
        if "published" in bent:
            issuer.published = {"k1"}
        assert "did not confirm" in refused(sign_in(browser(company)))
        assert people(company).keys() == {"first@company.example"}

    def test_clocks_may_differ_a_little_and_keys_may_turn(
        self, company: Door, issuer: TinyIssuer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        issuer.claims = {"exp": int(time.time()) - 10, "iat": int(time.time()) + 10}
        assert sign_in(browser(company)).status_code == 303
        issuer.claims, issuer.kid = {}, "k2"
        issuer.keys["k2"] = new_key()
        issuer.published = {"k1", "k2"}
        assert "did not confirm" in refused(sign_in(browser(company)))  # asked a moment ago
        monkeypatch.setattr(oidc, "AGAIN_SECONDS", 0.0)
        assert sign_in(browser(company)).status_code == 303
        assert issuer.asked.count("/keys") == 2

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"amr": ["pwd"]}, "second factor"),
            ({"amr": None}, "second factor"),
            ({"groups": ["everyone"]}, "in no group"),
            ({"groups": None}, "in no group"),
            ({"email": None}, "names no e-mail"),
        ],
    )
    def test_a_person_who_is_not_to_come_in(
        self, company: Door, issuer: TinyIssuer, changes: dict[str, Any], said: str
    ) -> None:
        issuer.person |= changes
        assert said in refused(sign_in(browser(company)))
        with company.gateways.db.transaction() as session:
            assert session.exec(select(FederatedIdentity)).all() == []

    def test_who_was_sent_away_here_stays_away(self, company: Door, issuer: TinyIssuer) -> None:
        sign_in(browser(company))
        with company.gateways.db.transaction() as session:
            row = session.exec(select(Operator).where(Operator.email == "ada@company.example")).one()
            row.disabled_at = company.gateways.now()
            session.add(row)
        refused(sign_in(browser(company)))
        plain = {"email": "ada@company.example", "password": "no such operator"}
        assert browser(company).post("/v1/auth/sign-in", json=plain).status_code == 401

    def test_a_state_counts_once_in_its_browser_and_time(self, company: Door, issuer: TinyIssuer, clock: Any) -> None:
        client, other = browser(company), browser(company)
        first = leave(client)
        assert "another browser" in refused(other.get(first))
        assert client.get(first).status_code == 303
        assert "used already" in refused(client.get(first))
        second = leave(client)
        elsewhere = second.replace("iss=", "iss=https%3A%2F%2Felsewhere.example&was=")
        assert "another service" in refused(client.get(elsewhere))
        clock.advance(minutes=11)
        assert "expired" in refused(client.get(second))
        assert "expired" in refused(client.get("/console/sign-in/issuer/back?code=x&state=cpl_os_made-up"))
        issuer.refusal = "access_denied"
        assert "did not confirm" in refused(sign_in(client))
        clock.advance(minutes=-11)

    def test_a_code_is_bound_to_the_browser_that_began(self, company: Door, issuer: TinyIssuer) -> None:
        mine, theirs = browser(company), browser(company)
        stolen = parse_qs(urlsplit(leave(mine)).query)["code"][0]
        own = urlsplit(leave(theirs))
        state = parse_qs(own.query)["state"][0]
        assert "did not confirm" in refused(theirs.get(f"{own.path}?code={stolen}&state={state}"))


class TestAway:
    def test_nobody_there_or_somebody_else(
        self, company: Door, issuer: TinyIssuer, build_app: Callable[..., FastAPI]
    ) -> None:
        issuer.named = "https://elsewhere.example"
        assert "does not answer" in refused(browser(company).get(START))
        settings = company.gateways.settings.operators.oidc
        gone = Issuer(settings.model_copy(update={"issuer": f"http://127.0.0.1:{free_port()}"}))
        client = browser(Door(build_app(replace(company.gateways, issuer=gone)), company.gateways))
        assert "does not answer" in refused(client.get(START))
        gone.close()

    def test_where_none_is_set_up_there_is_no_button_and_no_way(self, door: Door) -> None:
        assert "issuer" not in door.anonymous().get("/console/sign-in").text
        assert door.anonymous().get(START).status_code == 404


def test_the_texts_are_in_both_languages(company: Door, issuer: TinyIssuer) -> None:
    issuer.person["groups"] = []
    client = company.client({"accept-language": "de"})
    assert "keiner Gruppe" in refused(sign_in(client))


class TestSettings:
    """A half set-up provider does not start."""

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({"issuer": "https://id.example"}, "CP_OPERATORS__OIDC__CLIENT_ID is missing"),
            ({"issuer": "https://id.example", "client_id": "x"}, "CP_OPERATORS__OIDC__GROUPS is missing"),
        ],
    )
    def test_what_is_missing_is_named(self, settings: Settings, given: dict[str, str], said: str) -> None:
        values = {**settings.model_dump(), "operators": {"oidc": given}}
        with pytest.raises(ValueError, match=said):
            Settings(**values)

    def test_live_it_is_reached_over_tls(self, settings: Settings) -> None:
        oidc = {"issuer": "http://id.example", "client_id": "x", "groups": GROUPS}
        values = {**settings.model_dump(), "operators": {"oidc": oidc}, "environment": "live"}
        with pytest.raises(ValueError, match="CP_OPERATORS__OIDC__ISSUER must be an https address"):
            Settings(**values)
