"""CloudFront distributions by host name (their own, or an alias), and S3 website hosts."""

import re
from typing import Any
from urllib.parse import parse_qs

from sandbox.aws import organization
from sandbox.aws.backend import HOP
from sandbox.aws.call import Call
from sandbox.aws.cloud import Cloud
from sandbox.aws.errors import Answer, AwsError
from sandbox.aws.public import owner_of, require_public
from sandbox.aws.services.distributions import aliases

LABEL = re.compile(r"([a-z0-9]+)\.cloudfront\.")
WEBSITE = re.compile(r"([a-z0-9][a-z0-9.-]+)\.s3-website[.-]")


async def answer(cloud: Cloud, call: Call) -> Answer | None:
    host = call.host.partition(":")[0]
    found = _distribution(cloud, host)
    if found:
        return await _deliver(cloud, call, *found)
    website = WEBSITE.match(host)
    return await _website(cloud, call, website.group(1)) if website else None


def _distribution(cloud: Cloud, host: str) -> tuple[str, dict[str, Any]] | None:
    """(account, record) of the distribution that serves this host."""
    if not cloud.backend.has("cloudfront"):
        return None
    label = LABEL.match(host)
    for key, record in list(cloud.backend.module("cloudfront")._distributions._data.items()):
        names = {record["DomainName"].partition(".")[0].lower(), record["Id"].lower()}
        if (label and label.group(1) in names) or host in aliases(record["config_xml"]):
            return key[0], record
    return None


async def _deliver(cloud: Cloud, call: Call, account: str, record: dict[str, Any]) -> Answer:
    if not organization.is_open(cloud, account):
        return _page(403, "Forbidden")
    headers = {**call.headers, "host": call.host.partition(":")[0]}
    headers.setdefault("x-forwarded-proto", "https")  # the edge stands for TLS
    with cloud.backend.scope(account, "us-east-1"):
        status, found, body = await cloud.backend.module("cloudfront").handle_viewer_request(
            record, call.method, call.path, call.raw_path, call.query, headers, call.body,
            parse_qs(call.query, keep_blank_values=True), "127.0.0.1",
        )  # fmt: skip
    pairs = [
        (name.lower(), item)
        for name, value in found.items()
        for item in (value if isinstance(value, list) else [value])
    ]
    return Answer(status, [pair for pair in pairs if pair[0] not in HOP], body)


async def _website(cloud: Cloud, call: Call, bucket: str) -> Answer:
    """The website endpoint of a bucket: index documents, an error document, and only what everybody may read."""
    found = owner_of(cloud, bucket)
    config = cloud.backend.module("s3")._bucket_websites.get_scoped(found[0], None, bucket) if found else None
    if not config:
        return _page(404, "NoSuchWebsiteConfiguration")
    text = config.decode() if isinstance(config, bytes) else str(config)
    index, error = (
        re.search(r"<Suffix>([^<]+)</Suffix>", text),
        re.search(r"<ErrorDocument>\s*<Key>([^<]+)</Key>", text),
    )
    key = call.path.lstrip("/")
    key += (index.group(1) if index else "index.html") if not key or key.endswith("/") else ""
    answer = await _object(cloud, bucket, key)
    if answer.status in {403, 404} and error:
        page = await _object(cloud, bucket, error.group(1))
        return Answer(answer.status, page.headers, page.body) if page.status == 200 else answer
    return answer


async def _object(cloud: Cloud, bucket: str, key: str) -> Answer:
    try:
        account, region = require_public(cloud, bucket, key)
    except AwsError as refused:
        return _page(refused.status, refused.code)
    return await cloud.backend.invoke(account, region, "s3", method="GET", path=f"/{bucket}/{key}")


def _page(status: int, text: str) -> Answer:
    return Answer(status, [("content-type", "text/html")], f"<h1>{status} {text}</h1>".encode())
