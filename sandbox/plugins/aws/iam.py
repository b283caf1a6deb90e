"""IAM roles, their inline policies, and the account's password policy."""

import json
from typing import Any
from urllib.parse import unquote

from sandbox.plugins.aws.client import Client
from sandbox.plugins.aws.resource import aws, given
from sandbox.plugins.aws.tags import Tagging, identity
from sandbox.plugins.schema import Call, flag, json_text, number, text
from sandbox.plugins.values import Doc
from sandbox.plugins.wire import decode, encode, pascal

_HOME = "us-east-1"
_TAGS = Tagging(listing="list_role_tags", add="tag_role", remove="untag_role", target="RoleName", of=identity)


def _document(answered: Any) -> str:
    """boto3 answers a parsed document where the text was valid, else the encoded text."""
    return json.dumps(answered) if isinstance(answered, dict) else unquote(answered)


def _create_role(client: Client, call: Call) -> None:
    wanted = given(
        call,
        RoleName="name",
        Path="path",
        AssumeRolePolicyDocument="assumeRolePolicy",
        Description="description",
        MaxSessionDuration="maxSessionDuration",
        PermissionsBoundary="permissionsBoundary",
    )
    client.create_role(**wanted, **_TAGS.new(call))
    call.id = call.inputs["name"]


def _read_role(client: Client, call: Call) -> Doc:
    role = client.get_role(RoleName=call.id)["Role"]
    return {
        "name": role["RoleName"],
        "path": role["Path"],
        "arn": role["Arn"],
        "uniqueId": role["RoleId"],
        "createDate": role["CreateDate"].isoformat(),
        "assumeRolePolicy": _document(role["AssumeRolePolicyDocument"]),
        "description": role.get("Description"),
        "maxSessionDuration": role.get("MaxSessionDuration"),
        "permissionsBoundary": (role.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn"),
    }


def _update_role(client: Client, call: Call) -> None:
    if call.differs("assumeRolePolicy"):
        client.update_assume_role_policy(RoleName=call.id, PolicyDocument=call.inputs["assumeRolePolicy"])
    if call.differs("description", "maxSessionDuration"):
        settings = given(call, MaxSessionDuration="maxSessionDuration")
        client.update_role(RoleName=call.id, Description=call.inputs.get("description", ""), **settings)
    if call.differs("permissionsBoundary"):
        boundary = call.inputs.get("permissionsBoundary")
        if boundary:
            client.put_role_permissions_boundary(RoleName=call.id, PermissionsBoundary=boundary)
        else:
            client.delete_role_permissions_boundary(RoleName=call.id)


def _delete_role(client: Client, call: Call) -> None:
    if call.known("forceDetachPolicies"):
        for policy in client.pages("list_attached_role_policies", "AttachedPolicies", RoleName=call.id):
            client.detach_role_policy(RoleName=call.id, PolicyArn=policy["PolicyArn"])
        for name in client.pages("list_role_policies", "PolicyNames", RoleName=call.id):
            client.delete_role_policy(RoleName=call.id, PolicyName=name)
    client.delete_role(RoleName=call.id)


def _names(call: Call) -> Doc:
    role, _, name = call.id.partition(":")
    return {"RoleName": role or call.inputs["role"], "PolicyName": name or call.inputs["name"]}


def _put_policy(client: Client, call: Call) -> None:
    client.put_role_policy(**_names(call), PolicyDocument=call.inputs["policy"])


def _read_policy(client: Client, call: Call) -> Doc:
    found = client.get_role_policy(**_names(call))
    return {"role": found["RoleName"], "name": found["PolicyName"], "policy": _document(found["PolicyDocument"])}


def _delete_policy(client: Client, call: Call) -> None:
    client.delete_role_policy(**_names(call))


_PASSWORDS = {
    "allowUsersToChangePassword": flag(default=True),
    "hardExpiry": flag(computed=True),
    "maxPasswordAge": number(computed=True),
    "minimumPasswordLength": number(default=6),
    "passwordReusePrevention": number(computed=True),
    "requireLowercaseCharacters": flag(computed=True),
    "requireNumbers": flag(computed=True),
    "requireSymbols": flag(computed=True),
    "requireUppercaseCharacters": flag(computed=True),
}


def _put_passwords(client: Client, call: Call) -> None:
    client.update_account_password_policy(**encode(_PASSWORDS, call.inputs, pascal))
    call.id = "iam-account-password-policy"


def _read_passwords(client: Client, call: Call) -> Doc:
    del call
    found = client.get_account_password_policy()["PasswordPolicy"]
    return {**decode(_PASSWORDS, found, pascal), "expirePasswords": found.get("ExpirePasswords")}


def _delete_passwords(client: Client, call: Call) -> None:
    del call
    client.delete_account_password_policy()


RESOURCES = (
    aws(
        "iam/role:Role",
        "iam",
        {
            "name": text(autoname=True, replaces=True),
            "path": text(default="/", replaces=True),
            "assumeRolePolicy": json_text(required=True),
            "description": text(),
            "maxSessionDuration": number(default=3600),
            "permissionsBoundary": text(),
            "forceDetachPolicies": flag(default=False, local=True),
        },
        region=_HOME,
        outputs=("arn", "createDate", "uniqueId"),
        natural=("name",),
        identity=lambda doc: str(doc["name"]),
        tagging=_TAGS,
        create=_create_role,
        read=_read_role,
        update=_update_role,
        delete=_delete_role,
    ),
    aws(
        "iam/rolePolicy:RolePolicy",
        "iam",
        {
            "role": text(required=True, replaces=True),
            "name": text(autoname=True, replaces=True),
            "policy": json_text(required=True),
        },
        region=_HOME,
        natural=("role", "name"),
        identity=lambda doc: f"{doc['role']}:{doc['name']}",
        create=_put_policy,
        read=_read_policy,
        update=_put_policy,
        delete=_delete_policy,
    ),
    aws(
        "iam/accountPasswordPolicy:AccountPasswordPolicy",
        "iam",
        _PASSWORDS,
        region=_HOME,
        outputs=("expirePasswords",),
        create=_put_passwords,
        read=_read_passwords,
        update=_put_passwords,
        delete=_delete_passwords,
    ),
)
