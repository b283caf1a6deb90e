"""Events that AWS services put on the default bus of an account."""

import json

from sandbox.aws.call import Call
from sandbox.aws.cloud import Cloud
from sandbox.kit.store import Doc

JSON = "application/x-amz-json-1.1"


async def emit(cloud: Cloud, call: Call, *, source: str, kind: str, detail: Doc, resources: list[str]) -> None:
    entry = {"Source": source, "DetailType": kind, "Detail": json.dumps(detail), "Resources": resources}
    headers = {"content-type": JSON, "x-amz-target": "AWSEvents.PutEvents"}
    body = json.dumps({"Entries": [entry]}).encode()
    await cloud.backend.invoke(call.account, call.region, "events", headers=headers, body=body)
