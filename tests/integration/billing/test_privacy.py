"""Taking everything along, and being forgotten."""

import hashlib
import io
import json
import zipfile
from datetime import timedelta

from controlplane.billing import privacy, privacy_export, tasks
from controlplane.billing.privacy_models import Erasure, ErasureState
from controlplane.delivery.models import Email
from tenants import service as tenants
from tenants.models import Name
from tests.fixtures.dump import lines_with
from tests.fixtures.shop import Shop

PERSON = ("buyer@example.com", "Anna Beispiel", "anna-beispiel", "Weg 1")


def ask(shop: Shop, customer_id: str) -> Erasure:
    with shop.gateways.db.transaction() as session:
        return privacy.request(session, shop.gateways, customer_id, actor="customer:x")


def attempt(shop: Shop) -> Erasure:
    privacy.erase(shop.gateways, shop.rows(Erasure)[0].id)
    return shop.rows(Erasure)[0]


def test_the_archive_has_everything_and_proves_it(shop: Shop) -> None:
    order = shop.live()
    archive = zipfile.ZipFile(io.BytesIO(privacy_export.export(shop.gateways, order.customer_id)))
    manifest = json.loads(archive.read("manifest.json"))
    files = {entry["file"]: entry for entry in manifest["files"]}
    for name, entry in files.items():
        assert hashlib.sha256(archive.read(name)).hexdigest() == entry["sha256"]
    counts = {
        name: files[f"{name}.jsonl"]["rows"] for name in ("customer", "consents", "orders", "tenants", "invoices")
    }
    assert counts == {"customer": 1, "consents": 3, "orders": 1, "tenants": 1, "invoices": 1}
    assert files["stripe_customers.jsonl"]["rows"] == 1
    assert {f"{name}.jsonl" for name in ("domains", "credentials", "sign_ins", "memberships", "emails")} <= set(files)
    assert order.token.encode() not in archive.read("orders.jsonl")


def test_a_person_is_forgotten_and_what_stays_is_said(shop: Shop) -> None:
    order = shop.live()
    ask(shop, order.customer_id)
    assert attempt(shop).state == ErasureState.COOLING
    shop.clock.advance(hours=73)
    assert attempt(shop).state == ErasureState.ENDING
    for _ in range(4):  # suspended, kept no longer than needed, offboarded
        shop.settle()
        shop.finish_operations()
        shop.clock.advance(minutes=15)
        attempt(shop)
    row = shop.rows(Erasure)[0]
    assert row.state == ErasureState.DONE, row.reason
    assert row.certificate["stripe_customers_gone"] == {order.stripe_customer: True}
    assert set(row.certificate["kept"]) >= {"orders", "invoices", "payments"}
    assert set(row.certificate["readable_afterwards"].values()) == {0}
    assert row.certificate["anonymised"]["tenants"] == 1
    assert [lines_with(shop.gateways, mark) for mark in PERSON] == [[]] * len(PERSON)
    assert shop.gateways.stripe.customer_is_gone(order.stripe_customer)


def test_the_name_of_somebody_forgotten_rests_without_its_letters(shop: Shop) -> None:
    order = shop.live()
    tenant = shop.tenant(order)
    with shop.gateways.db.transaction() as session:
        until = shop.gateways.now() + timedelta(days=30)
        tenants.free_name(session, tenant.slug, holder=tenant.id, rest_until=until)
        privacy.anonymise(session, shop.gateways, order.customer_id)
    assert [name.until for name in shop.rows_of(Name)] == [until]
    assert "anna" not in str(shop.rows_of(Name))
    refused = shop.checkout(shop.quote(), slug="anna-beispie1", email="other@example.com")  # looks alike
    assert (refused.status_code, refused.json()["code"]) == (409, "slug_taken")
    assert not shop.client.get("/v1/slugs/anna-beispiel").json()["free"]

    shop.clock.advance(days=31)
    tasks.forget(shop.gateways)
    assert shop.rows_of(Name) == []
    assert shop.client.get("/v1/slugs/anna-beispiel").json()["free"]


def test_it_can_be_taken_back_in_time(shop: Shop) -> None:
    order = shop.live()
    ask(shop, order.customer_id)
    ask(shop, order.customer_id)
    assert len(shop.rows(Erasure)) == 1
    with shop.gateways.db.transaction() as session:
        privacy.withdraw(session, order.customer_id, actor="customer:x")
    shop.clock.advance(hours=100)
    assert attempt(shop).state == ErasureState.WITHDRAWN
    assert [row.kind for row in shop.rows(Email)].count("erasure_received") == 1
    assert shop.tenant(order).state == "active"


def test_an_open_dispute_forbids_it(shop: Shop) -> None:
    order = shop.live()
    charge = shop.gateways.stripe.charges(order.stripe_customer)[0]
    shop.vendors.sim("POST", "/disputes", {"charge": charge.id})
    shop.settle()
    ask(shop, order.customer_id)
    shop.clock.advance(hours=73)
    row = attempt(shop)
    assert row.state == ErasureState.HELD
    assert "dispute" in row.reason
    assert row.next_attempt_at
    assert row.next_attempt_at - shop.gateways.now() < timedelta(hours=1)
