"""Break-glass: in for hours, past the second person, and everybody hears of it."""

from typing import Any

import pytest
from sqlmodel import col, select

from controlplane.audit.models import AuditEntry
from controlplane.delivery.models import Email
from controlplane.gateways import Gateways
from controlplane.identity import operators
from controlplane.identity.models import Operator
from tests.fixtures.host import Host
from tests.fixtures.http import Door, make_operator
from tests.fixtures.product import TestClock


@pytest.fixture
def boss(gateways: Gateways) -> Operator:
    for role in ("engineer", "support"):
        make_operator(gateways, role)
    return make_operator(gateways, "admin", email="boss@operators.example")


def opened(host: Host) -> str:
    done = host("operators", "break-glass", "boss@operators.example", "--reason", "the provider is away", "--json")
    assert done.code == 0, done.err
    return str(done.json["key"])


def enter(door: Door, key: str, code: int = 200) -> Any:
    body = {"email": "boss@operators.example", "password": key, "token": True}
    answer = door.anonymous().post("/v1/auth/sign-in", json=body)
    assert answer.status_code == code, answer.text
    return door.client({"authorization": f"Bearer {answer.json().get('token', '')}"})


def letters(gateways: Gateways) -> list[str]:
    with gateways.db.transaction() as session:
        return [row.data["what"] for row in session.exec(select(Email).order_by(col(Email.id))).all()]


def test_one_key_lets_in_without_anybody_else_and_everybody_hears(door: Door, boss: Operator, host: Host) -> None:
    with door.gateways.db.transaction() as session:  # a factor that nobody has any more
        operators.begin_totp(session, door.gateways, session.get_one(Operator, boss.id))
        session.get_one(Operator, boss.id).totp_since = door.gateways.now()
    key = opened(host)
    client = enter(door, key)
    who = client.get("/v1/auth/session").json()
    assert (who["factors"], who["roles"]) == (["break-glass"], ["admin"])
    answer = client.post("/v1/operations/no-such-operation/cancel")
    assert answer.status_code == 404  # not 428: nobody else has to agree
    told = [f"Break-glass access {verb} boss@operators.example" for verb in ("opened for", "used by")]
    assert letters(door.gateways) == [told[0]] * 3 + [told[1]] * 3
    with door.gateways.db.transaction() as session:
        entries = session.exec(select(AuditEntry).where(AuditEntry.stream == "identity")).all()
        called = session.exec(select(AuditEntry).where(AuditEntry.action == "api.called")).all()
    assert {(row.action, row.reason) for row in entries} >= {
        ("break_glass.opened", "the provider is away"),
        ("identity.signed_in", "break-glass"),
    }
    assert {row.factors for row in called} <= {"break-glass"}


def test_it_ends_with_its_hours_and_by_hand(door: Door, boss: Operator, host: Host, clock: TestClock) -> None:
    key = opened(host)
    client = enter(door, key)
    clock.advance(minutes=20)
    stepped = client.post("/v1/auth/step-up", json={"password": key})
    assert stepped.status_code == 200
    client = door.client({"authorization": f"Bearer {stepped.json()['token']}"})
    for _half in range(8):
        clock.advance(minutes=27)
        client.get("/v1/auth/session")
    clock.advance(minutes=10)
    assert client.get("/v1/auth/session").status_code == 401
    enter(door, key, code=401)
    clock.advance(minutes=-4 * 60)
    again = opened(host)
    enter(door, key, code=401)  # an earlier key ended when another was opened
    client = enter(door, again)
    assert host("operators", "break-glass-end", "boss@operators.example", "--json").json == {"closed": True}
    assert client.get("/v1/auth/session").status_code == 401
    assert letters(door.gateways)[-1] == "Break-glass access ended for boss@operators.example"


def test_for_nobody_else(door: Door, boss: Operator, host: Host) -> None:
    make_operator(door.gateways, "engineer", email="eve@operators.example")
    refused = host("operators", "break-glass", "eve@operators.example", "--reason", "curious")
    assert (refused.code, "for an administrator" in refused.err) == (1, True)
    body = {"email": "eve@operators.example", "password": opened(host)}
    assert door.anonymous().post("/v1/auth/sign-in", json=body).status_code == 401
    enter(door, "cpl_bg_" + "0" * 49, code=401)
