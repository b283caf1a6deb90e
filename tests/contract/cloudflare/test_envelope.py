"""What every call has in common: the envelope, the token and its rights, paging, the rate limit."""

import pytest

from sandbox.cloudflare.ratelimit import RateLimit
from tests.contract.cloudflare.harness import Client, unique

AREAS = {
    "DNS": "{zone}/dns_records",
    "Workers Routes": "{zone}/workers/routes",
    "SSL and Certificates": "{zone}/custom_hostnames",
    "Workers Scripts": "{account}/workers/scripts",
    "Workers KV Storage": "{account}/storage/kv/namespaces",
    "Workers R2 Storage": "{account}/r2/buckets",
}


def test_a_token_says_that_it_is_active(api: Client) -> None:
    assert api.ok("GET", "/user/tokens/verify")["status"] == "active"
    assert api.ok("GET", f"{api.account}/tokens/verify")["status"] == "active"


def test_account_and_zones_are_found_by_name(api: Client) -> None:
    assert api.ok("GET", api.account)["name"] == "Sandbox"
    found = api.envelope("GET", "/zones", params={"name": "portal.localhost"})
    assert [zone["status"] for zone in found["result"]] == ["active"]
    assert found["result_info"] == {"page": 1, "per_page": 20, "count": 1, "total_count": 1, "total_pages": 1}
    assert api.ok("GET", api.zone)["name"] == "localhost"


def test_a_zone_can_be_added_once(api: Client) -> None:
    body = {"name": f"{unique('zone')}.site", "account": {"id": api.account.rpartition("/")[2]}, "type": "full"}
    made = api.ok("POST", "/zones", json=body)
    assert api.ok("GET", f"/zones/{made['id']}")["status"] == "active"
    api.refused("POST", "/zones", 400, 1061, json=body)
    api.refused("POST", "/zones", 403, 10000, json={**body, "account": {"id": "0" * 32}})


def test_no_token_is_401_and_a_wrong_one_403(api: Client) -> None:
    api.refused("GET", "/zones", 403, 10000, headers={"authorization": "Bearer nonsense"})
    del api.http.headers["authorization"]
    assert api.refused("GET", "/zones", 401, 10000) == "Authentication error"


@pytest.mark.parametrize("area", AREAS)
def test_each_right_is_needed(api: Client, area: str) -> None:
    path = AREAS[area].format(zone=api.zone, account=api.account)
    others = [f"{other} Write" for other in AREAS if other != area]
    poor, reader = api.with_rights("Zone Read", *others), api.with_rights(f"{area} Read")
    assert poor.refused("GET", path, 403, 10000) == "Authentication error"
    assert isinstance(reader.ok("GET", path), list | dict)
    reader.refused("POST", path, 403, 10000, json={})
    poor.close()
    reader.close()


def test_a_token_may_be_for_one_zone_only(api: Client) -> None:
    limited = api.with_rights("DNS Write", "Zone Read", zones=[api.zone.rpartition("/")[2]])
    portal = api.ok("GET", "/zones", params={"name": "portal.localhost"})[0]["id"]
    assert [zone["name"] for zone in limited.ok("GET", "/zones")] == ["localhost"]
    limited.refused("GET", f"/zones/{portal}/dns_records", 404, 7003)
    assert limited.envelope("GET", f"{api.zone}/dns_records")["success"]
    limited.close()


def test_a_revoked_or_expired_token_is_refused(api: Client) -> None:
    made = api.control("POST", "/tokens", json={"groups": ["Zone Read"]}).json()
    revoked = Client(api.emulator, made["value"])
    revoked.ok("GET", "/zones")
    assert api.control("DELETE", f"/tokens/{made['id']}").status_code == 204
    revoked.refused("GET", "/zones", 403, 10000)
    expired = api.with_rights("Zone Read", expires_on="2020-01-01T00:00:00Z")
    expired.refused("GET", "/zones", 403, 10000)
    expired.refused("GET", "/user/tokens/verify", 401, 1000)
    revoked.close()
    expired.close()


def test_unknown_paths_ids_and_methods(api: Client) -> None:
    assert "/no/such" in api.refused("GET", "/no/such/thing", 404, 7003)
    api.refused("GET", "/accounts/0123456789abcdef0123456789abcdef/workers/scripts", 404, 7003)
    api.refused("GET", "/zones/0123456789abcdef0123456789abcdef/dns_records", 404, 7003)
    api.refused("PATCH", f"{api.account}/storage/kv/namespaces", 405, 10405)


def test_pages_are_counted(api: Client) -> None:
    titles = sorted(unique("page") for _ in range(3))
    for title in titles:
        api.namespace(title)
    path = f"{api.account}/storage/kv/namespaces"
    first = api.envelope("GET", path, params={"per_page": 2})
    assert (len(first["result"]), first["result_info"]["count"]) == (2, 2)
    total = first["result_info"]["total_count"]
    last = api.envelope("GET", path, params={"per_page": 2, "page": first["result_info"]["total_pages"]})
    assert len(last["result"]) == total - 2 * (first["result_info"]["total_pages"] - 1)
    api.refused("GET", path, 400, 6003, params={"per_page": 0})


def test_the_rate_limit_counts_per_token_and_blocks_the_window(api: Client) -> None:
    limited, other = api.with_rights("Zone Read"), api.with_rights("Zone Read")
    first = limited.http.get("/user/tokens/verify")
    assert first.headers["ratelimit-policy"] == '"default";q=1200;w=300'
    assert first.headers["ratelimit"].startswith('"default";r=1199;t=')
    api.control("PUT", "/switches", json={"rate_limit": 20})
    try:
        for _ in range(19):
            assert limited.http.get("/zones").status_code == 200
        limited.refused("GET", "/zones", 429, 971)
        refused = limited.http.get("/zones")
        assert refused.headers["ratelimit"].startswith('"default";r=0;t=')
        assert int(refused.headers["retry-after"]) > 200
        assert other.http.get("/zones").status_code == 200
    finally:
        api.control("PUT", "/switches", json={"rate_limit": 1200})
    assert api.control("DELETE", "/rate-limit").status_code == 204
    limited.ok("GET", "/zones")
    limited.close()
    other.close()


def test_more_than_200_calls_in_one_second_have_to_wait_a_second() -> None:
    limit = RateLimit()
    grants = [limit.take(f"token {number}") for number in range(400)]
    refused = [grant for grant in grants if not grant.allowed]
    assert refused
    assert {grant.resets_in for grant in refused} == {1}
    assert all(grant.allowed for grant in grants[:200])


def test_control_routes_need_the_control_token_and_no_browser(api: Client) -> None:
    assert api.visitor.get(f"{api.emulator.url}/_sim/state").status_code == 401
    assert api.visitor.get(f"{api.emulator.url}/_sim/state", headers=dict(api.http.headers)).status_code == 401
    assert api.control("GET", "/state", headers={"origin": "http://localhost"}).status_code == 403
    assert api.control("GET", "/state").json()["edge"]["state"] == "ready"
    assert api.control("POST", "/tokens", json={"groups": ["Everything"]}).status_code == 422
