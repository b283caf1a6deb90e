"""KV namespaces and values."""

import base64
import json

import pytest

from tests.contract.cloudflare.harness import Client, unique


@pytest.fixture
def namespace(api: Client) -> str:
    return api.namespace(unique("kv"))


def test_a_namespace_lives_through_its_calls(api: Client) -> None:
    base, title = f"{api.account}/storage/kv/namespaces", unique("title")
    made = api.ok("POST", base, json={"title": title})
    assert made == {"id": made["id"], "title": title, "supports_url_encoding": True}
    assert api.ok("GET", f"{base}/{made['id']}") == made
    renamed = unique("title")
    assert api.ok("PUT", f"{base}/{made['id']}", json={"title": renamed})["title"] == renamed
    assert api.ok("DELETE", f"{base}/{made['id']}") is None
    api.refused("GET", f"{base}/{made['id']}", 404, 10013)
    api.refused("DELETE", f"{base}/{made['id']}", 404, 10013)


def test_titles_are_needed_and_unique(api: Client) -> None:
    base, title = f"{api.account}/storage/kv/namespaces", unique("title")
    api.ok("POST", base, json={"title": title})
    api.refused("POST", base, 400, 10014, json={"title": title})
    api.refused("POST", base, 400, 10019, json={})
    api.refused("POST", base, 400, 10012, json={"title": "x", "colour": "red"})


def test_a_value_with_metadata_comes_back(api: Client, namespace: str) -> None:
    parts = {"value": (None, '{"t":"1"}'), "metadata": (None, '{"by":"pulumi"}')}
    assert api.ok("PUT", f"{namespace}/values/h%3Aanna.localhost", files=parts) is None
    assert api.http.get(f"{namespace}/values/h:anna.localhost").text == '{"t":"1"}'
    assert api.ok("GET", f"{namespace}/metadata/h%3Aanna.localhost") == {"by": "pulumi"}
    api.ok("PUT", f"{namespace}/values/a/b c", content=b"\x00\xff")
    assert api.http.get(f"{namespace}/values/a%2Fb%20c").content == b"\x00\xff"
    api.ok("DELETE", f"{namespace}/values/a/b c")
    api.refused("GET", f"{namespace}/values/a/b c", 404, 10009)
    api.refused("GET", f"{namespace}/metadata/nothing", 404, 10009)


def test_keys_are_listed_in_order_with_a_cursor(api: Client, namespace: str) -> None:
    pairs = [{"key": f"t:{number:02}", "value": str(number), "metadata": {"n": number}} for number in range(12)]
    assert api.ok("PUT", f"{namespace}/bulk", json=pairs) == {"successful_key_count": 12, "unsuccessful_keys": []}
    first = api.envelope("GET", f"{namespace}/keys", params={"limit": 10, "prefix": "t:"})
    assert first["result"][0] == {"name": "t:00", "metadata": {"n": 0}}
    assert first["result_info"]["count"] == 10
    rest = api.envelope("GET", f"{namespace}/keys", params={"limit": 10, "cursor": first["result_info"]["cursor"]})
    assert [key["name"] for key in rest["result"]] == ["t:10", "t:11"]
    assert rest["result_info"]["cursor"] == ""
    api.refused("GET", f"{namespace}/keys", 400, 10011, params={"limit": 3})


def test_bulk_takes_base64_and_deletes(api: Client, namespace: str) -> None:
    raw = base64.b64encode(b"\x01\x02").decode()
    api.ok("PUT", f"{namespace}/bulk", json=[{"key": "a", "value": raw, "base64": True}, {"key": "b", "value": "b"}])
    assert api.http.get(f"{namespace}/values/a").content == b"\x01\x02"
    api.ok("POST", f"{namespace}/bulk/delete", json=["a", "b"])
    assert api.ok("GET", f"{namespace}/keys") == []
    api.refused("PUT", f"{namespace}/bulk", 400, 10012, json=[])
    api.refused("PUT", f"{namespace}/bulk", 400, 10012, json=[{"key": "a"}])


def test_what_kv_refuses(api: Client, namespace: str) -> None:
    api.refused("PUT", f"{namespace}/values/k", 400, 10034, content="v", params={"expiration_ttl": 59})
    api.refused("PUT", f"{namespace}/values/{'k' * 513}", 414, 10029, content="v")
    api.refused("PUT", f"{namespace}/values/k", 400, 10012, files={"wert": (None, "v")})
    api.refused("PUT", f"{namespace}/values/k", 400, 10032, files={"value": (None, "v"), "metadata": (None, "{")})
    gone = f"{api.account}/storage/kv/namespaces/{'0' * 32}"
    api.refused("PUT", f"{gone}/values/k", 404, 10013, content="v")


def test_a_held_write_is_seen_by_rest_at_once_and_by_workers_later(api: Client, namespace: str) -> None:
    host, script = f"{unique('lag')}.localhost", unique("lag")
    source = "export default { async fetch(r, env) { return new Response(await env.KV.get('k') ?? 'nothing') } };"
    binding = {"type": "kv_namespace", "name": "KV", "namespace_id": namespace.rpartition("/")[2]}
    assert api.upload(script, source, bindings=[binding]).status_code == 200
    api.serve(host, script)
    api.shows(host, "nothing")
    api.fault("PUT */values/*", "kv_lag", times=1, seconds=60)
    api.ok("PUT", f"{namespace}/values/k", content="late")
    assert api.http.get(f"{namespace}/values/k").text == "late"
    assert api.visit(host).text == "nothing"
    api.advance(seconds=61)
    assert api.shows(host, "late").status_code == 200


def test_a_partial_bulk_write_names_what_failed(api: Client, namespace: str) -> None:
    api.fault("PUT */bulk", "partial", times=1)
    answer = api.ok("PUT", f"{namespace}/bulk", json=[{"key": key, "value": key} for key in "abcd"])
    assert answer == {"successful_key_count": 2, "unsuccessful_keys": ["c", "d"]}
    assert [key["name"] for key in api.ok("GET", f"{namespace}/keys")] == ["a", "b"]


def test_json_values_survive_as_written(api: Client, namespace: str) -> None:
    text = json.dumps({"ä": "ß", "n": 1}, ensure_ascii=False)
    api.ok("PUT", f"{namespace}/values/u", files={"value": (None, text)})
    assert api.http.get(f"{namespace}/values/u").text == text
