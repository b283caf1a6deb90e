"""An operation and its stack in somebody's hands: over pages, and the same over REST."""

import csv
import html
import io
import json
import re
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlmodel import select

from controlplane.audit.service import record
from controlplane.domains.models import Domain, HostState
from controlplane.identity.models import Operator, Principal
from controlplane.inbox.models import InboxEvent
from controlplane.provisioning import states
from controlplane.provisioning.models import Approval, Operation, OperationEvent, Phase, Step
from controlplane.web.console import attention
from tenants import service as tenants
from tenants.conditions import Concern, Finding, Health, Who
from tenants.models import Tenant
from tests.fixtures.furnished import URN, Furnished
from tests.fixtures.http import ORIGIN, bearer_of, make_operator, operator_bearer, visitor
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
    def test_is_parked_taken_read_to_the_end_and_moved_on(self, shop: Shop, furnished: Furnished) -> None:
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

        self._shows_at_its_tenant_what_it_does(furnished, one)
        self._goes_on_at_the_step_that_two_people_chose(shop, furnished, one, other)

    def _shows_at_its_tenant_what_it_does(self, furnished: Furnished, one: TestClient) -> None:
        page = one.get(f"/console/tenants/{furnished.operation.tenant_id}").text
        address = f"/console/operations/{furnished.operation.id}"
        assert f'data-hx-sse:connect="{address}/stream?part=work"' in page
        now = one.get(f"{address}/live?part=work").text
        steps = re.findall(r'id="st-([^"]+)" class="(\w+)"', now)
        assert ("probe", "next") in steps
        assert re.findall(r'id="st-([^"]+)" class="(\w+)"', page) == steps
        assert ('class="graph"' in now) is ('class="graph"' in page) is True
        assert one.get(f"{address}/live?part=nothing").status_code == 422

    def _goes_on_at_the_step_that_two_people_chose(
        self, shop: Shop, furnished: Furnished, one: TestClient, other: TestClient
    ) -> None:
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


class TestComparing:
    def test_plans_and_kept_states(self, shop: Shop, furnished: Furnished) -> None:
        _me, one = engineer(shop)
        self._a_plan_says_what_changed_since_the_one_before(shop, furnished, one)
        address = self._two_states_are_compared_without_any_value(shop, furnished, one)
        assert one.get(address.replace("since=3", "since=9")).status_code == 404

    def _a_plan_says_what_changed_since_the_one_before(self, shop: Shop, furnished: Furnished, one: TestClient) -> None:
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

    def _two_states_are_compared_without_any_value(self, shop: Shop, furnished: Furnished, one: TestClient) -> str:
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
        return address


class TestStart:
    def test_tells_of_drift_and_lost_names_and_of_what_cannot_be_asked(
        self, shop: Shop, furnished: Furnished, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _me, one = engineer(shop)
        with shop.gateways.db.transaction() as session:
            tenant = session.get_one(Tenant, furnished.tenant.id)
            tenants.set_condition(session, tenant, Concern.CLOUD, Finding(
                Health.ATTENTION, "drifted", "web", "repair", Who.OPERATOR), now=shop.gateways.now())  # fmt: skip
            domain = session.exec(select(Domain)).one()
            domain.state, domain.reason = HostState.MOVED, "certificate timed out"
        monkeypatch.setattr(attention, "OLD_PRICES", timedelta(days=-100_000))
        page = one.get("/console").text
        assert "Preise der Anbieter" in page
        groups = re.findall(r'<section id="group-(\w+)"', page)
        assert {"drift", "names"} <= set(groups)
        assert "certificate timed out" in page
        assert "Weicht von der Cloud ab" in page
        broken = select(Operation).where(text("1 / (length('') + 0) = 1"))
        monkeypatch.setitem(attention.FINDERS, "drift", attention.Finder(broken, lambda *_given: []))
        attention._any_of_each.cache_clear()
        try:
            groups = one.get("/v1/attention").json()["groups"]
        finally:
            attention._any_of_each.cache_clear()
        failed = {group["name"]: group["failed"] for group in groups}
        assert (failed["drift"], failed["parked"], failed["approvals"]) == (True, False, False)


class TestTimeline:
    def test_is_one_line_of_everything_and_filtered_by_kind_person_and_outcome(
        self, shop: Shop, furnished: Furnished
    ) -> None:
        _me, one = engineer(shop)
        home = f"/v1/tenants/{furnished.tenant.id}/timeline"
        found = one.get(home, params={"limit": 100}).json()["items"]
        assert {row["kind"] for row in found} == {"operation", "move", "letter", "act"}
        assert found == sorted(found, key=lambda row: (row["at"], row["id"]), reverse=True)
        assert pages(one, home) == [row["id"] for row in found]
        for chosen, holds in (
            ({"kind": "letter"}, lambda row: row["kind"] == "letter"),
            ({"who": "operator"}, lambda row: row["actor"].startswith("operator:")),
            ({"who": "us"}, lambda row: not row["actor"].startswith(("operator:", "customer:"))),
            ({"failed": "true"}, lambda row: row["failed"]),
        ):
            some = one.get(home, params={"limit": 100, **chosen}).json()["items"]
            assert [row["id"] for row in some] == [row["id"] for row in found if holds(row)], chosen
            assert some, chosen
        page = one.get(f"/console/tenants/{furnished.tenant.id}?kind=operation&failed=true").text
        assert page.count("Nicht gut gegangen") == sum(row["failed"] for row in found if row["kind"] == "operation")
        assert one.get(home, params={"cursor": "bm90LWEtdGltZQ"}).status_code == 422


def pages(one: TestClient, home: str) -> list[str]:
    ids: list[str] = []
    cursor = ""
    while True:
        page = one.get(home, params={"limit": 3, "cursor": cursor}).json()
        ids += [row["id"] for row in page["items"]]
        cursor = page["next"] or ""
        if not cursor:
            return ids


class TestRecords:
    def test_a_covered_field_is_shown_once_to_an_admin_who_says_why(self, shop: Shop) -> None:
        with shop.gateways.db.transaction() as session:
            row = InboxEvent(source="aws", external_id="1", type="confirm", facts={"topic": "t", "token": "hush-hush"})
            session.add(row)
        admin = visitor(shop.app, headers=operator_bearer(shop.gateways, "admin"), follow_redirects=False)
        _me, one = engineer(shop)
        for address in (f"/console/inbox/{row.id}", f"/v1/inbox/{row.id}", "/v1/inbox"):
            assert "hush-hush" not in admin.get(address).text
        field = f"/console/inbox/{row.id}/facts/token"
        assert one.post(field, data={"reason": "curious"}, headers=HTML).status_code == 403
        assert "hush-hush" in admin.post(field, data={"reason": "subscription hangs"}, headers=HTML).text
        assert "hush-hush" not in admin.get(f"/console/inbox/{row.id}").text
        again = admin.post(f"/v1/inbox/{row.id}/facts/token", json={"reason": "once more"})
        assert again.json() == {"field": "token", "value": "hush-hush"}
        trail = admin.get("/v1/audit", params={"action": "inbox.revealed"}).json()["items"]
        assert [entry["reason"] for entry in trail] == ["token: once more", "token: subscription hangs"]

    def test_the_trail_is_taken_along_as_table_and_as_lines(self, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("controlplane.api.downloads.PIECE", 2)
        auditor = visitor(shop.app, headers=operator_bearer(shop.gateways, "auditor"))
        with shop.gateways.db.transaction() as session:
            for number in range(5):
                record(session, actor="operator:x", action="thing.done", object_type="thing", object_id=str(number),
                       reason="=1+1")  # fmt: skip
        lines = auditor.get("/v1/audit/export?action=thing.done").text.splitlines()
        assert sorted(json.loads(line)["object_id"] for line in lines) == ["0", "1", "2", "3", "4"]
        table = auditor.get("/console/audit/export?format=csv&action=thing.done")
        rows = list(csv.DictReader(io.StringIO(table.text.removeprefix("\ufeff"))))
        assert {row["reason"] for row in rows} == {"'=1+1"}
        assert len(rows) == 5
        assert "row_mac" not in rows[0]
        taken = auditor.get("/v1/audit?action=audit.exported").json()["items"]
        assert [entry["object_id"] for entry in taken] == ["csv", "jsonl"]
        engineer_ = visitor(shop.app, headers=operator_bearer(shop.gateways, "engineer"))
        assert engineer_.get("/v1/audit/export?action=thing.done").text == ""

    def test_sessions_are_listed_and_ended_one_by_one(self, shop: Shop) -> None:
        admin = visitor(shop.app, headers=operator_bearer(shop.gateways, "admin"), follow_redirects=False)
        me, one = engineer(shop)
        home = f"/v1/operators/{me.id}"
        (session,) = admin.get(f"{home}/sessions").json()["sessions"]
        assert "Beenden" in admin.get(f"/console/operators/{me.id}").text
        stranger = make_operator(shop.gateways, "support")
        assert admin.delete(f"/v1/operators/{stranger.id}/sessions/{session['id']}").status_code == 404
        ended = admin.post(f"/console/operators/{me.id}/sessions/{session['id']}", headers=HTML)
        assert ended.status_code == 303
        assert one.get("/v1/tenants").status_code == 401
        assert admin.get(f"{home}/sessions").json()["sessions"] == []
