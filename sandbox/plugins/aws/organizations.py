"""Organizations: units, and the policies on them."""

from sandbox.plugins.aws.client import Client
from sandbox.plugins.aws.errors import AwsRefusal
from sandbox.plugins.aws.resource import aws, given
from sandbox.plugins.aws.tags import Tagging, identity
from sandbox.plugins.failures import Exists
from sandbox.plugins.schema import Call, flag, json_text, text
from sandbox.plugins.values import Doc

_HOME = "us-east-1"
_TAGS = Tagging(target="ResourceId", of=identity)


def _create_unit(client: Client, call: Call) -> None:
    named = given(call, ParentId="parentId", Name="name")
    call.id = client.create_organizational_unit(**named, **_TAGS.new(call))["OrganizationalUnit"]["Id"]


def _read_unit(client: Client, call: Call) -> Doc:
    unit = client.describe_organizational_unit(OrganizationalUnitId=call.id)["OrganizationalUnit"]
    parent = client.list_parents(ChildId=call.id)["Parents"][0]["Id"]
    return {"name": unit["Name"], "arn": unit["Arn"], "parentId": parent, "accounts": _members(client, call.id)}


def _members(client: Client, unit: str) -> list[Doc]:
    accounts = client.pages("list_accounts_for_parent", "Accounts", ParentId=unit)
    named = {"arn": "Arn", "email": "Email", "id": "Id", "name": "Name"}
    return [{key: account.get(wire) for key, wire in named.items()} for account in accounts]


def _update_unit(client: Client, call: Call) -> None:
    if call.differs("name"):
        client.update_organizational_unit(OrganizationalUnitId=call.id, Name=call.inputs["name"])


def _delete_unit(client: Client, call: Call) -> None:
    client.delete_organizational_unit(OrganizationalUnitId=call.id)


def _create_policy(client: Client, call: Call) -> None:
    wanted = {"Description": "", **given(call, Content="content", Name="name", Description="description", Type="type")}
    call.id = client.create_policy(**wanted, **_TAGS.new(call))["Policy"]["PolicySummary"]["Id"]


def _read_policy(client: Client, call: Call) -> Doc:
    policy = client.describe_policy(PolicyId=call.id)["Policy"]
    summary = policy["PolicySummary"]
    named = {"name": "Name", "arn": "Arn", "description": "Description", "type": "Type"}
    return {"content": policy["Content"], **{key: summary.get(wire) for key, wire in named.items()}}


def _update_policy(client: Client, call: Call) -> None:
    if call.differs("name", "description", "content"):
        wanted = {"Description": "", **given(call, Content="content", Name="name", Description="description")}
        client.update_policy(PolicyId=call.id, **wanted)


def _delete_policy(client: Client, call: Call) -> None:
    if not call.known("skipDestroy"):
        client.delete_policy(PolicyId=call.id)


def _pair(call: Call) -> Doc:
    target, _, policy = call.id.partition(":")
    return {"TargetId": target or call.inputs["targetId"], "PolicyId": policy or call.inputs["policyId"]}


def _attach(client: Client, call: Call) -> None:
    try:
        client.attach_policy(**_pair(call))
    except Exists:
        return  # attached is attached, whoever did it


def _read_attachment(client: Client, call: Call) -> Doc | None:
    pair = _pair(call)
    targets = client.pages("list_targets_for_policy", "Targets", PolicyId=pair["PolicyId"])
    if not any(target["TargetId"] == pair["TargetId"] for target in targets):
        return None
    return {"policyId": pair["PolicyId"], "targetId": pair["TargetId"]}


def _detach(client: Client, call: Call) -> None:
    if call.known("skipDestroy"):
        return
    try:
        client.detach_policy(**_pair(call))
    except AwsRefusal as refusal:
        if refusal.error != "PolicyNotAttachedException":
            raise


RESOURCES = (
    aws(
        "organizations/organizationalUnit:OrganizationalUnit",
        "organizations",
        {"name": text(autoname=True), "parentId": text(required=True, replaces=True)},
        region=_HOME,
        outputs=("accounts", "arn"),
        tagging=_TAGS,
        create=_create_unit,
        read=_read_unit,
        update=_update_unit,
        delete=_delete_unit,
    ),
    aws(
        "organizations/policy:Policy",
        "organizations",
        {
            "name": text(autoname=True),
            "content": json_text(required=True),
            "description": text(),
            "type": text(default="SERVICE_CONTROL_POLICY", replaces=True),
            "skipDestroy": flag(default=False, local=True),
        },
        region=_HOME,
        outputs=("arn",),
        tagging=_TAGS,
        create=_create_policy,
        read=_read_policy,
        update=_update_policy,
        delete=_delete_policy,
    ),
    aws(
        "organizations/policyAttachment:PolicyAttachment",
        "organizations",
        {
            "policyId": text(required=True, replaces=True),
            "targetId": text(required=True, replaces=True),
            "skipDestroy": flag(default=False, local=True),
        },
        region=_HOME,
        natural=("policyId", "targetId"),
        identity=lambda doc: f"{doc['targetId']}:{doc['policyId']}",
        create=_attach,
        read=_read_attachment,
        delete=_detach,
    ),
)
