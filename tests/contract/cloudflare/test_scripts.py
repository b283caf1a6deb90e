"""Uploads of scripts: what is accepted, what is answered, what stays secret."""

import json
from typing import Any

import pytest

from tests.contract.cloudflare.harness import Client, unique

HELLO = "export default { fetch(request, env) { return new Response(`hello ${env.NAME ?? ''}`) } };"
RPC = """
import { WorkerEntrypoint } from "cloudflare:workers";
export class FormsEntrypoint extends WorkerEntrypoint { submit(n) { return n + 1; } }
export default class extends WorkerEntrypoint {
  fetch() { return new Response(null, { status: 404 }); }
  add(a, b) { return a + b; }
}
"""
CATCHING = """
export default { async fetch(request, env) {
  try { await env.T.fetch(request) } catch { return new Response("gone") }
  return new Response("there");
} };
"""
PARTS = """
import page from "./page.html";
import { n } from "./lib/n.mjs";
export default { fetch() { return new Response(page + n) } };
"""
CALLER = """
export default { async fetch(request, env) {
  return new Response(`${await env.MAIN.add(2, 3)} ${await env.FORMS.submit(1)}`);
} };
"""


def refused(api: Client, name: str, source: str, code: int, **extra: Any) -> str:
    answer = api.upload(name, source, **extra)
    assert answer.status_code == 400, answer.text
    assert answer.json()["errors"][0]["code"] == code, answer.text
    return str(answer.json()["errors"][0]["message"])


def test_an_upload_answers_what_the_script_exports(api: Client) -> None:
    name = unique("rpc")
    result = api.upload(name, RPC).json()["result"]
    assert (result["id"], result["handlers"], result["has_modules"]) == (name, ["fetch"], True)
    assert result["named_handlers"] == [{"name": "FormsEntrypoint", "handlers": ["submit"]}]
    assert name in [script["id"] for script in api.ok("GET", f"{api.account}/workers/scripts")]


def test_the_three_reads_of_a_provider_agree_with_the_upload(api: Client) -> None:
    name, path = unique("read"), f"{api.account}/workers/scripts"
    bindings = [
        {"type": "secret_text", "name": "KEY", "text": "s3cr3t"},
        {"type": "plain_text", "name": "A", "text": "a"},
    ]
    extra = {"observability": {"enabled": True, "head_sampling_rate": 0.5}, "limits": {"cpu_ms": 50}}
    assert api.upload(name, HELLO, bindings=bindings, **extra).status_code == 200
    service = api.ok("GET", f"{api.account}/workers/services/{name}")
    assert service["default_environment"]["script"]["id"] == name
    settings = api.ok("GET", f"{path}/{name}/settings")
    assert settings["bindings"] == [
        {"type": "plain_text", "name": "A", "text": "a"},
        {"type": "secret_text", "name": "KEY"},
    ]
    assert (settings["compatibility_date"], settings["limits"]) == ("2026-07-01", {"cpu_ms": 50})
    content = api.http.get(f"{path}/{name}/content/v2")
    assert content.headers["content-type"].startswith("multipart/form-data")
    assert HELLO in content.text
    assert "s3cr3t" not in service.__repr__() + json.dumps(settings) + content.text


def test_no_secret_lies_in_clear_in_the_files_of_the_sandbox(api: Client) -> None:
    secret = unique("very-secret-text")
    bindings = [{"type": "secret_text", "name": "KEY", "text": secret}]
    assert api.upload(unique("sealed"), HELLO, bindings=bindings).status_code == 200
    files = [file for file in api.emulator.folder.rglob("*") if file.is_file()]
    assert not [file for file in files if secret.encode() in file.read_bytes()]
    assert (api.emulator.folder / "cloudflare" / "secrets.key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("export default {", "SyntaxError"),
        ("throw new Error('not today'); export default {}", "not today"),
        ("import './missing.mjs'; export default {}", "No such module"),
    ],
)
def test_code_that_does_not_start_is_refused_and_the_old_version_serves_on(
    api: Client, source: str, words: str
) -> None:
    name, host = unique("broken"), f"{unique('broken')}.localhost"
    assert api.upload(name, HELLO).status_code == 200
    api.serve(host, name)
    api.shows(host, "hello")
    message = refused(api, name, source, 10021)
    assert words in message
    assert "/work" not in message
    assert "core:user" not in message
    assert api.visit(host).text == "hello "
    assert HELLO in api.http.get(f"{api.account}/workers/scripts/{name}/content/v2").text


def test_a_script_without_handlers_or_from_the_future_is_refused(api: Client) -> None:
    refused(api, unique("none"), "export const x = 1;", 10068)
    assert "in the future" in refused(api, unique("new"), HELLO, 10021, compatibility_date="2031-01-01")


@pytest.mark.parametrize(
    ("binding", "code"),
    [
        ({"type": "kv_namespace", "name": "X", "namespace_id": "0" * 32}, 10041),
        ({"type": "r2_bucket", "name": "X", "bucket_name": "no-such-bucket"}, 10085),
        ({"type": "service", "name": "X", "service": "no-such-worker"}, 10144),
        ({"type": "inherit", "name": "X"}, 10021),
        ({"type": "queue", "name": "X", "queue_name": "q"}, 10026),
        ({"type": "plain_text", "name": "X", "text": "a", "colour": "red"}, 10026),
        ({"type": "ratelimit", "name": "X", "namespace_id": "1", "simple": {"limit": 5, "period": 30}}, 10026),
        ({"type": "plain_text", "name": "not a name", "text": "a"}, 10026),
    ],
)
def test_a_binding_to_nothing_is_refused(api: Client, binding: dict[str, Any], code: int) -> None:
    name = unique("bound")
    files = {
        "metadata": (None, json.dumps({"main_module": "i.mjs", "bindings": [binding]}), "application/json"),
        "i.mjs": ("i.mjs", HELLO, "application/javascript+module"),
    }
    path = f"{api.account}/workers/scripts/{name}"
    api.refused("PUT", path, 400, code, files=files, params={"bindings_inherit": "strict"})
    api.refused("GET", f"{path}/settings", 404, 10007)


def test_service_bindings_reach_exactly_their_entrypoint(api: Client) -> None:
    target, caller, host = unique("target"), unique("caller"), f"{unique('rpc')}.localhost"
    assert api.upload(target, RPC).status_code == 200
    bindings = [
        {"type": "service", "name": "MAIN", "service": target},
        {"type": "service", "name": "FORMS", "service": target, "entrypoint": "FormsEntrypoint"},
    ]
    assert api.upload(caller, CALLER, bindings=bindings).status_code == 200
    api.serve(host, caller)
    assert api.shows(host, "5 2").status_code == 200
    wrong = [{"type": "service", "name": "MAIN", "service": target, "entrypoint": "Nobody"}]
    assert "Nobody" in refused(api, caller, CALLER, 10144, bindings=wrong)
    assert "FormsEntrypoint" in refused(api, target, HELLO, 10021)
    api.refused("DELETE", f"{api.account}/workers/scripts/{target}", 409, 10064)
    assert api.visit(host).text == "5 2"


def test_a_forced_delete_leaves_the_others_serving(api: Client) -> None:
    target, caller, host = unique("target"), unique("caller"), f"{unique('force')}.localhost"
    assert api.upload(target, RPC).status_code == 200
    source = CATCHING
    assert api.upload(caller, source, bindings=[{"type": "service", "name": "T", "service": target}]).status_code == 200
    api.serve(host, caller)
    api.shows(host, "there")
    api.ok("DELETE", f"{api.account}/workers/scripts/{target}", params={"force": "true"})
    assert api.shows(host, "gone").status_code == 200
    api.refused("GET", f"{api.account}/workers/services/{target}", 404, 10007)
    api.refused("DELETE", f"{api.account}/workers/scripts/{target}", 404, 10007)


ALL_BINDINGS = """
export default { async fetch(request, env) {
  const limited = await env.RL.limit({ key: "k" });
  const { TEXT: text, KEY: key, JSON: json, VERSION: version } = env;
  return Response.json({ text, key, json, ok: limited.success, version: typeof version.id });
} };
"""


def test_every_kind_of_plain_binding_arrives(api: Client) -> None:
    name, host = unique("all"), f"{unique('all')}.localhost"
    bindings: list[dict[str, Any]] = [
        {"type": "plain_text", "name": "TEXT", "text": "t"},
        {"type": "secret_text", "name": "KEY", "text": "k"},
        {"type": "json", "name": "JSON", "json": {"a": [1]}},
        {"type": "ratelimit", "name": "RL", "namespace_id": "1001", "simple": {"limit": 2, "period": 60}},
        {"type": "version_metadata", "name": "VERSION"},
    ]
    assert api.upload(name, ALL_BINDINGS, bindings=bindings).status_code == 200
    api.serve(host, name)
    page = api.shows(host, '"ok":true').json()
    assert page["text"] + page["key"] + page["version"] == "tkstring"
    assert page["json"] == {"a": [1]}
    assert api.shows(host, '"ok":false').status_code == 200


def test_secrets_can_be_kept_or_inherited_by_the_next_upload(api: Client) -> None:
    name, host = unique("kept"), f"{unique('kept')}.localhost"
    source = "export default { fetch(r, env) { return new Response(`${env.KEY} ${env.TEXT} 2`) } };"
    first = [{"type": "secret_text", "name": "KEY", "text": "k"}, {"type": "plain_text", "name": "TEXT", "text": "t"}]
    assert api.upload(name, source.replace(" 2`", " 1`"), bindings=first).status_code == 200
    api.serve(host, name)
    api.shows(host, "k t 1")
    again = [{"type": "inherit", "name": "TEXT"}]
    assert api.upload(name, source, bindings=again, keep_bindings=["secret_text"]).status_code == 200
    assert api.shows(host, "k t 2").status_code == 200


def test_additional_modules_are_imported(api: Client) -> None:
    name, host = unique("parts"), f"{unique('parts')}.localhost"
    files = {
        "metadata": (
            "",
            json.dumps({"main_module": "index.mjs", "compatibility_date": "2026-07-01"}),
            "application/json",
        ),
        "lib/n.mjs": ("lib/n.mjs", "export const n = 7;", "application/javascript+module"),
        "page.html": ("page.html", "<p>page ", "text/plain"),
        "index.mjs": ("index.mjs", PARTS, "application/javascript+module"),
    }
    api.ok("PUT", f"{api.account}/workers/scripts/{name}", files=files)
    api.serve(host, name)
    assert api.shows(host, "<p>page 7").status_code == 200


def test_wrong_uploads_are_refused(api: Client) -> None:
    path = f"{api.account}/workers/scripts/{unique('bad')}"
    api.refused("PUT", path, 415, 10001, content=HELLO, headers={"content-type": "application/javascript"})
    module = {"index.mjs": ("index.mjs", HELLO, "application/javascript+module")}
    api.refused("PUT", path, 400, 10026, files=module)
    for metadata, code in [
        ({"main_module": "other.mjs"}, 10021),
        ({"body_part": "index.mjs"}, 10021),
        ({"x": 1}, 10026),
    ]:
        api.refused("PUT", path, 400, code, files={"metadata": (None, json.dumps(metadata)), **module})
    api.refused("PUT", f"{api.account}/workers/scripts/__front", 400, 10016, files=module)


def test_the_subdomain_switch(api: Client) -> None:
    name = unique("dev")
    path = f"{api.account}/workers/scripts/{name}/subdomain"
    api.refused("GET", path, 404, 10007)
    assert api.upload(name, HELLO).status_code == 200
    on, off = {"enabled": True, "previews_enabled": False}, {"enabled": False, "previews_enabled": False}
    assert api.ok("POST", path, json={"enabled": True}) == on
    assert api.upload(name, HELLO).status_code == 200
    assert api.ok("GET", path) == on
    assert api.ok("DELETE", path) == off
    api.refused("POST", path, 400, 10026, json={"enabled": "yes"})


def test_routes_live_through_their_calls(api: Client) -> None:
    script, base = unique("routed"), f"{api.zone}/workers/routes"
    assert api.upload(script, HELLO).status_code == 200
    pattern = f"{unique('r')}.localhost/*"
    made = api.ok("POST", base, json={"pattern": pattern, "script": script})
    assert api.ok("GET", f"{base}/{made['id']}") == {"id": made["id"], "pattern": pattern, "script": script}
    api.refused("POST", base, 409, 10020, json={"pattern": pattern, "script": script})
    changed = api.ok("PUT", f"{base}/{made['id']}", json={"pattern": pattern})
    assert changed == {"id": made["id"], "pattern": pattern}
    assert made["id"] in [route["id"] for route in api.ok("GET", base, params={"per_page": 1000})]
    assert api.ok("DELETE", f"{base}/{made['id']}") == {"id": made["id"]}
    api.refused("GET", f"{base}/{made['id']}", 404, 10009)


@pytest.mark.parametrize(
    "pattern", ["a*b.localhost/*", "x.localhost/a*b", "www.example.org/*", "x.localhost/*?q=1", ""]
)
def test_a_bad_pattern_is_refused(api: Client, pattern: str) -> None:
    api.refused("POST", f"{api.zone}/workers/routes", 400, 10022, json={"pattern": pattern})


def test_a_route_needs_its_script(api: Client) -> None:
    body = {"pattern": f"{unique('r')}.localhost/*", "script": "no-such-worker"}
    api.refused("POST", f"{api.zone}/workers/routes", 404, 10007, json=body)
