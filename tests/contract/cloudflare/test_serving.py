"""From an upload to a page: what Pulumi sets up for the site line, through workerd."""

import json
import uuid

from tests.contract.cloudflare.harness import Client

SITE = """
export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    const host = await env.ROUTING.get(`h:${url.hostname}`, "json");
    if (!host) return new Response("unknown site", { status: 404 });
    const object = await env.SITES.get(`t/${host.t}${url.pathname}`);
    if (request.method === "POST") await env.SITES.put("t/written", "by the Worker");
    return object ? new Response(object.body) : new Response(`nothing here, ${env.NAME}`, { status: 404 });
  },
};
"""


def unique(prefix: str) -> str:
    return f"{prefix}-{uuid.uuid4().hex[:8]}"


def test_an_uploaded_worker_serves_what_rest_wrote(api: Client) -> None:
    account, zone, host = api.account, api.zone("localhost"), f"{unique('anna')}.localhost"
    bucket, script = unique("sites"), unique("domain")
    base = f"/accounts/{account}/r2/buckets"
    api.ok("POST", base, json={"name": bucket}, headers={"cf-r2-jurisdiction": "eu"})
    eu = {"cf-r2-jurisdiction": "eu"}
    api.ok("PUT", f"{base}/{bucket}/objects/t/1/index.html", content="<h1>Anna</h1>", headers=eu)
    namespace = api.ok("POST", f"/accounts/{account}/storage/kv/namespaces", json={"title": unique("routing")})["id"]
    files = {"value": (None, json.dumps({"t": "1"}))}
    api.ok("PUT", f"/accounts/{account}/storage/kv/namespaces/{namespace}/values/h%3A{host}", files=files)
    bindings = [
        {"type": "r2_bucket", "name": "SITES", "bucket_name": bucket, "jurisdiction": "eu"},
        {"type": "kv_namespace", "name": "ROUTING", "namespace_id": namespace},
        {"type": "plain_text", "name": "NAME", "text": "edge"},
    ]
    assert api.upload(script, SITE, bindings=bindings).status_code == 200
    api.ok(
        "POST", f"/zones/{zone}/dns_records", json={"name": host, "type": "AAAA", "content": "100::", "proxied": True}
    )
    api.ok("POST", f"/zones/{zone}/workers/routes", json={"pattern": f"{host}/*", "script": script})

    assert api.shows(host, "<h1>Anna</h1>", "/index.html").status_code == 200
    assert api.visit(host, "/other").text == "nothing here, edge"
    api.visit(host, "/", method="POST")
    assert api.http.get(f"{base}/{bucket}/objects/t/written", headers=eu).text == "by the Worker"
    names = [found["key"] for found in api.ok("GET", f"{base}/{bucket}/objects", headers=eu)]
    assert names == ["t/1/index.html", "t/written"]
