"""What the doctor finds when a right is missing: each credential here may do less than the product needs."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import psycopg
import pytest
import redis

from controlplane.identity.models import Role
from controlplane.settings import Seller, Settings, variable
from sandbox import product
from sandbox.cloudflare.tokens import GROUPS
from sandbox.place import Place
from tests.fixtures.host import said
from tests.fixtures.http import make_operator
from tests.fixtures.issuer import CLIENT, issuing
from tests.fixtures.world import World

Findings = dict[str, list[dict[str, str]]]


@pytest.fixture(scope="module")
def environment(world_place: Place, world_settings: Settings) -> dict[str, str]:
    values = product.environment(world_place)
    values["CP_DATABASE__URL"] = world_settings.database.url.get_secret_value()
    values["CP_REDIS__URL"] = world_settings.redis.url.get_secret_value()
    values |= {f"CP_{vendor}__WEBHOOK_SECRETS": '["whsec_unused"]' for vendor in ("STRIPE", "RESEND")}
    values |= {variable(f"seller.{name}"): "given" for name in Seller.model_fields}
    values["CP_SELLING__OPERATOR_EMAIL"] = "money@operators.example"
    return {**values, "CP_REDIS__PREFIX": "doctor", "CP_AWS__MANAGEMENT_ACCOUNT": ""}


def doctor(environment: dict[str, str], *, code: int = 1, **changes: str) -> Findings:
    answer = said("doctor", "--json", environment={**environment, **{f"CP_{n}": v for n, v in changes.items()}})
    assert (answer.code, "Traceback" in answer.err) == (code, False), answer
    found: Findings = {}
    for one in answer.json:
        found.setdefault(one["what"], []).append(one)
    return found


def sim(place: Place, vendor: str, path: str, body: dict[str, Any]) -> Any:
    token = {"authorization": f"Bearer {place.secrets['control_token']}"}
    url = f"{place.vendors_url}/{vendor}/_sim{path}"
    return httpx.post(url, json=body, headers=token, trust_env=False).raise_for_status().json()


def missing(found: Findings, what: str) -> dict[str, str]:
    return {one["detail"]: one["remedy"] for one in found[what] if one["state"] == "missing"}


def test_with_everything_it_finds_nothing(world: World, environment: dict[str, str]) -> None:
    for _number in range(2):
        make_operator(world.gateways, Role.ADMIN.value)
    found = doctor(environment, code=0)
    names = {
        "settings",
        "database",
        "redis",
        "keys",
        "people",
        "seller",
        "engine",
        "stripe",
        "resend",
        "cloudflare",
        "aws",
    }
    assert names <= found.keys()
    assert {one["state"] for some in found.values() for one in some} == {"ok"}
    table = said("doctor", environment=environment)
    assert "no creator can be provisioned" in table.out


def test_a_key_of_stripe(world_place: Place, world: World, environment: dict[str, str]) -> None:
    rights = {"*": "write", "refunds": "read", "subscriptions": "read", "events": "none"}
    key = sim(world_place, "stripe", "/keys", {"rights": rights})["id"]
    found = missing(doctor(environment, STRIPE__SECRET_KEY=key, STRIPE__WEBHOOK_SECRETS="[]"), "stripe")
    assert found.keys() == {
        "no webhook secret: events are not believed", "Refunds: write", "Subscriptions: write", "Events: read",
    }  # fmt: skip
    assert "allow «Refunds: write»" in found["Refunds: write"]
    dead = missing(doctor(environment, STRIPE__SECRET_KEY="rk_test_" + "0" * 40), "stripe")
    assert dead == {"the key is not valid": "put a living key into CP_STRIPE__SECRET_KEY"}


def test_a_key_of_resend(world_place: Place, world: World, environment: dict[str, str]) -> None:
    headers = {"authorization": f"Bearer {world_place.secrets['resend_api_key']}"}
    body = {"name": "doctor", "permission": "sending_access"}
    made = httpx.post(f"{world_place.vendors_url}/resend/api-keys", json=body, headers=headers, trust_env=False)
    found = missing(doctor(environment, RESEND__API_KEY=made.raise_for_status().json()["token"]), "resend")
    assert ["full access" in detail for detail in found] == [True]
    assert "full access" in next(iter(found.values()))
    other = missing(doctor(environment, RESEND__SENDER="x@never-set-up.example"), "resend")
    assert other == {"the sending domain never-set-up.example": "add never-set-up.example at resend.com, Domains"}


def test_a_token_of_cloudflare(world_place: Place, world: World, environment: dict[str, str]) -> None:
    fewer = [group for group in GROUPS if group not in {"DNS Write", "Workers R2 Storage Write"}]
    token = sim(world_place, "cloudflare", "/tokens", {"name": "doctor", "groups": fewer})["value"]
    changed = {"CLOUDFLARE__API_TOKEN": token, "CLOUDFLARE__SITES_ZONE": "elsewhere.example"}
    found = missing(doctor(environment, **changed), "cloudflare")
    assert [detail.split(":")[0] for detail in found] == ["Workers R2 Storage", "DNS", "zone elsewhere.example"]
    assert "allow «DNS: Edit» for portal.localhost" in found["DNS: Edit, for portal.localhost"]
    nobody = missing(doctor(environment, CLOUDFLARE__API_TOKEN="nobody"), "cloudflare")
    assert len(nobody) == 1


@pytest.fixture
def weak_role(environment: dict[str, str]) -> Iterator[str]:
    url = environment["CP_DATABASE__URL"]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE ROLE doctor_weak LOGIN PASSWORD 'weak'")
        connection.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO doctor_weak")
        connection.execute("GRANT INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO doctor_weak")
        connection.execute("REVOKE INSERT ON emails FROM doctor_weak")
        yield url.replace("postgres@", "doctor_weak:weak@", 1)
        connection.execute("DROP OWNED BY doctor_weak")
        connection.execute("DROP ROLE doctor_weak")


@pytest.fixture
def weak_user(environment: dict[str, str]) -> Iterator[str]:
    with redis.Redis.from_url(environment["CP_REDIS__URL"]) as client:
        client.execute_command("ACL", "SETUSER", "doctor", "on", ">weak", "~*", "&*", "+@all", "-zadd")
        yield environment["CP_REDIS__URL"].replace("redis://", "redis://doctor:weak@", 1)
        client.execute_command("ACL", "DELUSER", "doctor")


def test_the_own_servers(world: World, environment: dict[str, str], weak_role: str, weak_user: str) -> None:
    found = doctor(environment, DATABASE__URL=weak_role, REDIS__URL=weak_user)
    remedy = {"INSERT on emails": "GRANT INSERT ON ALL TABLES IN SCHEMA public TO doctor_weak"}
    assert missing(found, "database") == remedy
    assert ["zadd" in detail for detail in missing(found, "redis")] == [True]
    gone = doctor(environment, DATABASE__URL="postgresql://postgres@127.0.0.1:1/none", REDIS__URL="redis://127.0.0.1:1")
    assert {gone[name][0]["state"] for name in ("database", "redis", "keys", "people")} == {"failed"}


def test_the_engine(world: World, environment: dict[str, str], tmp_path: Any) -> None:
    found = missing(doctor(environment, PULUMI__HOME=str(tmp_path), PULUMI__BACKEND_URL="file:///nowhere"), "engine")
    assert [detail.rsplit(" ", 1)[0] for detail in list(found)[:2]] == ["plugin aws", "plugin cloudflare"]
    assert "pulumi plugin install resource aws" in next(iter(found.values()))
    assert "no folder /nowhere that we may write to" in found
    assert "install the Pulumi CLI" in str(doctor(environment, PULUMI__ROOT=str(tmp_path))["engine"])


def test_who_sells(world: World, environment: dict[str, str]) -> None:
    found = missing(doctor(environment, SELLER__STREET="", SELLER__VAT_ID="", SELLING__OPERATOR_EMAIL=""), "seller")
    assert found == {
        "gaps in imprint and legal texts": "set CP_SELLER__STREET, CP_SELLER__VAT_ID",
        "nobody is written to when money needs a person": "set CP_SELLING__OPERATOR_EMAIL",
    }


def test_the_identity_provider(world: World, environment: dict[str, str]) -> None:
    with issuing() as issuer:
        values: dict[str, Any] = {
            "OPERATORS__OIDC__ISSUER": issuer.url,
            "OPERATORS__OIDC__CLIENT_ID": CLIENT,
            "OPERATORS__OIDC__GROUPS": json.dumps({"a": "emperor"}),
        }
        assert missing(doctor(environment, **values), "identity provider").keys() == {"no role emperor"}
        issuer.named = "https://elsewhere.example"
        [found] = missing(doctor(environment, **values), "identity provider").values()
    assert "exactly as its own document does" in found
