"""From an upload to a page: what Pulumi sets up for the site line, through workerd."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

from tests.contract.cloudflare.harness import EU, Client, Emulator, unique

SITE = """
export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    const host = await env.ROUTING.get(`h:${url.hostname}`, "json");
    if (!host) return new Response("unknown site", { status: 404 });
    if (request.method === "POST") {
      await env.SITES.put("t/written", "by the Worker");
      await env.ROUTING.put("written", "by the Worker", { metadata: { n: 1 } });
    }
    const object = await env.SITES.get(`t/${host.t}${url.pathname}`);
    return object ? new Response(object.body) : new Response(`nothing here, ${env.NAME}`, { status: 404 });
  },
};
"""


def provision(api: Client, host: str) -> tuple[str, str]:
    """Bucket and namespace of a served site."""
    bucket, script = api.bucket(unique("sites"), headers=EU), unique("domain")
    api.ok("PUT", f"{bucket}/objects/t/1/index.html", content="<h1>Anna</h1>", headers=EU)
    namespace = api.namespace(unique("routing"))
    api.ok("PUT", f"{namespace}/values/h%3A{host}", files={"value": (None, json.dumps({"t": "1"}))})
    bindings = [
        {"type": "r2_bucket", "name": "SITES", "bucket_name": bucket.rpartition("/")[2], "jurisdiction": "eu"},
        {"type": "kv_namespace", "name": "ROUTING", "namespace_id": namespace.rpartition("/")[2]},
        {"type": "plain_text", "name": "NAME", "text": "edge"},
    ]
    assert api.upload(script, SITE, bindings=bindings).status_code == 200
    api.serve(host, script)
    return bucket, namespace


def test_a_worker_serves_what_rest_wrote_before_it_was_bound(api: Client) -> None:
    host = f"{unique('anna')}.localhost"
    provision(api, host)
    assert api.shows(host, "<h1>Anna</h1>", "/index.html").status_code == 200
    assert api.visit(host, "/other").text == "nothing here, edge"


def test_rest_reads_what_the_worker_wrote(api: Client) -> None:
    host = f"{unique('anna')}.localhost"
    bucket, namespace = provision(api, host)
    api.shows(host, "<h1>Anna</h1>", "/index.html")
    api.visit(host, method="POST")
    assert api.http.get(f"{bucket}/objects/t/written", headers=EU).text == "by the Worker"
    assert [found["key"] for found in api.ok("GET", f"{bucket}/objects", headers=EU)] == ["t/1/index.html", "t/written"]
    assert api.http.get(f"{namespace}/values/written").text == "by the Worker"
    assert api.ok("GET", f"{namespace}/metadata/written") == {"n": 1}


def test_a_new_tenant_is_data_and_restarts_nothing(api: Client) -> None:
    host, other = f"{unique('anna')}.localhost", f"{unique('bert')}.localhost"
    bucket, namespace = provision(api, host)
    api.shows(host, "<h1>Anna</h1>", "/index.html")
    deployments = api.control("GET", "/state").json()["deployments"]
    vault = api.bucket(unique("vault"), headers=EU)
    api.ok("PUT", f"{vault}/objects/backup.tar", content=b"\0" * 70_000, headers=EU)
    api.ok("PUT", f"{namespace}/values/h:{other}", content=json.dumps({"t": "2"}))
    api.ok("PUT", f"{bucket}/objects/t/2/index.html", content="<h1>Bert</h1>", headers=EU)
    script = api.ok("GET", f"{api.account}/workers/scripts")[-1]["id"]
    api.serve(other, script)
    assert api.shows(other, "<h1>Bert</h1>", "/index.html").status_code == 200
    assert api.control("GET", "/state").json()["deployments"] == deployments


def test_the_state_survives_a_stop_and_the_second_start_is_fast(api: Client) -> None:
    host = f"{unique('anna')}.localhost"
    running = Emulator(api.emulator.folder.with_name(unique("restart"))).start()
    client = Client(running)
    try:
        provision(client, host)
        client.shows(host, "<h1>Anna</h1>", "/index.html")
        running.stop()
        began = time.monotonic()
        running.start()
        client.shows(host, "<h1>Anna</h1>", "/index.html")
        assert time.monotonic() - began < 20, "2 s on an idle machine"
    finally:
        client.close()
        running.stop()


PAGE = """
export default {
  fetch(request) {
    const url = new URL(request.url);
    if (url.pathname === "/throw") throw new Error("no");
    const type = url.pathname === "/png" ? "image/png" : "text/html";
    const headers = { "content-type": type, etag: '"abc"' };
    return new Response("x".repeat(2000), { headers, status: request.headers.has("range") ? 206 : 200 });
  },
};
"""


def test_the_front_compresses_text_and_weakens_the_etag(api: Client) -> None:
    host, script = f"{unique('page')}.localhost", unique("page")
    assert api.upload(script, PAGE).status_code == 200
    api.serve(host, script)
    page = api.shows(host, "xxx")
    assert (page.headers["content-encoding"], page.headers["etag"]) == ("gzip", 'W/"abc"')
    assert len(page.text) == 2000
    assert "content-encoding" not in api.visit(host, "/png").headers
    assert "content-encoding" not in api.visit(host, headers={"range": "bytes=0-"}).headers
    plain = api.visit(host, "/", headers={"accept-encoding": "identity"})
    assert (plain.headers["etag"], plain.headers.get("content-encoding")) == ('"abc"', None)
    assert "cf-ray" in plain.headers


def test_the_front_answers_errors_like_the_real_edge(api: Client) -> None:
    host, script = f"{unique('page')}.localhost", unique("page")
    assert api.upload(script, PAGE).status_code == 200
    api.serve(host, script)
    api.shows(host, "xxx")
    failed = api.visit(host, "/throw")
    assert (failed.status_code, failed.text) == (500, "error code: 1101")
    unknown = api.visit("nobody.example.org")
    assert (unknown.status_code, unknown.text) == (530, "error code: 1001")
    missing = api.visit(f"{unique('gone')}.portal.localhost")
    assert (missing.status_code, missing.text) == (530, "error code: 1016")
    assert api.visit(host, "/cdn-cgi/trace").status_code == 404


def upload_named(api: Client, script: str, name: str) -> None:
    answer = api.upload(script, f"export default {{ fetch() {{ return new Response('{name}') }} }};")
    assert answer.status_code == 200, answer.text


def test_the_most_specific_route_wins(api: Client) -> None:
    domain = unique("zone")
    scripts = {name: unique(name) for name in ("all", "sub", "exact", "path")}
    before = api.control("GET", "/state").json()["deployments"]
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda name: upload_named(api, scripts[name], name), scripts))
    assert api.control("GET", "/state").json()["deployments"] - before < 4, "uploads at the same time share a restart"
    record = {"type": "AAAA", "content": "100::", "proxied": True}
    api.ok("POST", f"{api.zone}/dns_records", json={"name": f"*.{domain}.localhost", **record})
    for pattern, name in [
        (f"*{domain}.localhost/*", "all"),
        (f"*.b.{domain}.localhost/*", "sub"),
        (f"a.{domain}.localhost/*", "exact"),
        (f"a.{domain}.localhost/deep/*", "path"),
    ]:
        api.ok("POST", f"{api.zone}/workers/routes", json={"pattern": pattern, "script": scripts[name]})
    api.shows(f"a.{domain}.localhost", "path", "/deep/x")
    assert api.visit(f"a.{domain}.localhost").text == "exact"
    assert api.visit(f"x.b.{domain}.localhost").text == "sub"
    assert api.visit(f"c.{domain}.localhost").text == "all"
