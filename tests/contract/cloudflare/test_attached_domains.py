"""Hostnames that belong to one bucket or one Worker as a whole."""

from tests.contract.cloudflare.harness import EU, Client, unique, until

HELLO = "export default { fetch() { return new Response('hello') } };"


def test_a_bucket_is_public_under_its_domain_only(api: Client) -> None:
    bucket, host = api.bucket(unique("public"), headers=EU), f"{unique('media')}.localhost"
    api.ok("PUT", f"{bucket}/objects/a b/ü.txt", content="read me", headers={**EU, "content-type": "text/plain"})
    zone = api.zone.rpartition("/")[2]
    body = {"domain": host, "zoneId": zone, "enabled": True, "minTLS": "1.2"}
    made = api.ok("POST", f"{bucket}/domains/custom", json=body, headers=EU)
    assert (made["domain"], made["enabled"], made["minTLS"]) == (host, True, "1.2")
    path = f"{bucket}/domains/custom/{host}"
    active = {"ownership": "active", "ssl": "active"}
    assert until(lambda: api.ok("GET", path, headers=EU)["status"] == active)
    page = api.shows(host, "read me", "/a%20b/%C3%BC.txt")
    assert page.headers["content-type"] == "text/plain"
    again = api.visit(host, "/a%20b/%C3%BC.txt", headers={"if-none-match": page.headers["etag"]})
    assert again.status_code == 304
    assert api.visit(host, "/nothing").status_code == 404
    assert api.visit(host, "/a%20b/%C3%BC.txt", method="DELETE").status_code == 405
    api.ok("PUT", path, json={"enabled": False}, headers=EU)
    assert until(lambda: api.visit(host, "/a%20b/%C3%BC.txt").status_code == 522)
    assert [domain["domain"] for domain in api.ok("GET", f"{bucket}/domains/custom", headers=EU)["domains"]] == [host]
    api.ok("DELETE", path, headers=EU)
    api.refused("GET", path, 404, 10034, headers=EU)
    assert api.home.dns.lookup(host, "A") == []


def test_a_worker_answers_for_a_whole_domain(api: Client) -> None:
    script, host = unique("whole"), f"{unique('whole')}.localhost"
    base, zone = f"{api.account}/workers/domains", api.zone.rpartition("/")[2]
    body = {"hostname": host, "service": script, "zone_id": zone}
    api.refused("PUT", base, 404, 10007, json=body)
    assert api.upload(script, HELLO).status_code == 200
    made = api.ok("PUT", base, json=body)
    assert (made["service"], made["zone_name"]) == (script, "localhost")
    assert api.shows(host, "hello").status_code == 200
    assert api.ok("GET", base, params={"hostname": host}) == [made]
    record = api.ok("GET", f"{api.zone}/dns_records", params={"name": host})[0]
    assert record["meta"] == {"read_only": True}
    api.refused("DELETE", f"{api.zone}/dns_records/{record['id']}", 400, 1043)
    api.ok("DELETE", f"{base}/{made['id']}")
    assert until(lambda: api.visit(host).status_code == 530)


def test_one_name_has_one_origin(api: Client) -> None:
    script, other, host = unique("one"), unique("two"), f"{unique('one')}.localhost"
    base, zone = f"{api.account}/workers/domains", api.zone.rpartition("/")[2]
    for name in (script, other):
        assert api.upload(name, HELLO).status_code == 200
    api.ok("PUT", base, json={"hostname": host, "service": script, "zone_id": zone})
    takeover = {"hostname": host, "service": other, "zone_id": zone}
    api.refused("PUT", base, 409, 100116, json=takeover)
    assert api.ok("PUT", base, json={**takeover, "override_existing_origin": True})["service"] == other
    bucket = api.bucket(unique("taken"), headers=EU)
    public = {"domain": host, "zoneId": zone, "enabled": True}
    api.refused("POST", f"{bucket}/domains/custom", 409, 100116, json=public, headers=EU)
    named = f"{unique('named')}.localhost"
    api.ok("POST", f"{api.zone}/dns_records", json={"name": named, "type": "A", "content": "192.0.2.1"})
    api.refused("PUT", base, 409, 100117, json={"hostname": named, "service": script, "zone_id": zone})
    foreign = {"domain": "www.example.org", "zoneId": zone, "enabled": True}
    api.refused("POST", f"{bucket}/domains/custom", 400, 10035, json=foreign, headers=EU)


def test_a_domain_can_be_stuck(api: Client) -> None:
    bucket, host = api.bucket(unique("stuck"), headers=EU), f"{unique('stuck')}.localhost"
    fault = api.fault("POST */domains/custom", "stuck", times=1)
    body = {"domain": host, "zoneId": api.zone.rpartition("/")[2], "enabled": True}
    api.ok("POST", f"{bucket}/domains/custom", json=body, headers=EU)
    api.advance(hours=1)
    path = f"{bucket}/domains/custom/{host}"
    assert api.ok("GET", path, headers=EU)["status"]["ssl"] == "pending"
    api.home.faults.lift(fault.id)
    assert api.ok("GET", path, headers=EU)["status"]["ssl"] == "active"
