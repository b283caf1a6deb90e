"""Closing at the pace that the vendor allows; accounts that nobody knows; and the way over HTTP."""

from collections.abc import Callable

from fastapi import FastAPI

from controlplane.accounts import factory, reconciliation
from controlplane.accounts.models import AccountState as S
from controlplane.gateways import Gateways
from controlplane.provisioning.models import Kind
from tests.contract.aws.conftest import Aws
from tests.fixtures.http import Door
from tests.fixtures.product import TestClock
from tests.integration.accounts.conftest import make_due, ordered, read, work
from tests.integration.accounts.test_alarms import creator
from tests.integration.accounts.test_pool import in_stock, wish


def test_closing_waits_for_the_vendors_quota(gateways: Gateways, aws: Aws, clock: TestClock) -> None:
    account = work(gateways, ordered(gateways))
    aws.sim("PATCH", "/settings", json={"close_quota": 0})
    wish(gateways, account, S.CLOSED)
    waits = []
    for _attempt in range(3):
        clock.advance(hours=3)
        make_due(gateways, account)
        factory.advance(gateways, account.id)
        row = read(gateways, account)
        assert row.next_check_at
        waits.append(round((row.next_check_at - gateways.now()).total_seconds() / 3600))
    assert waits == [3, 6, 9]
    assert row.state == "ready"
    aws.sim("PATCH", "/settings", json={"close_quota": 1000})
    assert work(gateways, account, until="closed").closed_at


def test_what_was_closed_elsewhere_counts_as_closed(gateways: Gateways) -> None:
    account = work(gateways, ordered(gateways))
    gateways.aws.organization.close(str(account.account_id))
    wish(gateways, account, S.CLOSED)
    assert work(gateways, account, until="closed").error == ""


def test_the_comparison_names_unknown_missing_and_misplaced_accounts(gateways: Gateways, aws: Aws) -> None:
    account = work(gateways, ordered(gateways))
    stranger = aws.new_account()
    [lost] = in_stock(gateways, 1)
    before = {(found["what"], found["account_id"]) for found in reconciliation.compare(gateways)}
    assert {("unknown", stranger), ("missing", lost.account_id)} <= before
    assert account.account_id not in {identity for _what, identity in before}
    organization = gateways.aws.organization
    source = organization.parent(str(account.account_id))
    organization.move(str(account.account_id), source=source, target=organization.root())
    organization.close(str(account.account_id))
    after = {(found["what"], found["account_id"]) for found in reconciliation.compare(gateways)}
    assert ("closed_elsewhere", account.account_id) in after - before
    assert not reconciliation.reconcile(gateways).passed


def test_over_http(gateways: Gateways, build_app: Callable[[Gateways], FastAPI]) -> None:
    door = Door(build_app(gateways), gateways)
    [row] = in_stock(gateways, 1)
    support, engineer = door.operator("support"), door.operator("engineer")
    assert [each["account_id"] for each in support.get("/v1/accounts").json()["items"]] == [row.account_id]
    assert support.get("/v1/accounts/stock").json()["ready"] == 1
    assert support.post(f"/v1/accounts/{row.id}/probe").status_code == 403
    assert engineer.post(f"/v1/accounts/{row.id}/probe").json()["state"] == "probing"
    body = {"reason": "it sends spam"}
    assert engineer.post(f"/v1/accounts/{row.id}/quarantine", json=body).json()["wanted"] == "quarantined"
    assert engineer.post(f"/v1/accounts/{row.id}/close", json=body).status_code == 428
    assert engineer.post(f"/v1/accounts/{row.id}/reopen", json=body).status_code == 409
    assert engineer.post("/v1/accounts/claims", json={"tenant_id": "nobody"}).status_code == 404
    assert engineer.post("/v1/accounts/reconcile").status_code == 202
    assert support.get("/v1/accounts/reports").json() == []


def test_a_creator_who_is_locked_out_is_let_in_by_two_persons_who_know_the_proof(
    gateways: Gateways, build_app: Callable[[Gateways], FastAPI]
) -> None:
    door = Door(build_app(gateways), gateways)
    one, other = door.operator("engineer"), door.operator("admin")
    path, body = f"/v1/tenants/{creator(gateways, None)}/unlock-owner", {"reason": "lost the phone"}
    assert door.operator("support").post(path, json=body).status_code == 403
    body["proof"] = "a call to the number of the contract"
    act = one.post(path, json=body).json()["act"]
    [waiting] = [row for row in other.get("/v1/acts").json()["acts"] if row["id"] == act]
    assert waiting["reason"] == "; ".join(body.values())
    other.post(f"/v1/acts/{act}", json={"agree": True, "reason": "called as well"}).raise_for_status()
    assert one.post(path, json=body).json()["kind"] == Kind.UPDATE
