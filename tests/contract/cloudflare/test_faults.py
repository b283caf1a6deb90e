"""Failures that a vendor causes, and what is true afterwards."""

import httpx
import pytest

from sandbox.kit import Fault
from tests.contract.cloudflare.harness import EU, Client, unique, until


def test_a_created_object_is_found_by_name_after_a_lost_answer(api: Client) -> None:
    base, name = f"{api.account}/r2/buckets", unique("lost")
    api.fault("POST */r2/buckets", "timeout_after", times=1)
    with pytest.raises(httpx.TransportError):
        api.http.post(base, json={"name": name}, headers=EU)
    assert api.ok("GET", f"{base}/{name}", headers=EU)["name"] == name
    api.refused("POST", base, 409, 10004, json={"name": name}, headers=EU)


def test_nothing_is_created_when_the_request_is_dropped(api: Client) -> None:
    title = unique("dropped")
    base = f"{api.account}/storage/kv/namespaces"
    api.fault("POST */namespaces", "drop", times=1)
    with pytest.raises(httpx.TransportError):
        api.http.post(base, json={"title": title})
    assert api.ok("POST", base, json={"title": title})["title"] == title


def test_somebody_else_is_faster(api: Client) -> None:
    name = f"www.{unique('anna')}.de"
    body = {"hostname": name, "ssl": {"method": "txt", "type": "dv"}}
    api.fault("POST */custom_hostnames", "duplicate", times=1)
    api.refused("POST", f"{api.zone}/custom_hostnames", 409, 1406, json=body)
    assert len(api.ok("GET", f"{api.zone}/custom_hostnames", params={"hostname": name})) == 1


@pytest.mark.parametrize(
    ("kind", "options", "status", "code"),
    [
        ("error", {"status": 500, "code": "10001"}, 500, 10001),
        ("error", {"status": 400, "code": "10013"}, 400, 10013),
        ("quota", {"seconds": 7}, 429, 971),
    ],
)
def test_an_injected_error_has_cloudflares_shape(
    api: Client, kind: str, options: dict[str, int | str], status: int, code: int
) -> None:
    api.fault("GET /client/v4/zones", kind, times=1, **options)
    answer = api.http.get("/zones")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (status, code)
    assert answer.headers.get("retry-after") == ("7" if kind == "quota" else None)
    assert api.ok("GET", "/zones")


def test_a_delete_may_answer_nothing_at_all(api: Client) -> None:
    bucket = api.bucket(unique("quiet"), headers=EU)
    api.fault("DELETE */r2/buckets/*", "empty_body", times=1)
    answer = api.http.delete(bucket, headers=EU)
    assert (answer.status_code, answer.content) == (200, b"")
    api.refused("GET", bucket, 404, 10006, headers=EU)


def test_a_bucket_that_is_said_to_be_full_is_not_deleted(api: Client) -> None:
    bucket = api.bucket(unique("full"), headers=EU)
    api.fault("DELETE */r2/buckets/*", "not_empty", times=1)
    api.refused("DELETE", bucket, 409, 10008, headers=EU)
    api.ok("DELETE", bucket, headers=EU)


def test_the_edge_can_be_out_for_some_hosts(api: Client) -> None:
    script, host, other = unique("out"), f"{unique('out')}.localhost", f"{unique('in')}.localhost"
    assert api.upload(script, "export default { fetch() { return new Response('hello') } };").status_code == 200
    api.serve(host, script)
    api.serve(other, script)
    api.shows(host, "hello")
    api.shows(other, "hello")
    fault = api.home.faults.add(Fault("edge", "out-*.localhost", "outage"))
    assert api.shows(host, "error code: 521").status_code == 521
    assert api.visit(other).text == "hello"
    logged = until(lambda: [entry for entry in api.home.faults.log() if entry["fault"] == fault.id])
    assert len(logged) == 1
    api.home.faults.lift(fault.id)
    assert api.shows(host, "hello").status_code == 200


def test_each_injection_is_logged(api: Client) -> None:
    fault = api.fault("GET /client/v4/zones", "error", times=2)
    for _ in range(3):
        api.http.get("/zones")
    assert len([entry for entry in api.home.faults.log() if entry["fault"] == fault.id]) == 2


def test_the_page_shows_records_hostnames_and_scripts(api: Client) -> None:
    name, host = f"{unique('seen')}.localhost", f"www.{unique('page')}.de"
    api.ok("POST", f"{api.zone}/dns_records", json={"name": name, "type": "AAAA", "content": "100::", "proxied": True})
    body = {"hostname": host, "ssl": {"method": "txt", "type": "dv"}}
    api.ok("POST", f"{api.zone}/custom_hostnames", 201, json=body)
    page = api.visitor.get(f"{api.emulator.url}/")
    assert page.status_code == 200
    assert name in page.text
    assert "A 127.0.0.1" in page.text
    assert f"_cf-custom-hostname.{host}" in page.text
    assert "not visible" in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
