"""Every route that takes a body × bodies that are none: always a problem document, never a trace, never a success."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from controlplane.api import access
from tests.fixtures.http import Door

ABSENT = "00000000000000000000000000"
DEEP: Any = "x"
for _level in range(200):
    DEEP = [DEEP]
JSON = {"content-type": "application/json"}
BAD: dict[str, dict[str, Any]] = {
    "no JSON": {"content": b"{", "headers": JSON},
    "no text": {"content": b"\xff\xfe\x00", "headers": JSON},
    "a list": {"json": []},
    "nothing": {"json": None},
    "a number": {"json": 7},
    "deep": {"json": DEEP},
    "unknown fields": {"json": {"surprise": "x", "__proto__": {"admin": True}}},
    "wrong types": {"json": {"reason": {"x": 1}, "email": 5, "offers": "all", "quote_id": [], "choice": None}},
    "a form": {"content": b"a=b", "headers": {"content-type": "application/x-www-form-urlencoded"}},
    "too large": {"content": b'{"reason": "' + b"x" * 300_000 + b'"}', "headers": JSON},
}


def with_body(door: Door) -> Iterator[tuple[str, str]]:
    """From the description itself: whatever says that it takes JSON."""
    described = door.anonymous().get("/openapi.json").json()
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            if "application/json" in operation.get("requestBody", {}).get("content", {}):
                required = operation["requestBody"].get("required", False)
                if required:
                    yield method.upper(), re.sub(r"\{\w+\}", ABSENT, path)


@pytest.mark.parametrize("role", ["admin", "anonymous"])
def test_a_bad_body_is_answered_with_a_problem(door: Door, role: str) -> None:
    client, wrong, seen = door.operator("admin") if role == "admin" else door.anonymous(), [], 0
    for method, path in with_body(door):
        for name, body in BAD.items():
            answer = client.request(method, path, **body)
            seen += 1
            kind = answer.headers.get("content-type", "")
            problem = 400 <= answer.status_code < 500 and kind.startswith("application/problem+json")
            if not problem or not answer.json().get("next_step") or "Traceback" in answer.text:
                wrong.append((method, path, name, answer.status_code, answer.text[:120]))
    assert wrong == []
    assert seen > 100
    assert len(list(access.groups(door.app))) > 50
