"""A result of an own operation in the protocol of its service."""

import json
import uuid
from typing import Any
from xml.sax.saxutils import escape

from sandbox.aws.call import Call
from sandbox.aws.errors import JSON_TYPES, Answer


def render(call: Call, result: dict[str, Any] | None) -> Answer:
    request_id = str(uuid.uuid4())
    headers = [("x-amzn-requestid", request_id)]
    if call.protocol == "query":
        return _query(call, result or {}, request_id, headers)
    if result is None:
        return Answer(204, headers)
    return Answer(
        200,
        [*headers, ("content-type", JSON_TYPES.get(call.protocol, "application/json"))],
        json.dumps(result).encode(),
    )


def _query(call: Call, result: dict[str, Any], request_id: str, headers: list[tuple[str, str]]) -> Answer:
    name = call.operation
    xml = (
        f'<{name}Response xmlns="https://{call.service}.amazonaws.com/doc/2011-06-15/"><{name}Result>{elements(result)}</{name}Result>'
        f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></{name}Response>"
    )
    return Answer(200, [*headers, ("content-type", "text/xml")], xml.encode())


def elements(value: Any) -> str:
    if isinstance(value, dict):
        return "".join(f"<{name}>{elements(inner)}</{name}>" for name, inner in value.items())
    if isinstance(value, list):
        return "".join(f"<member>{elements(inner)}</member>" for inner in value)
    return escape(str(value).lower() if isinstance(value, bool) else str(value))
