"""The whole description against the running product: whatever is sent, valid or not, nothing breaks on our side."""

import base64
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
import requests
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.openapi import from_dict

from controlplane.delivery.models import Email
from controlplane.identity import policy
from controlplane.identity.models import Operator, Principal
from controlplane.inbox.models import InboxEvent
from controlplane.provisioning.models import Operation
from tests.fixtures.http import ORIGIN, Door, bearer_of, operator_bearer, visitor
from tests.fixtures.shop import Shop

BRIEF = settings(
    max_examples=3, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)
WAYS = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
PARTS = ("method", "url", "headers", "params", "data", "json", "files", "cookies")
ARCHIVE = "/v1/tenants/{tenant_id}/releases"  # takes a zip, and has tests of its own


class TestDescription:
    def test_whatever_is_sent_nothing_breaks(self, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
        things, broken, seen = known(shop), [], Counter[int]()
        alone(monkeypatch)
        client = visitor(shop.app, raise_server_exceptions=False, follow_redirects=False)
        for operation, way in operations(client.get("/openapi.json").json()):
            headers = bearer(shop, operation, things)
            for answer in answers(client, operation, way, things, headers):
                seen[answer.status_code] += 1
                if answer.status_code >= 500 and answer.json().get("code") != "unavailable":
                    broken.append(f"{operation.label}: {answer.request.url} {answer.request.content!r:.300}")
        assert broken == []
        assert sum(seen.values()) > 500
        assert seen[200] > 80  # not only refusals were met


def known(shop: Shop) -> dict[str, str]:
    """Things that exist, so that more is met than the refusal of strangers."""
    order = shop.live()
    tenant = shop.tenant(order)
    operator_bearer(shop.gateways, "support")
    return {
        "tenant_id": tenant.id, "order_id": order.id, "customer_id": order.customer_id, "token": order.token,
        "operation_id": shop.rows(Operation)[-1].id, "event_id": shop.rows(InboxEvent)[-1].id,
        "email_id": shop.rows(Email)[-1].id, "operator_id": shop.rows(Operator)[-1].id, "slug": tenant.slug,
    }  # fmt: skip


def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the second person had agreed to everything: what comes behind that is to be met too."""
    for name, rule in list(policy.RULES.items()):
        marks = {role: mark.replace("②", "") for role, mark in rule.marks.items()}
        monkeypatch.setitem(policy.RULES, name, replace(rule, marks=marks))


def operations(described: dict[str, Any]) -> Iterator[tuple[Any, GenerationMode]]:
    for found in from_dict(described).get_all_operations():
        operation = found.ok()
        yield from ((operation, way) for way in WAYS if operation.label != f"POST {ARCHIVE}")


def bearer(shop: Shop, operation: Any, things: dict[str, str]) -> dict[str, str]:
    """An administrator's, except for what only customers may do; new for each, because some end their session."""
    rule = policy.RULES[operation.definition.raw["x-group"]]
    if rule.marks["admin"] == "–":
        return bearer_of(shop.gateways, Principal.CUSTOMER, things["customer_id"])
    return operator_bearer(shop.gateways, "admin")


def answers(
    client: TestClient, operation: Any, way: GenerationMode, things: dict[str, str], headers: dict[str, str]
) -> list[httpx.Response]:
    names = {one.name for one in operation.path_parameters} & things.keys() if way is GenerationMode.POSITIVE else set()
    found: list[httpx.Response] = []

    @seed(7)
    @BRIEF
    @given(operation.as_strategy(way, path_parameters={name: things[name] for name in names} or None))
    def ask(case: Case) -> None:
        found.append(sent(client, case, headers))

    try:
        ask()
    except Unsatisfiable:
        assert way is GenerationMode.NEGATIVE, operation.label  # it takes nothing that could be wrong
    return found


def sent(client: TestClient, case: Case, headers: dict[str, str]) -> httpx.Response:
    wanted = case.as_transport_kwargs(base_url=ORIGIN, headers=headers)
    prepared = requests.Request(**{name: wanted[name] for name in PARTS if name in wanted}).prepare()
    plain = [(name, value if isinstance(value, bytes) else value.encode()) for name, value in prepared.headers.items()]
    return client.request(prepared.method or "", prepared.url or "", content=prepared.body, headers=plain)


def cursor(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


class TestUnstorable:
    @pytest.mark.parametrize(
        "address",
        [
            "/v1/tenants?q=%00", f"/v1/tenants?cursor={cursor(chr(0))}", "/v1/customers?after=%00", "/v1/tenants/%00",
            f"/v1/tenants/x/history?cursor={cursor('abc')}", f"/v1/tenants/x/history?cursor={cursor('9' * 40)}",
            "/console/tenants?q=%00", "/console/inbox/%00", "/console/operations?phase=%00", "/de/bestellung/%00",
        ],
    )  # fmt: skip
    def test_is_said_to_be_not_valid(self, door: Door, address: str) -> None:
        assert door.operator("admin").get(address, headers={"accept": "text/html"}).status_code == 422

    def test_half_a_character_too(self, door: Door) -> None:
        body = {"content": b'{"tenant_id": "\\ud800"}', "headers": {"content-type": "application/json"}}
        assert door.operator("admin").post("/v1/accounts/claims", **body).status_code == 422
