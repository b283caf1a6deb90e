"""Secrets without their values."""

from sandbox.plugins.aws.client import Client
from sandbox.plugins.aws.errors import AwsRefusal
from sandbox.plugins.aws.resource import aws, given
from sandbox.plugins.aws.tags import Tagging, identity
from sandbox.plugins.failures import Missing
from sandbox.plugins.schema import Call, json_text, number, text
from sandbox.plugins.values import Doc

# the answer of describe_secret holds the tags
_TAGS = Tagging(listing="", target="SecretId", of=identity)
_DOOMED = ("scheduled for deletion", "marked for deletion", "marked deleted")


def _create(client: Client, call: Call) -> None:
    wanted = given(call, Name="name", Description="description", KmsKeyId="kmsKeyId")
    try:
        call.id = client.create_secret(**wanted, **_TAGS.new(call))["ARN"]
    except AwsRefusal as refusal:
        # the name of a deleted secret stays taken for days: it is brought back, and made what was asked for
        if not any(word in str(refusal) for word in _DOOMED):
            raise
        call.id = client.restore_secret(SecretId=call.inputs["name"])["ARN"]
        _restored(client, call)
    if call.inputs.get("policy"):
        client.put_resource_policy(SecretId=call.id, ResourcePolicy=call.inputs["policy"])


def _restored(client: Client, call: Call) -> None:
    wanted = given(call, Description="description", KmsKeyId="kmsKeyId")
    client.update_secret(SecretId=call.id, **{"Description": "", **wanted})
    found = client.describe_secret(SecretId=call.id).get("Tags") or []
    call.state["tagsAll"] = {tag["Key"]: tag["Value"] for tag in found}
    _TAGS.sync(client, call)


def _read(client: Client, call: Call) -> Doc | None:
    found = client.describe_secret(SecretId=call.id)
    if found.get("DeletedDate"):
        return None
    return {
        "arn": found["ARN"],
        "name": found["Name"],
        "description": found.get("Description"),
        "kmsKeyId": found.get("KmsKeyId"),
        "policy": _policy(client, call),
        "tags": found.get("Tags") or {},
    }


def _policy(client: Client, call: Call) -> str | None:
    if not call.known("policy"):
        return None
    try:
        found = client.get_resource_policy(SecretId=call.id).get("ResourcePolicy")
    except Missing:
        return None
    return str(found) if found else None


def _update(client: Client, call: Call) -> None:
    if call.differs("description", "kmsKeyId"):
        wanted = given(call, Description="description", KmsKeyId="kmsKeyId")
        client.update_secret(SecretId=call.id, **{"Description": "", **wanted})
    if call.differs("policy"):
        if call.inputs.get("policy"):
            client.put_resource_policy(SecretId=call.id, ResourcePolicy=call.inputs["policy"])
        else:
            client.delete_resource_policy(SecretId=call.id)


def _delete(client: Client, call: Call) -> None:
    days = int(call.known("recoveryWindowInDays"))
    if client.describe_secret(SecretId=call.id).get("DeletedDate"):
        return
    window = {"RecoveryWindowInDays": days} if days else {"ForceDeleteWithoutRecovery": True}
    client.delete_secret(SecretId=call.id, **window)


RESOURCES = (
    aws(
        "secretsmanager/secret:Secret",
        "secretsmanager",
        {
            "name": text(autoname=True, replaces=True),
            "description": text(),
            "kmsKeyId": text(),
            "policy": json_text(),
            "recoveryWindowInDays": number(default=30, local=True),
        },
        outputs=("arn",),
        natural=("name",),
        tagging=_TAGS,
        create=_create,
        read=_read,
        update=_update,
        delete=_delete,
    ),
)
