"""R2 buckets, their rules and objects."""

import hashlib
from threading import Event, Thread
from typing import Any

import pytest

from tests.contract.cloudflare.harness import EU, Client, unique


@pytest.fixture
def bucket(api: Client) -> str:
    return api.bucket(unique("bucket"), headers=EU)


def test_a_bucket_lives_through_its_calls(api: Client) -> None:
    base, name = f"{api.account}/r2/buckets", unique("bucket")
    made = api.ok("POST", base, json={"name": name, "locationHint": "weur", "storageClass": "Standard"}, headers=EU)
    assert (made["name"], made["location"], made["jurisdiction"]) == (name, "WEUR", "eu")
    assert api.ok("GET", f"{base}/{name}", headers=EU) == made
    changed = api.ok("PATCH", f"{base}/{name}", headers={**EU, "cf-r2-storage-class": "InfrequentAccess"})
    assert changed["storage_class"] == "InfrequentAccess"
    listed = api.ok("GET", base, headers=EU, params={"name_contains": name})["buckets"]
    assert [found["name"] for found in listed] == [name]
    assert api.ok("DELETE", f"{base}/{name}", headers=EU) == {}
    api.refused("GET", f"{base}/{name}", 404, 10006, headers=EU)


def test_a_bucket_is_not_found_in_another_jurisdiction(api: Client, bucket: str) -> None:
    api.refused("GET", bucket, 404, 10006)
    api.refused("GET", f"{bucket}/lifecycle", 404, 10006)
    api.refused("PUT", f"{bucket}/objects/a", 404, 10006, content="x")
    api.refused("GET", bucket, 400, 10036, headers={"cf-r2-jurisdiction": "mars"})


def test_what_a_new_bucket_must_not_be(api: Client, bucket: str) -> None:
    base = f"{api.account}/r2/buckets"
    api.refused("POST", base, 409, 10004, json={"name": bucket.rpartition("/")[2]}, headers=EU)
    for name in ("ab", "Big", "-x-", "a" * 64, "with_underscore"):
        api.refused("POST", base, 400, 10005, json={"name": name})
    api.refused("POST", base, 400, 10040, json={"name": unique("b"), "storage_class": "Standard"})


def test_only_an_empty_bucket_can_be_deleted(api: Client, bucket: str) -> None:
    api.ok("PUT", f"{bucket}/objects/a/b.txt", content="x", headers=EU)
    message = api.refused("DELETE", bucket, 409, 10008, headers=EU)
    assert message == f"The bucket you tried to delete ({bucket.rpartition('/')[2]}) is not empty"
    api.ok("DELETE", f"{bucket}/objects/a/b.txt", headers=EU)
    api.ok("DELETE", bucket, headers=EU)


def test_an_object_comes_back_as_it_was_put(api: Client, bucket: str) -> None:
    content = bytes(range(256)) * 9000
    sent = {**EU, "content-type": "application/x-tar", "cache-control": "no-cache"}
    made = api.ok("PUT", f"{bucket}/objects/backups/r 1/ü.tar", content=content, headers=sent)
    assert (made["key"], made["size"]) == ("backups/r 1/ü.tar", len(content))
    assert made["etag"] == hashlib.md5(content, usedforsecurity=False).hexdigest()
    got = api.http.get(f"{bucket}/objects/backups/r 1/ü.tar", headers=EU)
    assert got.content == content
    assert (got.headers["content-type"], got.headers["cache-control"]) == ("application/x-tar", "no-cache")
    assert int(got.headers["content-length"]) == len(content)


def test_an_empty_object_and_a_missing_one(api: Client, bucket: str) -> None:
    api.ok("PUT", f"{bucket}/objects/empty", content=b"", headers=EU)
    assert api.http.get(f"{bucket}/objects/empty", headers=EU).content == b""
    api.refused("GET", f"{bucket}/objects/none", 404, 10007, headers=EU)
    api.refused("DELETE", f"{bucket}/objects/none", 404, 10007, headers=EU)
    api.refused("PUT", f"{bucket}/objects/{'k' * 1025}", 400, 10020, content="x", headers=EU)


def test_objects_are_listed_by_prefix_and_cursor(api: Client, bucket: str) -> None:
    for number in range(5):
        api.ok("PUT", f"{bucket}/objects/a/{number}", content="x", headers=EU)
    api.ok("PUT", f"{bucket}/objects/b/0", content="x", headers=EU)
    query: dict[str, Any] = {"prefix": "a/", "per_page": 3}
    first = api.envelope("GET", f"{bucket}/objects", headers=EU, params=query)
    assert [found["key"] for found in first["result"]] == ["a/0", "a/1", "a/2"]
    assert first["result_info"]["is_truncated"] is True
    query["cursor"] = first["result_info"]["cursor"]
    rest = api.envelope("GET", f"{bucket}/objects", headers=EU, params=query)
    assert [found["key"] for found in rest["result"]] == ["a/3", "a/4"]
    assert rest["result_info"]["is_truncated"] is False
    later = api.ok("GET", f"{bucket}/objects", headers=EU, params={"start_after": "a/3"})
    assert [found["key"] for found in later] == ["a/4", "b/0"]
    folders = api.envelope("GET", f"{bucket}/objects", headers=EU, params={"delimiter": "/"})
    assert folders["result_info"]["delimited"] == ["a/", "b/"]


def test_a_bulk_delete_that_fails_in_part_is_a_200_without_success(api: Client, bucket: str) -> None:
    for key in ("a", "b"):
        api.ok("PUT", f"{bucket}/objects/{key}", content="x", headers=EU)
    answer = api.http.request("DELETE", f"{bucket}/objects", json=["a", "none", "b"], headers=EU)
    assert (answer.status_code, answer.json()["success"]) == (200, False)
    assert [error["code"] for error in answer.json()["errors"]] == [10007]
    assert api.ok("GET", f"{bucket}/objects", headers=EU) == []
    api.refused("DELETE", f"{bucket}/objects", 400, 10040, json=[], headers=EU)
    api.refused("DELETE", f"{bucket}/objects", 400, 10040, json=["k"] * 1001, headers=EU)


def test_a_partial_fault_leaves_the_second_half(api: Client, bucket: str) -> None:
    for key in "abcd":
        api.ok("PUT", f"{bucket}/objects/{key}", content="x", headers=EU)
    api.fault("DELETE */objects", "partial", times=1)
    answer = api.http.request("DELETE", f"{bucket}/objects", json=list("abcd"), headers=EU)
    assert (answer.status_code, len(answer.json()["errors"])) == (200, 2)
    assert [found["key"] for found in api.ok("GET", f"{bucket}/objects", headers=EU)] == ["c", "d"]


DELETE_AFTER_90_DAYS = {
    "id": "inbox", "enabled": True, "conditions": {"prefix": "t/"},
    "deleteObjectsTransition": {"condition": {"type": "Age", "maxAge": 7776000}},
}  # fmt: skip


def test_lifecycle_rules_are_kept_and_obeyed(api: Client, bucket: str) -> None:
    default = api.ok("GET", f"{bucket}/lifecycle", headers=EU)["rules"]
    assert [rule["abortMultipartUploadsTransition"]["condition"]["maxAge"] for rule in default] == [604800]
    api.ok("PUT", f"{bucket}/lifecycle", json={"rules": [DELETE_AFTER_90_DAYS]}, headers=EU)
    assert api.ok("GET", f"{bucket}/lifecycle", headers=EU) == {"rules": [DELETE_AFTER_90_DAYS]}
    api.ok("PUT", f"{bucket}/objects/t/old", content="x", headers=EU)
    api.ok("PUT", f"{bucket}/objects/kept", content="x", headers=EU)
    api.advance(days=60)
    api.control("POST", "/lifecycle")
    api.ok("PUT", f"{bucket}/objects/t/new", content="x", headers=EU)
    api.advance(days=31)
    api.control("POST", "/lifecycle")
    assert [found["key"] for found in api.ok("GET", f"{bucket}/objects", headers=EU)] == ["kept", "t/new"]


@pytest.mark.parametrize(
    "rule",
    [
        {"id": "x", "enabled": True},
        {**DELETE_AFTER_90_DAYS, "deleteObjectsTransition": {"condition": {"type": "Age"}}},
        {**DELETE_AFTER_90_DAYS, "delete_objects_transition": {}},
        {**DELETE_AFTER_90_DAYS, "deleteObjectsTransition": {"condition": {"type": "Age", "maxAge": 1.5}}},
    ],
)
def test_a_wrong_lifecycle_rule_is_refused(api: Client, bucket: str, rule: dict[str, Any]) -> None:
    api.refused("PUT", f"{bucket}/lifecycle", 400, 10040, json={"rules": [rule]}, headers=EU)


def test_locked_objects_stay_until_the_lock_ends(api: Client, bucket: str) -> None:
    rule = {"id": "keep", "enabled": True, "prefix": "p/", "condition": {"type": "Age", "maxAgeSeconds": 3600}}
    api.ok("PUT", f"{bucket}/objects/p/1", content="x", headers=EU)
    api.ok("PUT", f"{bucket}/lock", json={"rules": [rule]}, headers=EU)
    assert api.ok("GET", f"{bucket}/lock", headers=EU) == {"rules": [rule]}
    api.refused("DELETE", f"{bucket}/objects/p/1", 409, 10069, headers=EU)
    api.refused("PUT", f"{bucket}/objects/p/1", 409, 10069, content="y", headers=EU)
    api.refused("DELETE", f"{bucket}/lock", 405, 10405, headers=EU)
    api.advance(hours=2)
    api.ok("DELETE", f"{bucket}/objects/p/1", headers=EU)


def test_no_object_is_lost_while_its_bucket_gets_its_first_binding(api: Client, bucket: str) -> None:
    written: list[str] = []
    binding = {"type": "r2_bucket", "name": "B", "bucket_name": bucket.rpartition("/")[2], "jurisdiction": "eu"}
    done = Event()

    def write() -> None:
        for number in range(300):
            if done.is_set() and number > 20:
                return
            api.ok("PUT", f"{bucket}/objects/{number:03}", content=str(number), headers=EU)
            written.append(f"{number:03}")

    writer = Thread(target=write)
    writer.start()
    assert api.upload(unique("late"), "export default { fetch() {} };", bindings=[binding]).status_code == 200
    done.set()
    writer.join()
    found = api.ok("GET", f"{bucket}/objects", headers=EU, params={"per_page": 1000})
    assert [item["key"] for item in found] == written


def test_cors_is_absent_until_it_is_put(api: Client, bucket: str) -> None:
    api.refused("GET", f"{bucket}/cors", 404, 10059, headers=EU)
    rules = {"rules": [{"allowed": {"methods": ["GET"], "origins": ["https://a.example"]}, "maxAgeSeconds": 60}]}
    api.ok("PUT", f"{bucket}/cors", json=rules, headers=EU)
    assert api.ok("GET", f"{bucket}/cors", headers=EU) == rules
    api.ok("DELETE", f"{bucket}/cors", headers=EU)
    api.refused("GET", f"{bucket}/cors", 404, 10059, headers=EU)
