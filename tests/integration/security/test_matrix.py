"""Every route of the running application × everybody who might call it; expected is what the table says."""

import re
from collections.abc import Iterator

import pytest
from sqlmodel import select

from controlplane.api import access
from controlplane.api.access import NotGuarded, Router
from controlplane.app import create_app
from controlplane.audit.models import AuditEntry
from controlplane.identity.policy import RULES, SCOPES
from tests.fixtures.http import Door, make_customer

ABSENT = "00000000000000000000000000"
OPEN_WORK = frozenset({"webhooks", "health"})  # they look at no actor


def calls(door: Door) -> Iterator[tuple[str, str, str]]:
    """(method, path with ids of nothing, group), each case of a route that decides by its path."""
    for name, required in access.groups(door.app):
        method, _space, path = name.partition(" ")
        assert required, name
        for value in (*required.cases, "") if required.param else ("",):
            filled = path.replace("{" + required.param + "}", value or "refresh") if required.param else path
            yield method, re.sub(r"\{\w+\}", ABSENT, filled), required.cases.get(value, required.group)


def test_a_route_without_a_group_does_not_start(door: Door) -> None:
    bare = Router(prefix="/v1/hole")
    bare.add_api_route("", lambda: None)
    app = create_app(door.gateways)
    app.include_router(bare)
    with pytest.raises(NotGuarded):
        access.check(app)


@pytest.mark.parametrize("role", ["anonymous", "customer", "auditor", "support", "engineer", "admin"])
def test_who_is_let_in(door: Door, role: str) -> None:
    customer = make_customer(door.gateways)
    client = {"anonymous": door.anonymous, "customer": lambda: door.customer(customer)}.get(
        role, lambda: door.operator(role)
    )()
    wrong = []
    for method, path, group in calls(door):
        if group in OPEN_WORK or path.endswith(("/sign-out", "/stream", "/drift", "/sync")):
            continue
        answer = client.request(method, path)
        marks = RULES[group].marks
        allowed = {marks[one] for one in ("reader", "editor", "owner")} if role == "customer" else {marks[role]}
        refused = {401} if role == "anonymous" else {403}
        if not path.startswith(("/v1/", "/oauth/")):  # a page: it may lead to the sign-in instead
            ok = allowed != {"–"} or answer.status_code in {303, 401, 403, 404}
        elif allowed == {"–"}:
            ok = answer.status_code in refused and answer.json()["code"] in {"unauthenticated", "role"}
        elif "②" in "".join(allowed):
            ok = answer.status_code == 428
        else:
            ok = answer.status_code not in {401, 403} or answer.json()["code"] in {
                "sign_in_refused", "link_refused", "invalid_client", "step_up_by_letter",
            }  # fmt: skip
        if not ok or answer.status_code >= 500:
            wrong.append((method, path, group, answer.status_code, answer.text[:200]))
    assert wrong == []


def test_a_machine_reaches_what_its_scope_opens(door: Door) -> None:
    for scope in (*SCOPES, "never"):
        machine = door.machine(*(one for one in SCOPES if one != scope))  # no other scope helps
        for method, path, group in calls(door):
            if group in OPEN_WORK or RULES[group].scope != scope or not path.startswith("/v1/"):
                continue
            answer = machine.request(method, path)
            assert (answer.status_code, answer.json()["code"]) == (403, "role"), (scope, method, path)


def test_what_belongs_to_somebody_else_does_not_exist(door: Door) -> None:
    mine, theirs = make_customer(door.gateways), make_customer(door.gateways)
    client = door.customer(mine)
    assert client.get(f"/v1/customers/{mine.id}").status_code == 200
    foreign, absent = client.get(f"/v1/customers/{theirs.id}"), client.get(f"/v1/customers/{ABSENT}")
    assert foreign.status_code == absent.status_code == 404
    assert {**foreign.json(), "request_id": ""} == {**absent.json(), "request_id": ""}
    assert theirs.email not in foreign.text


def test_every_refusal_of_somebody_known_is_in_the_trail(door: Door) -> None:
    client, refused = door.operator("auditor"), 0
    for method, path, group in calls(door):
        if RULES[group].marks["auditor"] == "–" and group not in OPEN_WORK and path.startswith("/v1/"):
            refused += client.request(method, path).status_code == 403
    with door.gateways.db.transaction() as session:
        entries = session.exec(select(AuditEntry).where(AuditEntry.action == "access.refused")).all()
    assert len(entries) == refused > 10
