"""The registrar: JSON for tests, a page for people, strict about what it takes."""

import uuid

import httpx
import pytest

from sandbox.dns.table import DnsTable, Record
from sandbox.kit import Store
from tests.contract.control.process import Vendors


@pytest.fixture
def zone() -> str:
    return f"r{uuid.uuid4().hex[:10]}.example"


class TestJson:
    def test_publish_list_withdraw(self, http: httpx.Client, zone: str) -> None:
        records = [{"name": zone, "type": "TXT", "value": value} for value in ("one", "two")]
        assert http.post("/dns/records", json=records).status_code == 201
        listed = http.get("/dns/records", params={"domain": zone}).json()["records"]
        assert [(record["value"], record["owner"]) for record in listed] == [("one", "registrar"), ("two", "registrar")]
        assert http.delete("/dns/records", params={"name": zone}).json() == {"withdrawn": 2}
        assert http.get("/dns/records", params={"domain": zone}).json() == {"records": []}

    def test_the_same_record_twice_is_one(self, http: httpx.Client, zone: str) -> None:
        for ttl in (60, 120):
            http.post("/dns/records", json={"name": zone, "type": "A", "value": "192.0.2.1", "ttl": ttl})
        listed = http.get("/dns/records", params={"name": zone}).json()["records"]
        assert [record["ttl"] for record in listed] == [120]

    def test_international_names_are_encoded(self, http: httpx.Client) -> None:
        answer = http.post("/dns/records", json={"name": "Bücher.example", "type": "A", "value": "192.0.2.1"})
        assert answer.json()["records"][0]["name"] == "xn--bcher-kva.example"

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"name": "no dots"}, "name"),
            ({"name": "tld"}, "name"),
            ({"name": "a..example"}, "name"),
            ({"name": "a.*.example"}, "name"),
            ({"name": "-a.example"}, "name"),
            ({"name": ""}, "name"),
            ({"type": "WKS"}, "type"),
            ({"value": "300.1.1.1"}, "value"),
            ({"value": "2001:db8::1"}, "value"),
            ({"value": "192.0.2.1\n192.0.2.2"}, "value"),
            ({"ttl": -1}, "ttl"),
            ({"ttl": "soon"}, "ttl"),
            ({"type": "MX", "value": "mx.example", "priority": 70000}, "priority"),
            ({"type": "CNAME", "value": "https://example.com/"}, "value"),
            ({"type": "CAA", "value": "letsencrypt.org"}, "value"),
            ({"surprise": 1}, "surprise"),
        ],
    )
    def test_a_wrong_record_is_refused(self, http: httpx.Client, change: dict[str, object], field: str) -> None:
        good = {"name": "good.example", "type": "A", "value": "192.0.2.1"}
        answer = http.post("/dns/records", json={**good, **change})
        assert (answer.status_code, answer.json()["field"]) == (422, field)

    def test_no_json_is_refused(self, http: httpx.Client) -> None:
        assert http.post("/dns/records", content=b"{").status_code == 422

    def test_an_alias_stands_alone(self, http: httpx.Client, zone: str) -> None:
        assert http.post("/dns/records", json={"name": zone, "type": "CNAME", "value": "x.example"}).status_code == 201
        assert http.post("/dns/records", json={"name": zone, "type": "TXT", "value": "x"}).status_code == 422
        other = f"b.{zone}"
        assert http.post("/dns/records", json={"name": other, "type": "TXT", "value": "x"}).status_code == 201
        assert http.post("/dns/records", json={"name": other, "type": "CNAME", "value": "x.y"}).status_code == 422


class TestPage:
    def test_a_person_sets_and_removes_a_record(self, http: httpx.Client, zone: str) -> None:
        form = {"domain": zone, "name": f"www.{zone}", "type": "CNAME", "value": "sites.example", "ttl": "300"}
        page = http.post("/dns/registrar", data=form, follow_redirects=True)
        assert page.status_code == 200
        assert f"www.{zone}" in page.text
        removal = {
            "action": "withdraw",
            "domain": zone,
            "name": f"www.{zone}",
            "type": "CNAME",
            "value": "sites.example",
        }
        page = http.post("/dns/registrar", data=removal, follow_redirects=True)
        assert f"No records for {zone} yet." in page.text

    def test_a_mistake_is_explained_and_the_input_kept(self, http: httpx.Client, zone: str) -> None:
        form = {"domain": zone, "name": zone, "type": "A", "value": "not an <address>"}
        page = http.post("/dns/registrar", data=form)
        assert page.status_code == 422
        assert "Not saved: value is no A value." in page.text
        assert "not an &lt;address&gt;" in page.text

    def test_records_of_vendors_are_shown_and_kept(self, http: httpx.Client, vendors: Vendors, zone: str) -> None:
        table = DnsTable(Store(vendors.folder / "dns" / "state.sqlite"))
        table.publish(Record(zone, "A", "192.0.2.1", owner="cloudflare:zone1"))
        page = http.get("/dns/registrar", params={"domain": zone})
        assert "cloudflare:zone1" in page.text
        assert f'aria-label="Remove A {zone}"' not in page.text
        assert http.delete("/dns/records", params={"name": zone}).json() == {"withdrawn": 0}

    def test_a_form_of_a_foreign_page_changes_nothing(self, http: httpx.Client, zone: str) -> None:
        form = {"name": zone, "type": "A", "value": "192.0.2.1"}
        foreign = {"origin": "https://evil.example"}
        assert http.post("/dns/registrar", data=form, headers=foreign).status_code == 403
        assert http.post("/dns/records", json=form, headers=foreign).status_code == 403
        assert http.get("/dns/records", params={"domain": zone}).json() == {"records": []}
