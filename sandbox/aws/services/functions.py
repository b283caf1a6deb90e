"""Lambda's account limits: a fresh account has little concurrency, and 100 of it can never be reserved."""

import asyncio
import importlib
import json
from typing import Any

from sandbox.aws.call import Call
from sandbox.aws.cloud import Cloud, serves
from sandbox.aws.consequences import follows
from sandbox.aws.errors import Answer, AwsError
from sandbox.aws.services.quotas import LAMBDA_CONCURRENCY, value

UNRESERVED = 100


@follows("lambda:CreateFunction")
async def expect_calls(_cloud: Cloud, _call: Call, answer: Answer) -> Answer:
    runtime: Any = importlib.import_module("ministack.core.lambda_runtime")
    await asyncio.to_thread(runtime.subprocess.warm)
    return answer


@serves("lambda:PutFunctionConcurrency")
async def reserve(cloud: Cloud, call: Call) -> Answer:
    wanted, name = int(call.params["ReservedConcurrentExecutions"]), call.text("FunctionName").rpartition(":")[2]
    left = value(cloud, call, "lambda", LAMBDA_CONCURRENCY) - _reserved(cloud, call, without=name) - wanted
    if left < UNRESERVED:
        message = (
            "Specified ReservedConcurrentExecutions for function decreases account's "
            f"UnreservedConcurrentExecution below its minimum value of [{UNRESERVED}]."
        )
        raise AwsError("InvalidParameterValueException", message)
    return await cloud.backend.forward(call)


def _reserved(cloud: Cloud, call: Call, *, without: str = "") -> int:
    functions = cloud.backend.module("lambda_svc")._functions.items_scoped(call.account, call.region)
    return sum(int(record.get("concurrency") or 0) for name, record in functions if name != without)


@follows("lambda:GetAccountSettings")
async def limits(cloud: Cloud, call: Call, answer: Answer) -> Answer:
    found, quota = json.loads(answer.body), int(value(cloud, call, "lambda", LAMBDA_CONCURRENCY))
    found["AccountLimit"] |= {
        "ConcurrentExecutions": quota, "UnreservedConcurrentExecutions": quota - _reserved(cloud, call),
    }  # fmt: skip
    return answer.with_body(json.dumps(found).encode())
