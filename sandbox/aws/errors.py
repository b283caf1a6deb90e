"""A refusal, and how each AWS protocol says it on the wire."""

import json
import uuid
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

JSON_TYPES = {"json": "application/x-amz-json-1.1", "rest-json": "application/json"}


@dataclass(frozen=True)
class Answer:
    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name), "")

    def with_body(self, body: bytes) -> "Answer":
        """The same answer about something else: a checksum of the old body goes."""
        return Answer(self.status, [pair for pair in self.headers if pair[0] != "x-amz-crc32"], body)


class AwsError(Exception):
    """Raised by an emulated service; `extra` are further members of a modelled error (`Reason`, ...)."""

    def __init__(self, code: str, message: str = "", status: int = 400, **extra: Any) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message, self.status, self.extra = code, message, status, extra


def shape(error: AwsError, *, protocol: str, service: str, resource: str = "") -> Answer:
    request_id = str(uuid.uuid4())
    headers = [("x-amzn-requestid", request_id)]
    if protocol in JSON_TYPES:
        return _json(error, protocol, headers)
    if service in {"s3", "s3control"}:
        return _s3(error, resource, request_id, headers)
    return _query(error, request_id, headers)


def _json(error: AwsError, protocol: str, headers: list[tuple[str, str]]) -> Answer:
    # Every JSON service reads `message`; the older ones spell it `Message`, the media services `exceptionMessage`.
    text = dict.fromkeys(("message", "Message", "exceptionMessage"), error.message)
    body = {"__type": error.code, **text, **error.extra}
    headers = [*headers, ("content-type", JSON_TYPES[protocol]), ("x-amzn-errortype", error.code)]
    return Answer(error.status, headers, json.dumps(body).encode())


def _s3(error: AwsError, resource: str, request_id: str, headers: list[tuple[str, str]]) -> Answer:
    xml = (
        f"<Error><Code>{error.code}</Code><Message>{escape(error.message)}</Message>"
        f"<Resource>{escape(resource)}</Resource><RequestId>{request_id}</RequestId></Error>"
    )
    return _xml(error.status, xml, [*headers, ("x-amz-request-id", request_id)])


def _query(error: AwsError, request_id: str, headers: list[tuple[str, str]]) -> Answer:
    kind = "Sender" if error.status < 500 else "Receiver"
    xml = (
        f"<ErrorResponse><Error><Type>{kind}</Type><Code>{error.code}</Code>"
        f"<Message>{escape(error.message)}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>"
    )
    return _xml(error.status, xml, headers)


def _xml(status: int, xml: str, headers: list[tuple[str, str]]) -> Answer:
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n{xml}'.encode()
    return Answer(status, [*headers, ("content-type", "text/xml")], body)
