"""Browsers ask before they send a file into a bucket, and read what the bucket says of who may: its CORS rules."""

from sandbox.aws.call import Call
from sandbox.aws.cloud import Cloud
from sandbox.aws.errors import Answer
from sandbox.aws.public import owner_of


def preflight(cloud: Cloud, call: Call) -> Answer | None:
    bucket = _bucket(cloud, call)
    if not bucket or call.method != "OPTIONS":
        return None
    key = call.path.strip("/").partition("/")[2]
    status, headers, body = cloud.backend.module("s3").cors_preflight(bucket, key, call.headers)
    return Answer(status, list(headers.items()), body)


def told(cloud: Cloud, call: Call, answer: Answer) -> Answer:
    """The answer to the request itself says it once more, or the browser keeps it from the page."""
    bucket = _bucket(cloud, call) if call.method != "OPTIONS" else ""
    if not bucket:
        return answer
    headers = cloud.backend.module("s3").cors_response_headers(bucket, call.method, call.headers)
    others = [pair for pair in answer.headers if not pair[0].lower().startswith("access-control-")]  # too generous
    return Answer(answer.status, [*others, *headers.items()], answer.body)


def _bucket(cloud: Cloud, call: Call) -> str:
    """Of a request by path, from a page; others come without an origin."""
    name = call.path.strip("/").partition("/")[0]
    return name if "origin" in call.headers and cloud.backend.has("s3") and owner_of(cloud, name) else ""
