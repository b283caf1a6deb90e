"""Secrets Manager: a name that waits for its deletion is taken, and a secret without a value has none."""

import json

from sandbox.aws.call import Call
from sandbox.aws.cloud import Cloud, serves
from sandbox.aws.errors import Answer, AwsError


@serves("secretsmanager:CreateSecret")
async def create(cloud: Cloud, call: Call) -> Answer:
    for _, found in cloud.backend.module("secretsmanager")._secrets.items_scoped(call.account, call.region):
        if found.get("Name") == call.text("Name") and found.get("DeletedDate"):
            message = "You can't create this secret because a secret with this name is already scheduled for deletion."
            raise AwsError("InvalidRequestException", message)
    answer = await cloud.backend.forward(call)
    if answer.status != 200 or {"SecretString", "SecretBinary"} & set(call.params):
        return answer
    cloud.backend.module("secretsmanager")._secrets.get_scoped(call.account, call.region, call.text("Name"))[
        "Versions"
    ] = {}
    made = json.loads(answer.body)
    return answer.with_body(json.dumps({name: made[name] for name in ("ARN", "Name")}).encode())
