"""Lines that AWS services write into a log group of an account."""

import json
from collections.abc import Mapping

from sandbox.aws.call import Call
from sandbox.aws.cloud import Cloud


async def write(cloud: Cloud, call: Call, *, group: str, stream: str, text: str) -> None:
    name = {"logGroupName": group, "logStreamName": stream}
    events = [{"timestamp": int(cloud.now() * 1000), "message": text}]
    await _log(cloud, call, "CreateLogStream", name)
    await _log(cloud, call, "PutLogEvents", {**name, "logEvents": events})


async def _log(cloud: Cloud, call: Call, operation: str, params: Mapping[str, object]) -> None:
    headers = {"content-type": "application/x-amz-json-1.1", "x-amz-target": f"Logs_20140328.{operation}"}
    await cloud.backend.invoke(call.account, call.region, "logs", headers=headers, body=json.dumps(params).encode())
