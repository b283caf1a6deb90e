"""An operation and its stack in somebody's hands: over pages, and the same over REST."""

import html
import re
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlmodel import select

from controlplane.domains.models import Domain, HostState
from controlplane.identity.models import Operator, Principal
from controlplane.provisioning import states
from controlplane.provisioning.models import Approval, Operation, OperationEvent, Phase, Step
from controlplane.web.console import attention
from tenants import service as tenants
from tenants.conditions import Concern, Finding, Health, Who
from tenants.models import Tenant
from tests.fixtures.furnished import URN, Furnished
from tests.fixtures.http import ORIGIN, bearer_of, make_operator, visitor
from tests.fixtures.shop import Shop

HTML = {"accept": "text/html", "origin": ORIGIN, "sec-fetch-site": "same-origin"}
SEALED = "4dabf18193072939515e22adb298388d"


@pytest.fixture
def furnished(shop: Shop) -> Furnished:
    return Furnished(shop)


def engineer(shop: Shop) -> tuple[Operator, TestClient]:
    row = make_operator(shop.gateways, "engineer")
    headers = bearer_of(shop.gateways, Principal.OPERATOR, row.id)
    return row, visitor(shop.app, headers=headers, follow_redirects=False)


def agree(other: TestClient) -> None:
    act = re.findall(r'id="act-([^"]+)"', other.get("/console/approvals").text)[0]
    given = {"decision": "approve", "reason": "seen"}
    assert other.post(f"/console/acts/{act}", data=given, headers=HTML).status_code == 303


class TestOperation:
    def test_is_parked_taken_and_its_log_read_to_the_end(self, shop: Shop, furnished: Furnished) -> None:
        me, one = engineer(shop)
        address = f"/console/operations/{furnished.operation.id}"
        assert one.post(f"{address}/park", data={"reason": "too early"}, headers=HTML).status_code == 409
        with shop.gateways.db.transaction() as session:
            row = session.get_one(Operation, furnished.operation.id)
            row.phase, row.next_attempt_at = Phase.WAITING, shop.gateways.now() + timedelta(hours=1)
            for number in range(3, 1_300):
                session.add(OperationEvent(operation_id=row.id, sequence=number, step="stack", kind="diag", text="on"))
        assert one.post(f"{address}/park", data={"reason": "looks wrong"}, headers=HTML).status_code == 303
        page = one.get(address).text
        assert "looks wrong" in page
        assert f"operator:{me.id}" in page
        second, other = engineer(shop)
        assert other.post(f"/v1/operations/{furnished.operation.id}/take").json()["held_by"] == f"operator:{second.id}"
        assert f"operator:{second.id}" in one.get(address).text
        log = one.get(f"{address}/log")
        assert log.headers["content-type"].startswith("text/plain")
        assert len(log.text.splitlines()) == 1_300
        assert one.get("/v1/operations/nothing/log").status_code == 404

    def test_goes_on_at_the_step_that_two_people_chose(self, shop: Shop, furnished: Furnished) -> None:
        (_me, one), (_other, other) = engineer(shop), engineer(shop)
        with shop.gateways.db.transaction() as session:
            session.add(Step(operation_id=furnished.operation.id, position=3, name="probe", result={"seen": 1},
                             finished_at=shop.gateways.now()))  # fmt: skip
        address = f"/console/operations/{furnished.operation.id}/steps/edge_document"
        assert "Bei einem Schritt weitermachen" in one.get(address).text
        assert one.get(address.replace("edge_document", "nothing")).status_code == 404
        given = {"typed": "furnished-site", "reason": "the stack is right"}
        assert one.post(address, data=given, headers=HTML).status_code == 428
        agree(other)
        assert one.post(address, data=given, headers=HTML).status_code == 303
        shown = one.get(f"/v1/operations/{furnished.operation.id}").json()
        results = {step["name"]: step["result"] for step in shown["steps"]}
        assert list(results["preview"]) == list(results["stack"]) == ["skipped_by"]
        assert results["probe"] is None
        assert shown["phase"] == Phase.WAITING
        assert "ausgelassen" in one.get(f"/console/operations/{furnished.operation.id}").text


class TestPlans:
    def test_a_plan_says_what_changed_since_the_one_before(self, shop: Shop, furnished: Furnished) -> None:
        _me, one = engineer(shop)
        page = f"/console/approvals/{furnished.approval.id}"
        assert "Geändert gegenüber" not in one.get(page).text
        plan = {"critical": [], "changes": [{"op": "replace", "urn": URN}, {"op": "delete", "urn": f"{URN}-3"}]}
        with shop.gateways.db.transaction() as session:
            session.get_one(Approval, furnished.approval.id).decision = "approved"
            row = Approval(operation_id=furnished.operation.id, tenant_id=furnished.tenant.id, requested_by="rule:x",
                           plan=plan, plan_hash="1" * 64, expires_at=furnished.approval.expires_at)  # fmt: skip
            session.add(row)
        last = one.get(f"/v1/approvals/{row.id}").json()["since_last"]
        assert [(change["op"], change["urn"]) for change in last["added"]] == [("delete", f"{URN}-3")]
        assert [(change["op"], change["urn"]) for change in last["gone"]] == [("create", f"{URN}-2")]
        text = one.get(page.replace(furnished.approval.id, row.id)).text
        assert text.index("Neu im Plan") < text.index("web-3") < text.index("Nicht mehr im Plan") < text.index("web-2")


class TestStates:
    def test_two_kept_states_are_compared_without_any_value(self, shop: Shop, furnished: Furnished) -> None:
        _me, one = engineer(shop)
        tenant = furnished.tenant
        with shop.gateways.db.transaction() as session:
            for secret, comment, more in (("one", "old", "gone"), ("two", "new", "made")):
                inputs = {"comment": comment, "value": {SEALED: "1b47", "ciphertext": secret}, "ttl": 1}
                resources = [{"urn": URN, "id": "r1", "inputs": inputs}, {"urn": f"{URN}-{more}", "id": more}]
                states.store(session, shop.gateways, tenant.id, "site", {"deployment": {"resources": resources}},
                             moment="after")  # fmt: skip
        page = html.unescape(one.get(f"/console/tenants/{tenant.id}/recovery").text)
        address = f"/console/tenants/{tenant.id}/recovery/changes?version=4&since=3"
        assert address in page
        shown = one.get(address).text
        assert "3 Ressourcen sind anders." in shown
        assert all(word not in shown for word in ("ciphertext", "1b47", ">old<", ">new<"))
        found = one.get(f"/v1/tenants/{tenant.id}/states/4/changes?since=3").json()
        assert [row["properties"] for row in found["changed"]] == [["comment"]]
        assert ([row["id"] for row in found["made"]], [row["id"] for row in found["gone"]]) == (["made"], ["gone"])
        assert one.get(address.replace("since=3", "since=9")).status_code == 404


class TestStart:
    def test_tells_of_drift_and_of_names_that_were_lost(self, shop: Shop, furnished: Furnished) -> None:
        _me, one = engineer(shop)
        with shop.gateways.db.transaction() as session:
            tenant = session.get_one(Tenant, furnished.tenant.id)
            tenants.set_condition(session, tenant, Concern.CLOUD, Finding(
                Health.ATTENTION, "drifted", "web", "repair", Who.OPERATOR), now=shop.gateways.now())  # fmt: skip
            domain = session.exec(select(Domain)).one()
            domain.state, domain.reason = HostState.MOVED, "certificate timed out"
        page = one.get("/console").text
        groups = re.findall(r'<section id="group-(\w+)"', page)
        assert {"drift", "names"} <= set(groups)
        assert "certificate timed out" in page
        assert "Weicht von der Cloud ab" in page

    def test_a_group_that_cannot_be_asked_says_so_and_the_others_are_there(
        self, shop: Shop, furnished: Furnished, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        broken = select(Operation).where(text("1 / (length('') + 0) = 1"))
        monkeypatch.setitem(attention.FINDERS, "drift", attention.Finder(broken, lambda *_given: []))
        attention._any_of_each.cache_clear()
        try:
            groups = engineer(shop)[1].get("/v1/attention").json()["groups"]
        finally:
            attention._any_of_each.cache_clear()
        failed = {group["name"]: group["failed"] for group in groups}
        assert (failed["drift"], failed["parked"], failed["approvals"]) == (True, False, False)
