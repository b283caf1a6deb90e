"""Injected faults: vendor `aws`, operation `service:Operation` in boto3's names, errors shaped by protocol."""

import asyncio

from sandbox.aws.call import Call
from sandbox.aws.cloud import Cloud, Respond
from sandbox.aws.errors import Answer, AwsError, shape
from sandbox.kit.faults import WIRE, Fault

GARBAGE = Answer(200, [("content-type", "text/html")], b"<html>\x00 gateway says hello")


class Cut(ConnectionAbortedError):
    """The connection is to be closed without an answer."""


async def respond(cloud: Cloud, call: Call, follow: Respond) -> Answer:
    """The answer to a call, unless a fault strikes it."""
    fault = cloud.home.faults.take("aws", call.name, WIRE)
    if fault is None or (fault.kind == "flap" and fault.taken % 2 == 0):
        return await follow(call)
    if fault.kind in {"delay", "hang"}:
        await _wait(cloud, fault)
        return await follow(call)
    if fault.kind == "drop":
        raise Cut("injected fault")
    if fault.kind in {"timeout_after", "garbage"}:
        await follow(call)
        if fault.kind == "garbage":
            return GARBAGE
        raise Cut("injected fault")
    return _refusal(call, fault)


async def _wait(cloud: Cloud, fault: Fault) -> None:
    if fault.kind == "delay":
        await asyncio.sleep(fault.seconds)
    while fault.kind == "hang" and cloud.home.faults.is_active(fault.id):
        await asyncio.sleep(0.05)


def _refusal(call: Call, fault: Fault) -> Answer:
    if fault.kind == "quota":
        code = "TooManyRequestsException" if call.service in {"organizations", "lambda"} else "ThrottlingException"
        code = "SlowDown" if call.service == "s3" else "Throttling" if call.protocol == "query" else code
        error = AwsError(code, "Rate exceeded", 503 if call.service == "s3" else 400)
    else:
        code = "InternalFailure" if fault.code == "internal_error" else fault.code
        status = 400 if fault.status == 500 and code != "InternalFailure" else fault.status
        error = AwsError(code, fault.message, status, **fault.detail)
    answer = shape(error, protocol=call.protocol, service=call.service, resource=call.path)
    retry = [("retry-after", f"{fault.seconds:.0f}")] if fault.kind == "quota" else []
    return Answer(answer.status, [*answer.headers, *retry], answer.body)
