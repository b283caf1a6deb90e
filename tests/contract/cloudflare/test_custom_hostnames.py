"""Customers' own hostnames: both status machines, driven by what the DNS shows and by the emulated clock."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.contract.cloudflare.harness import Client, unique, until

SSL = {
    "method": "txt", "type": "dv", "certificate_authority": "google", "bundle_method": "ubiquitous", "wildcard": False,
    "settings": {"min_tls_version": "1.2", "http2": "on", "tls_1_3": "on"},
}  # fmt: skip
FAST = {"initializing": 0.1, "issuance": 0, "deployment": 0}
HELLO = "export default { fetch(request) { return new Response(`hello ${new URL(request.url).hostname}`) } };"


@pytest.fixture(scope="module")
def platform(emulator: Any) -> Iterator[None]:
    """What the platform stack sets up once: the target of the customers' CNAMEs and the route for everything."""
    api = Client(emulator)
    api.control("PUT", "/switches", json=FAST)
    proxied = {"type": "AAAA", "content": "100::", "proxied": True}
    for name in ("fallback.localhost", "customers.localhost"):
        api.ok("POST", f"{api.zone}/dns_records", json={"name": name, **proxied})
    script = unique("domain")
    assert api.upload(script, HELLO).status_code == 200
    route = api.ok("POST", f"{api.zone}/workers/routes", json={"pattern": "*/*", "script": script})
    yield
    api.ok("DELETE", f"{api.zone}/workers/routes/{route['id']}")
    api.close()


def create(api: Client, name: str | None = None, **options: Any) -> dict[str, Any]:
    body = {"hostname": name or f"www.{unique('anna')}.de", "ssl": SSL, **options}
    made: dict[str, Any] = api.ok("POST", f"{api.zone}/custom_hostnames", 201, json=body)
    return made


def state(api: Client, id: str) -> tuple[str, str]:
    host = api.ok("GET", f"{api.zone}/custom_hostnames/{id}")
    return host["status"], host["ssl"]["status"]


def wait_for(api: Client, id: str, *wanted: str) -> dict[str, Any]:
    until(lambda: state(api, id) == wanted, what=f"{wanted}")
    host: dict[str, Any] = api.ok("GET", f"{api.zone}/custom_hostnames/{id}")
    return host


def test_a_hostname_becomes_active_only_with_its_records_and_falls_back_without(api: Client, platform: None) -> None:
    made = create(api)
    id, name = made["id"], made["hostname"]
    assert (made["status"], made["ssl"]["status"]) == ("pending", "initializing")
    assert "validation_records" not in made["ssl"], "absent right after the creation"
    pending = wait_for(api, id, "pending", "pending_validation")
    assert pending["verification_errors"] == ["custom hostname does not CNAME to this zone."]
    assert api.visit(name).text == "error code: 1016"
    record = api.registrar(name, "CNAME", "customers.localhost")
    active = wait_for(api, id, "active", "active")
    assert "ownership_verification" not in active
    assert "validation_records" not in active["ssl"], "gone after the validation"
    assert api.shows(name, f"hello {name}").status_code == 200
    assert api.shows(f"{name}.localhost", f"hello {name}").status_code == 200
    api.home.dns.withdraw(record)
    wait_for(api, id, "moved", "active")
    assert until(lambda: api.visit(name).status_code == 530)
    api.home.dns.publish(record)
    assert api.shows(name, "error code: 1014").status_code == 530, "the name comes back only after a PATCH"
    again = api.ok("PATCH", f"{api.zone}/custom_hostnames/{id}", 202, json={"ssl": {"method": "txt", "type": "dv"}})
    assert again["ownership_verification"] == made["ownership_verification"], "a PATCH keeps the token"
    wait_for(api, id, "active", "active")
    api.ok("DELETE", f"{api.zone}/custom_hostnames/{id}")
    assert until(lambda: api.visit(name).text == "error code: 1001")


def test_txt_records_alone_validate_before_the_name_is_moved(api: Client, platform: None) -> None:
    id = create(api)["id"]
    pending = wait_for(api, id, "pending", "pending_validation")
    owner, challenge = pending["ownership_verification"], pending["ssl"]["validation_records"][0]
    assert owner["name"] == f"_cf-custom-hostname.{pending['hostname']}"
    api.registrar(owner["name"], "TXT", owner["value"])
    wait_for(api, id, "active", "pending_validation")
    api.registrar(challenge["txt_name"], "TXT", challenge["txt_value"])
    wait_for(api, id, "active", "active")
    assert api.visit(pending["hostname"]).text == "error code: 1016", "the visitors' DNS does not lead here yet"


def test_an_active_name_without_certificate_is_not_served(api: Client, platform: None) -> None:
    api.control("PUT", "/switches", json={"issuance": 3600})
    try:
        made = create(api)
        api.registrar(made["hostname"], "CNAME", "customers.localhost")
        wait_for(api, made["id"], "active", "pending_issuance")
        assert api.shows(made["hostname"], "error code: 525").status_code == 525
        api.advance(hours=1)
        assert api.shows(made["hostname"], "hello").status_code == 200
    finally:
        api.control("PUT", "/switches", json=FAST)


def test_after_seven_days_both_give_up_and_a_patch_starts_again(api: Client, platform: None) -> None:
    made = create(api)
    wait_for(api, made["id"], "pending", "pending_validation")
    api.advance(days=7, hours=1)
    late = wait_for(api, made["id"], "moved", "validation_timed_out")
    token = late["ssl"]["validation_records"][0]["txt_value"]
    api.registrar(made["hostname"], "CNAME", "customers.localhost")
    api.ok("PATCH", f"{api.zone}/custom_hostnames/{made['id']}", 202, json={"ssl": {"method": "txt", "type": "dv"}})
    wait_for(api, made["id"], "active", "active")
    forgotten = create(api)
    wait_for(api, forgotten["id"], "pending", "pending_validation")
    api.advance(days=7, hours=1)
    wait_for(api, forgotten["id"], "moved", "validation_timed_out")
    api.advance(days=7, hours=1)
    path = f"{api.zone}/custom_hostnames/{forgotten['id']}"
    assert until(lambda: api.http.get(path).status_code == 404)
    assert token


def test_a_certificate_is_renewed_while_the_name_points_here(api: Client, platform: None) -> None:
    made = create(api)
    record = api.registrar(made["hostname"], "CNAME", "customers.localhost")
    first = wait_for(api, made["id"], "active", "active")["ssl"]["expires_on"]
    path = f"{api.zone}/custom_hostnames/{made['id']}"
    api.advance(days=61)
    until(lambda: api.ok("GET", path)["ssl"]["expires_on"] > first)
    api.home.dns.withdraw(record)
    wait_for(api, made["id"], "moved", "active")
    api.home.dns.publish(record)


def test_caa_of_the_customer_must_allow_the_authority(api: Client, platform: None) -> None:
    domain = f"{unique('caa')}.de"
    caa = api.registrar(domain, "CAA", '0 issue "letsencrypt.org"')
    made = create(api, f"www.{domain}")
    api.registrar(made["hostname"], "CNAME", "customers.localhost")
    path = f"{api.zone}/custom_hostnames/{made['id']}"
    until(lambda: api.ok("GET", path)["ssl"]["validation_errors"])
    assert state(api, made["id"]) == ("active", "pending_validation")
    api.home.dns.withdraw(caa)
    wait_for(api, made["id"], "active", "active")


def test_names_are_unique_and_found_by_name(api: Client) -> None:
    made = create(api)
    body = {"hostname": made["hostname"].upper(), "ssl": SSL}
    api.refused("POST", f"{api.zone}/custom_hostnames", 409, 1406, json=body)
    portal = api.ok("GET", "/zones", params={"name": "portal.localhost"})[0]["id"]
    api.refused("POST", f"/zones/{portal}/custom_hostnames", 409, 1406, json=body)
    found = api.ok("GET", f"{api.zone}/custom_hostnames", params={"hostname": made["hostname"]})
    assert [host["id"] for host in found] == [made["id"]]
    assert api.ok("DELETE", f"{api.zone}/custom_hostnames/{made['id']}") == {"id": made["id"]}
    assert api.ok("GET", f"{api.zone}/custom_hostnames", params={"hostname": made["hostname"]}) == []
    api.refused("GET", f"{api.zone}/custom_hostnames/{made['id']}", 404, 1436)


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"hostname": "www.anna.test"}, 400, 1409),
        ({"hostname": "anna.localhost"}, 400, 1409),
        ({"hostname": "*.anna.de"}, 400, 1407),
        ({"hostname": "192.0.2.1"}, 400, 1407),
        ({"hostname": "www.blumenstraße.de"}, 400, 1408),
        ({"hostname": "www.anna.nosuchtld"}, 400, 1410),
        ({"hostname": "co.uk"}, 400, 1410),
        ({"hostname": "www.example.org"}, 400, 1411),
        ({"hostname": "not a host"}, 400, 1407),
        ({"hostname": "anna"}, 400, 1410),
        ({"ssl": {"method": "carrier-pigeon", "type": "dv"}}, 400, 1432),
        ({"ssl": {"method": "txt", "type": "ev"}}, 400, 1433),
        ({"custom_metadata": {"tenant": "1"}}, 403, 1413),
        ({"custom_origin_server": "origin.localhost"}, 403, 1414),
        ({"colour": "red"}, 400, 1400),
        ({"ssl": {**SSL, "settings": {"tls13": "on"}}}, 400, 1400),
    ],
)
def test_a_wrong_hostname_is_refused(api: Client, fields: dict[str, Any], status: int, code: int) -> None:
    body = {"hostname": f"www.{unique('bad')}.de", "ssl": SSL, **fields}
    api.refused("POST", f"{api.zone}/custom_hostnames", status, code, json=body)


def test_the_quota_of_the_zone(api: Client) -> None:
    api.control("PUT", "/switches", json={"hostname_quota": 0})
    try:
        body = {"hostname": f"www.{unique('many')}.de", "ssl": SSL}
        api.refused("POST", f"{api.zone}/custom_hostnames", 403, 1405, json=body)
    finally:
        api.control("PUT", "/switches", json={"hostname_quota": 50_000})


def test_a_stuck_hostname_moves_when_the_fault_is_lifted(api: Client, platform: None) -> None:
    fault = api.fault("POST */custom_hostnames", "stuck", times=1)
    made = create(api)
    api.registrar(made["hostname"], "CNAME", "customers.localhost")
    other = create(api)
    wait_for(api, other["id"], "pending", "pending_validation")
    assert state(api, made["id"]) == ("pending", "initializing")
    api.home.faults.lift(fault.id)
    wait_for(api, made["id"], "active", "active")


def test_a_customer_who_is_on_cloudflare_has_to_change_the_dns(api: Client, platform: None) -> None:
    api.fault("POST */custom_hostnames", "on_cloudflare", times=1)
    made = create(api)
    owner = made["ownership_verification"]
    api.registrar(owner["name"], "TXT", owner["value"])
    path = f"{api.zone}/custom_hostnames/{made['id']}"
    until(lambda: "DNS target needs to point" in str(api.ok("GET", path)["verification_errors"]))
    assert state(api, made["id"])[0] == "pending"
    api.registrar(made["hostname"], "CNAME", "customers.localhost")
    wait_for(api, made["id"], "active", "active")


def test_a_held_zone_keeps_the_name_pending_until_the_hold_is_removed(api: Client, platform: None) -> None:
    fault = api.fault("POST */custom_hostnames", "zone_hold", times=1)
    made = create(api)
    api.registrar(made["hostname"], "CNAME", "customers.localhost")
    path = f"{api.zone}/custom_hostnames/{made['id']}"
    until(lambda: "held zone" in str(api.ok("GET", path)["verification_errors"]))
    api.home.faults.lift(fault.id)
    wait_for(api, made["id"], "active", "active")


def test_a_blocked_hostname_cannot_be_rechecked(api: Client) -> None:
    api.fault("POST */custom_hostnames", "blocked", times=1)
    made = create(api)
    assert made["status"] == "blocked"
    api.refused("PATCH", f"{api.zone}/custom_hostnames/{made['id']}", 409, 1439, json={"ssl": SSL})


def test_an_active_hostname_can_still_fail_its_visitors(api: Client, platform: None) -> None:
    fault = api.fault("POST */custom_hostnames", "tls_error", times=1)
    made = create(api)
    api.registrar(made["hostname"], "CNAME", "customers.localhost")
    wait_for(api, made["id"], "active", "active")
    assert api.shows(made["hostname"], "error code: 525").status_code == 525
    api.home.faults.lift(fault.id)
    api.registrar(f"{unique('x')}.example", "TXT", "anything that changes the DNS")
    assert api.shows(made["hostname"], "hello").status_code == 200


def test_validation_records_can_be_missing_on_the_first_get(api: Client) -> None:
    id = create(api)["id"]
    wait_for(api, id, "pending", "pending_validation")
    api.fault("GET */custom_hostnames/*", "no_records", times=1)
    path = f"{api.zone}/custom_hostnames/{id}"
    assert "validation_records" not in api.ok("GET", path)["ssl"]
    assert api.ok("GET", path)["ssl"]["validation_records"]


def test_the_fallback_origin_needs_a_proxied_record(api: Client, platform: None) -> None:
    path = f"{api.zone}/custom_hostnames/fallback_origin"
    api.refused("PUT", path, 400, 1451, json={"origin": f"{unique('none')}.localhost"})
    api.refused("PUT", path, 400, 1450, json={"origin": "www.example.org"})
    made = api.ok("PUT", path, json={"origin": "fallback.localhost"})
    assert (made["origin"], made["status"], made["errors"]) == ("fallback.localhost", "initializing", [])
    assert until(lambda: api.ok("GET", path)["status"] == "active")
    api.ok("DELETE", path)
    api.refused("GET", path, 404, 1551)
