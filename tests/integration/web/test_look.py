"""A creator says over REST and on a page how the site looks; what no page could show is refused with the field."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from controlplane.provisioning.models import Operation
from tenants.models import Tenant
from tests.fixtures.http import Door, make_customer
from tests.fixtures.studio import make_site

WISH: dict[str, Any] = {
    "look": {"name": "Rosen", "colour": "#FFD400", "texts": {"de": {"tagline": "Rosen aus Bonn"}}},
    "legal": {"name": "Rosen GmbH", "email": "post@rosen.de"},
}


@pytest.fixture
def creator(door: Door) -> tuple[TestClient, Tenant]:
    customer = make_customer(door.gateways)
    tenant = make_site(door.gateways, customer)
    with door.gateways.db.transaction() as session:
        row = session.get_one(Tenant, tenant.id)
        row.product, row.facts = "creator", {"site_release": "one", "url": "https://anna.example"}
        session.add(row)
    return door.customer(customer), row


def wanted(door: Door, tenant: Tenant) -> list[dict[str, Any]]:
    with door.gateways.db.transaction() as session:
        return [one.wanted for one in session.exec(select(Operation).where(Operation.tenant_id == tenant.id)).all()]


def test_a_wish_becomes_an_update_of_nothing_but_the_pages(door: Door, creator: tuple[TestClient, Tenant]) -> None:
    client, tenant = creator
    path = f"/v1/tenants/{tenant.id}/look"
    told = client.put(path, json=WISH)
    assert told.status_code == 202, told.text
    assert told.json()["look"]["colour"] == "#ffd400"
    contrast = told.json()["contrast"]
    assert (contrast["wanted"] < contrast["enough"], contrast["light"]) != (False, "#ffd400")
    assert wanted(door, tenant) == [{"only": "site"}]
    assert client.get(path).json()["legal"]["email"] == "post@rosen.de"
    assert client.put(path, json=WISH).json()["operation"] is None  # nothing is different
    assert client.put(path, json={}).json()["code"] == "operation_open"
    assert door.customer(make_customer(door.gateways)).get(path).status_code in {403, 404}


@pytest.mark.parametrize(
    "wrong",
    [
        {"look": {"colour": "red;}"}},
        {"look": {"name": "a\nb"}},
        {"look": {"texts": {"fr": {}}}},
        {"look": {"texts": {"de": {"tagline": "x" * 161}}}},
        {"legal": {"email": "nobody"}},
        {"surprise": 1},
    ],
)
def test_what_no_page_could_show_is_refused(creator: tuple[TestClient, Tenant], wrong: dict[str, Any]) -> None:
    client, tenant = creator
    assert client.put(f"/v1/tenants/{tenant.id}/look", json=wrong).status_code == 422


def test_the_page_takes_the_same_and_keeps_what_was_typed(door: Door, creator: tuple[TestClient, Tenant]) -> None:
    client, tenant = creator
    path = f"/portal/t/{tenant.id}/look"
    bad = client.post(path, data={"name": "Rosen", "colour": "gelb", "legal_email": "post@rosen.de"})
    assert (bad.status_code, 'id="colour-error"' in bad.text, 'value="gelb"' in bad.text) == (422, True, True)
    assert wanted(door, tenant) == []
    good = client.post(path, data={"name": "Rosen", "colour": "#123456", "about_de": "Eins\r\n\r\nZwei"})
    assert (good.status_code, good.headers["location"]) == (303, path)
    page = client.get(path).text
    assert ('value="#123456"' in page, "Eins\n\nZwei" in page, 'id="colour-error"' in page) == (True, True, False)
    assert wanted(door, tenant) == [{"only": "site"}]
