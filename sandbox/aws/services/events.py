"""Events that AWS services put on the default bus of an account."""

import asyncio
import json

from sandbox.aws.call import Call
from sandbox.aws.cloud import Cloud
from sandbox.kit.store import Doc


async def emit(cloud: Cloud, call: Call, *, source: str, kind: str, detail: Doc, resources: list[str]) -> None:
    entry = {"Source": source, "DetailType": kind, "Detail": json.dumps(detail), "Resources": resources}

    def put() -> None:
        with cloud.backend.scope(call.account, call.region):
            cloud.backend.module("eventbridge")._put_events({"Entries": [entry]}, allow_aws_source=True)

    await asyncio.to_thread(put)
