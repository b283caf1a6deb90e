"""KMS keys and their aliases."""

from sandbox.plugins.aws.client import Client
from sandbox.plugins.aws.resource import aws, given
from sandbox.plugins.aws.tags import Tagging, Tags, identity
from sandbox.plugins.schema import Call, flag, json_text, number, text
from sandbox.plugins.values import Doc

_DOOMED = ("PendingDeletion", "PendingReplicaDeletion")


def _key_tags(tags: Tags) -> list[Doc]:
    return [{"TagKey": key, "TagValue": value} for key, value in tags.items()]


_TAGS = Tagging(listing="list_resource_tags", target="KeyId", of=identity, shape=_key_tags)


def _create_key(client: Client, call: Call) -> None:
    wanted = given(
        call, Description="description", KeyUsage="keyUsage", KeySpec="customerMasterKeySpec", Policy="policy",
        MultiRegion="multiRegion", BypassPolicyLockoutSafetyCheck="bypassPolicyLockoutSafetyCheck",
    )  # fmt: skip
    call.id = client.create_key(**wanted, **_TAGS.new(call))["KeyMetadata"]["KeyId"]
    if call.inputs.get("enableKeyRotation"):
        _rotate(client, call)
    if not call.inputs.get("isEnabled", True):
        client.disable_key(KeyId=call.id)


def _rotate(client: Client, call: Call) -> None:
    if call.inputs.get("enableKeyRotation"):
        client.enable_key_rotation(KeyId=call.id, **given(call, RotationPeriodInDays="rotationPeriodInDays"))
    else:
        client.disable_key_rotation(KeyId=call.id)


def _read_key(client: Client, call: Call) -> Doc | None:
    key = client.describe_key(KeyId=call.id)["KeyMetadata"]
    if key["KeyState"] in _DOOMED:
        return None
    rotation = client.get_key_rotation_status(KeyId=call.id)
    return {
        "arn": key["Arn"],
        "keyId": key["KeyId"],
        "description": key.get("Description"),
        "keyUsage": key.get("KeyUsage"),
        "customerMasterKeySpec": key.get("KeySpec") or key.get("CustomerMasterKeySpec"),
        "multiRegion": key.get("MultiRegion"),
        "isEnabled": key["KeyState"] != "Disabled",
        "policy": client.get_key_policy(KeyId=call.id, PolicyName="default")["Policy"],
        "enableKeyRotation": rotation["KeyRotationEnabled"],
        "rotationPeriodInDays": rotation.get("RotationPeriodInDays"),
    }


def _update_key(client: Client, call: Call) -> None:
    if call.differs("description"):
        client.update_key_description(KeyId=call.id, Description=call.inputs.get("description", ""))
    if call.differs("policy") and call.inputs.get("policy"):
        client.put_key_policy(KeyId=call.id, PolicyName="default", Policy=call.inputs["policy"])
    if call.differs("enableKeyRotation", "rotationPeriodInDays"):
        _rotate(client, call)
    if call.differs("isEnabled"):
        change = client.enable_key if call.inputs.get("isEnabled", True) else client.disable_key
        change(KeyId=call.id)


def _delete_key(client: Client, call: Call) -> None:
    if client.describe_key(KeyId=call.id)["KeyMetadata"]["KeyState"] not in _DOOMED:
        days = int(call.known("deletionWindowInDays") or 30)
        client.schedule_key_deletion(KeyId=call.id, PendingWindowInDays=days)


def _create_alias(client: Client, call: Call) -> None:
    client.create_alias(AliasName=call.inputs["name"], TargetKeyId=call.inputs["targetKeyId"])


def _read_alias(client: Client, call: Call) -> Doc | None:
    aliases = client.pages("list_aliases", "Aliases")
    alias = next((each for each in aliases if each["AliasName"] == call.id), None)
    if alias is None:
        return None
    key, known = alias["TargetKeyId"], call.known("targetKeyId") or ""
    same = known.rsplit("/", 1)[-1] == key
    target = alias["AliasArn"].rsplit(":", 1)[0] + f":key/{key}"
    return {
        "name": alias["AliasName"],
        "arn": alias["AliasArn"],
        "targetKeyId": known if same else key,
        "targetKeyArn": target,
    }


def _update_alias(client: Client, call: Call) -> None:
    client.update_alias(AliasName=call.id, TargetKeyId=call.inputs["targetKeyId"])


def _delete_alias(client: Client, call: Call) -> None:
    client.delete_alias(AliasName=call.id)


RESOURCES = (
    aws(
        "kms/key:Key",
        "kms",
        {
            "description": text(computed=True),
            "keyUsage": text(default="ENCRYPT_DECRYPT", replaces=True),
            "customerMasterKeySpec": text(default="SYMMETRIC_DEFAULT", replaces=True),
            "policy": json_text(computed=True),
            "multiRegion": flag(computed=True, replaces=True),
            "isEnabled": flag(default=True),
            "enableKeyRotation": flag(default=False),
            "rotationPeriodInDays": number(computed=True),
            "deletionWindowInDays": number(default=30, local=True),
            "bypassPolicyLockoutSafetyCheck": flag(default=False, local=True),
        },
        outputs=("arn", "keyId"),
        tagging=_TAGS,
        create=_create_key,
        read=_read_key,
        update=_update_key,
        delete=_delete_key,
    ),
    aws(
        "kms/alias:Alias",
        "kms",
        {"name": text(autoname=True, replaces=True), "targetKeyId": text(required=True)},
        outputs=("arn", "targetKeyArn"),
        natural=("name",),
        identity=lambda doc: str(doc["name"]),
        create=_create_alias,
        read=_read_alias,
        update=_update_alias,
        delete=_delete_alias,
    ),
)
