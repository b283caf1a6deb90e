"""One request, read once: whom it is for, what it asks, who says so."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

from starlette.types import Receive, Scope

from sandbox.aws import models
from sandbox.aws.signature import Credential, credential_of

# SigV4 scope name -> boto3's name, where they differ
SERVICES = {
    "monitoring": "cloudwatch",
    "tagging": "resourcegroupstaggingapi",
    "servicequotas": "service-quotas",
    "states": "stepfunctions",
    "email": "ses",
}
TARGETS = {"AWSCognitoIdentityProviderService": "cognito-idp"}  # services that also take unsigned calls


@dataclass
class Call:
    method: str
    path: str
    raw_path: str
    query: str
    headers: dict[str, str]
    body: bytes
    arguments: dict[str, str] = field(default_factory=dict)  # of the query string
    credential: Credential | None = None
    service: str = ""
    operation: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    region: str = "us-east-1"
    account: str = ""  # whose resources it is about
    principal: str = ""  # ARN of the caller, "" for nobody

    @property
    def protocol(self) -> str:
        return models.protocol_of(self.service)

    @property
    def host(self) -> str:
        return self.headers.get("host", "").lower()

    @property
    def name(self) -> str:
        return f"{self.service}:{self.operation}"

    def text(self, *names: str) -> str:
        """The first of these parameters that is there."""
        return next((str(self.params[name]) for name in names if self.params.get(name) is not None), "")

    def values(self, name: str) -> list[str]:
        """Every value of a query parameter that may be repeated."""
        return [value for key, value in parse_qsl(self.query) if key == name]


async def read(scope: Scope, receive: Receive) -> Call:
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1").lower(), value.decode("utf-8", "replace")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    query = scope.get("query_string", b"").decode()
    raw = scope.get("raw_path") or scope["path"].encode()
    call = Call(scope["method"], scope["path"], raw.decode("latin-1"), query, headers, await _body(receive))
    call.arguments = dict(parse_qsl(query, keep_blank_values=True))
    return call


async def _body(receive: Receive) -> bytes:
    chunks = []
    while True:
        message = await receive()
        chunks.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(chunks)


def identify(call: Call) -> Call:
    """Fill in service, operation, parameters and region of a request to a service's API."""
    call.credential = credential_of(call.headers, call.arguments)
    call.service = _service(call)
    call.region = call.credential.region if call.credential else "us-east-1"
    protocol, target = call.protocol, call.headers.get("x-amz-target", "")
    if protocol.startswith("rest"):
        _read_rest(call)
    elif target:
        call.operation, call.params = target.rpartition(".")[2], _document(call.body)
    elif "/operation/" in call.path:  # smithy rpc v2
        call.operation = call.path.rpartition("/")[2]
    else:
        call.params = {**call.arguments, **dict(parse_qsl(call.body.decode("utf-8", "replace")))}
        call.operation = str(call.params.pop("Action", ""))
    return call


def _service(call: Call) -> str:
    target = call.headers.get("x-amz-target", "").partition(".")[0]
    if call.credential is None:
        return TARGETS.get(target) or ("sns" if "ConfirmSubscription" in call.query else "s3")
    name = SERVICES.get(call.credential.service, call.credential.service)
    if name == "apigateway" and call.path.startswith("/v2/"):
        return "apigatewayv2"
    if name == "ses" and call.path.startswith("/v2/"):
        return "sesv2"
    return "s3control" if name == "s3" and call.path.startswith("/v20180820/") else name


def _read_rest(call: Call) -> None:
    operation, labels = models.match(call.service, call.method, call.raw_path, call.arguments)
    call.operation = _s3_operation(call, operation) if call.service == "s3" else operation
    body = _document(call.body) if call.protocol == "rest-json" else {}
    call.params = {**call.arguments, **body, **{name: unquote(value) for name, value in labels.items()}}


def _s3_operation(call: Call, operation: str) -> str:
    """The model lists several operations on one route; S3 tells them apart by headers and query."""
    if operation in {"PutObject", "CopyObject"}:
        return "CopyObject" if "x-amz-copy-source" in call.headers else "PutObject"
    if operation in {"UploadPart", "UploadPartCopy"}:
        return "UploadPartCopy" if "x-amz-copy-source" in call.headers else "UploadPart"
    if operation in {"ListObjects", "ListObjectsV2"}:
        return "ListObjectsV2" if call.arguments.get("list-type") == "2" else "ListObjects"
    if not operation and call.method == "POST" and call.headers.get("content-type", "").startswith("multipart/"):
        return "PostObject"
    return "ListBuckets" if call.path == "/" and call.method == "GET" else operation


def _document(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
