"""Customer keys behind other services: whoever reads what is encrypted with one needs the key, too."""

import importlib
from typing import Any

from sandbox.aws.actions import Check
from sandbox.aws.call import Call
from sandbox.aws.cloud import Cloud
from sandbox.aws.policy import Document
from sandbox.aws.roles import parse

READS = {
    "secretsmanager": {"GetSecretValue"},
    "dynamodb": {"GetItem", "Query", "Scan", "BatchGetItem", "TransactGetItems"},
    "sqs": {"ReceiveMessage"},
}
WRITES = {
    "secretsmanager": {"PutSecretValue"},
    "dynamodb": {"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"},
    "sqs": {"SendMessage", "SendMessageBatch"},
}


def key_of(cloud: Cloud, call: Call, reference: str) -> dict[str, Any] | None:
    """A key of this account by id, ARN or alias."""
    if not reference or reference.startswith("alias/aws/"):
        return None
    with cloud.backend.scope(call.account, call.region):
        found: dict[str, Any] | None = cloud.backend.module("kms")._resolve_key(reference)
    return found


def of_ciphertext(blob: str) -> str:
    """The backend puts the key's id in front of what it encrypts."""
    found = importlib.import_module("ministack.core.iam_actions")._kms_key_id_from_ciphertext(blob) if blob else ""
    return str(found or "")


def check(cloud: Cloud, call: Call) -> tuple[Check, Document] | None:
    """What the key's service will be asked on behalf of the caller, and the policy of the key."""
    reading = call.operation in READS.get(call.service, ())
    if not reading and call.operation not in WRITES.get(call.service, ()):
        return None
    key = key_of(cloud, call, _reference(cloud, call))
    if key is None:
        return None
    # DynamoDB unwraps the table's key for writes as well; the others make a new data key.
    action = "kms:Decrypt" if reading or call.service == "dynamodb" else "kms:GenerateDataKey"
    via = {"kms:ViaService": f"{call.service}.{call.region}.amazonaws.com", "kms:CallerAccount": call.account}
    return Check(action, key["Arn"], via), parse(key.get("Policy") or {"Statement": []})


def _reference(cloud: Cloud, call: Call) -> str:
    module = {"secretsmanager": _of_secret, "dynamodb": _of_table, "sqs": _of_queue}[call.service]
    return module(cloud, call)


def _of_secret(cloud: Cloud, call: Call) -> str:
    wanted = call.text("SecretId")
    stored = cloud.backend.module("secretsmanager")._secrets.items_scoped(call.account, call.region)
    return next((str(found.get("KmsKeyId") or "") for name, found in stored if wanted in {name, found["ARN"]}), "")


def _of_table(cloud: Cloud, call: Call) -> str:
    names = [call.text("TableName"), *(call.params.get("RequestItems") or {})]
    names += [part["TableName"] for entry in call.params.get("TransactItems") or [] for part in entry.values()]
    for name in filter(None, names):
        table = cloud.backend.module("dynamodb")._tables.get_scoped(call.account, call.region, name.rpartition("/")[2])
        found = ((table or {}).get("SSEDescription") or {}).get("KMSMasterKeyArn")
        if found:
            return str(found)
    return ""


def _of_queue(cloud: Cloud, call: Call) -> str:
    name = call.text("QueueUrl").rpartition("/")[2]
    sqs = cloud.backend.module("sqs")
    url = sqs._queue_name_to_url.get_scoped(call.account, call.region, name)
    queue = sqs._queues.get_scoped(call.account, call.region, url) or {}
    return str((queue.get("attributes") or {}).get("KmsMasterKeyId") or "")
