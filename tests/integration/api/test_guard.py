"""The first look: who is let in, who is not, and what is written down."""

from sqlmodel import select

from controlplane.audit.models import AuditEntry
from controlplane.identity.models import Role
from tests.fixtures.http import Door


def entries(door: Door, action: str) -> list[AuditEntry]:
    with door.gateways.db.transaction() as session:
        return list(session.exec(select(AuditEntry).where(AuditEntry.action == action)).all())


def test_nobody_sees_tenants_without_signing_in(door: Door) -> None:
    answer = door.anonymous().get("/v1/tenants")
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_every_operator_reads_tenants(door: Door) -> None:
    for role in Role:
        answer = door.operator(role).get("/v1/tenants")
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")


def test_a_refusal_of_somebody_known_is_written_down(door: Door) -> None:
    answer = door.operator("auditor").post("/v1/operations/x/retry")
    assert (answer.status_code, answer.json()["code"]) == (403, "role")
    [entry] = entries(door, "access.refused")
    assert (entry.outcome, entry.object_id) == ("refused", "POST /v1/operations/x/retry")


def test_refusals_of_strangers_are_summed(door: Door) -> None:
    client = door.anonymous()
    for _again in range(5):
        client.get("/v1/tenants")
    assert entries(door, "access.refused") == []
    door.app.state.refusals.close()
    [entry] = entries(door, "access.refused")
    assert (entry.actor, entry.object_id, entry.reason) == ("anonymous", "tenants.read", "5 times in a minute")


def test_a_forged_token_is_refused(door: Door) -> None:
    client = door.client({"authorization": "Bearer cpl_at_" + "x" * 49})
    assert client.get("/v1/tenants").json()["code"] == "bad_token"
