"""Batches of which only the first half happens, as the fault `partial` wants it."""

import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

from sandbox.aws.call import Call
from sandbox.aws.cloud import Cloud
from sandbox.aws.errors import Answer

Forward = Callable[[Call], Awaitable[Answer]]
_OBJECT = re.compile(rb"<Object>.*?</Object>", re.DOTALL)
_NAMES = re.compile(rb"<(?:Key|VersionId)>.*?</(?:Key|VersionId)>", re.DOTALL)
_CHECKED = ("content-md5", "x-amz-checksum-", "x-amz-sdk-checksum-")  # they vouch for the whole body


async def forward(cloud: Cloud, call: Call) -> Answer:
    half = _HALVES.get(call.name)
    if half is None or cloud.home.faults.take("aws", call.name, {"partial"}) is None:
        return await cloud.backend.forward(call)
    return await half(call, cloud.backend.forward)


async def _items(call: Call, go_on: Forward) -> Answer:
    """DynamoDB gives back what it did not get to."""
    asked = [(table, item) for table, items in call.params["RequestItems"].items() for item in items]
    done, left = _halved(asked)
    answer = Answer(200, [("content-type", "application/x-amz-json-1.0")], b"{}")
    if done:
        _ask(call, {**call.params, "RequestItems": _by_table(done)})
        answer = await go_on(call)
    return _changed(answer, UnprocessedItems=_by_table(left)) if answer.status < 400 else answer


def _by_table(items: list[tuple[str, Any]]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for table, item in items:
        found.setdefault(table, []).append(item)
    return found


async def _messages(call: Call, go_on: Forward) -> Answer:
    done, left = _halved(call.params["Entries"])
    reason = {"SenderFault": False, "Code": "InternalError", "Message": "injected fault"}
    answer = Answer(200, [("content-type", "application/x-amz-json-1.0")], b'{"Successful": []}')
    if done:
        _ask(call, {**call.params, "Entries": done})
        answer = await go_on(call)
    return _changed(answer, Failed=[{"Id": entry["Id"], **reason} for entry in left]) if answer.status < 400 else answer


async def _objects(call: Call, go_on: Forward) -> Answer:
    _, left = _halved(_OBJECT.findall(call.body))
    for name in left:
        call.body = call.body.replace(name, b"", 1)
    call.headers = {key: value for key, value in call.headers.items() if not key.startswith(_CHECKED)}
    call.headers["content-length"] = str(len(call.body))
    answer = await go_on(call) if _OBJECT.search(call.body) else _NOTHING
    errors = b"".join(b"<Error>%s%s</Error>" % (b"".join(_NAMES.findall(one)), _REASON) for one in left)
    return answer.with_body(answer.body.replace(b"</DeleteResult>", errors + b"</DeleteResult>"))


_REASON = b"<Code>InternalError</Code><Message>injected fault</Message>"
_NOTHING = Answer(200, [("content-type", "application/xml")], b"<DeleteResult></DeleteResult>")
_HALVES: dict[str, Callable[[Call, Forward], Awaitable[Answer]]] = {
    "dynamodb:BatchWriteItem": _items,
    "sqs:SendMessageBatch": _messages,
    "s3:DeleteObjects": _objects,
}


def _halved(items: list[Any]) -> tuple[list[Any], list[Any]]:
    return items[: len(items) // 2], items[len(items) // 2 :]


def _ask(call: Call, params: dict[str, Any]) -> None:
    call.params, call.body = params, json.dumps(params).encode()
    call.headers["content-length"] = str(len(call.body))


def _changed(answer: Answer, **members: Any) -> Answer:
    return answer.with_body(json.dumps({**json.loads(answer.body), **members}).encode())
