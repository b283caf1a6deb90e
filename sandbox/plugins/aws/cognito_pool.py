"""Cognito user pools."""

from sandbox.plugins.aws.client import Client
from sandbox.plugins.aws.resource import aws
from sandbox.plugins.aws.tags import Tagging, as_map, wanted
from sandbox.plugins.schema import Call, Property, flag, number, obj, some, text
from sandbox.plugins.values import Doc
from sandbox.plugins.wire import decode, encode, pascal

# the answer of describe_user_pool holds the tags
_TAGS = Tagging(listing="", shape=as_map)

_PASSWORDS = {
    "minimumLength": number(computed=True),
    "passwordHistorySize": number(computed=True),
    "requireLowercase": flag(computed=True),
    "requireNumbers": flag(computed=True),
    "requireSymbols": flag(computed=True),
    "requireUppercase": flag(computed=True),
    "temporaryPasswordValidityDays": number(computed=True),
}
_INVITATION = {"emailMessage": text(), "emailSubject": text(), "smsMessage": text(wire="SMSMessage")}
_RECOVERY = {"name": text(required=True), "priority": number(required=True)}
_EMAIL = {
    "configurationSet": text(),
    "emailSendingAccount": text(default="COGNITO_DEFAULT"),
    "fromEmailAddress": text(wire="From"),
    "replyToEmailAddress": text(),
    "sourceArn": text(),
}
_ADJUSTABLE: dict[str, Property] = {
    "accountRecoverySetting": obj({"recoveryMechanisms": some(obj(_RECOVERY))}, computed=True),
    "adminCreateUserConfig": obj(
        {
            "allowAdminCreateUserOnly": flag(computed=True),
            "inviteMessageTemplate": obj(_INVITATION, computed=True),
        },
        computed=True,
    ),
    "autoVerifiedAttributes": some(text()),
    "deletionProtection": text(default="INACTIVE", choices=("ACTIVE", "INACTIVE")),
    "deviceConfiguration": obj({"challengeRequiredOnNewDevice": flag(), "deviceOnlyRememberedOnUserPrompt": flag()}),
    "emailConfiguration": obj(_EMAIL, computed=True),
    "mfaConfiguration": text(default="OFF", choices=("OFF", "ON", "OPTIONAL")),
    "userPoolAddOns": obj({"advancedSecurityMode": text(required=True)}),
    "userPoolTier": text(computed=True),
}
_FIXED: dict[str, Property] = {
    "aliasAttributes": some(text(), replaces=True),
    "usernameAttributes": some(text(), replaces=True),
    "usernameConfiguration": obj({"caseSensitive": flag(default=False)}, replaces=True, computed=True),
}
_FIELDS: dict[str, Property] = {
    "name": text(autoname=True),
    **_FIXED,
    **_ADJUSTABLE,
    "passwordPolicy": obj(_PASSWORDS, computed=True),
    "softwareTokenMfaConfiguration": obj({"enabled": flag(required=True)}),
}


def _settings(call: Call, fields: dict[str, Property]) -> Doc:
    request = encode(fields, call.inputs, pascal)
    if call.inputs.get("passwordPolicy"):
        request["Policies"] = {"PasswordPolicy": encode(_PASSWORDS, call.inputs["passwordPolicy"], pascal)}
    if call.inputs["mfaConfiguration"] != "OFF":
        request["MfaConfiguration"] = "OFF"  # turned on below, once the kind of token is known
    return request


def _create(client: Client, call: Call) -> None:
    tags = wanted(call)
    request = {"PoolName": call.inputs["name"], **_settings(call, {**_FIXED, **_ADJUSTABLE})}
    call.id = client.create_user_pool(**request, **({"UserPoolTags": tags} if tags else {}))["UserPool"]["Id"]
    if _second_factor(call):
        _set_second_factor(client, call)


def _second_factor(call: Call) -> bool:
    return call.inputs["mfaConfiguration"] != "OFF" or bool(call.inputs.get("softwareTokenMfaConfiguration"))


def _set_second_factor(client: Client, call: Call) -> None:
    token = call.inputs.get("softwareTokenMfaConfiguration") or {}
    client.set_user_pool_mfa_config(
        UserPoolId=call.id,
        MfaConfiguration=call.inputs["mfaConfiguration"],
        SoftwareTokenMfaConfiguration={"Enabled": bool(token.get("enabled"))},
    )


def _read(client: Client, call: Call) -> Doc:
    found = client.describe_user_pool(UserPoolId=call.id)["UserPool"]
    factor = client.get_user_pool_mfa_config(UserPoolId=call.id)
    token = factor.get("SoftwareTokenMfaConfiguration")
    passwords = (found.get("Policies") or {}).get("PasswordPolicy")
    partition, domain = call.session.partition(client.region)
    return {
        **decode({**_FIXED, **_ADJUSTABLE}, found, pascal),
        "name": found["Name"],
        "mfaConfiguration": factor.get("MfaConfiguration") or found.get("MfaConfiguration") or "OFF",
        "softwareTokenMfaConfiguration": {"enabled": bool(token.get("Enabled"))} if token else None,
        "passwordPolicy": decode(_PASSWORDS, passwords, pascal) or None,
        "deletionProtection": found.get("DeletionProtection") or call.known("deletionProtection"),
        "arn": found.get("Arn") or f"arn:{partition}:cognito-idp:{client.region}:{call.session.id}:userpool/{call.id}",
        "endpoint": f"cognito-idp.{client.region}.{domain}/{call.id}",
        "creationDate": str(found.get("CreationDate") or ""),
        "lastModifiedDate": str(found.get("LastModifiedDate") or ""),
        "estimatedNumberOfUsers": found.get("EstimatedNumberOfUsers", 0),
        "domain": found.get("Domain"),
        "customDomain": found.get("CustomDomain"),
        "tags": found.get("UserPoolTags") or {},
    }


def _update(client: Client, call: Call) -> None:
    """An update resets what it does not name, so everything is named."""
    request = {"PoolName": call.inputs["name"], **_settings(call, _ADJUSTABLE)}
    tags = wanted(call)
    client.update_user_pool(UserPoolId=call.id, **request, **({"UserPoolTags": tags} if tags else {}))
    if _second_factor(call) or call.differs("mfaConfiguration", "softwareTokenMfaConfiguration"):
        _set_second_factor(client, call)


def _delete(client: Client, call: Call) -> None:
    client.delete_user_pool(UserPoolId=call.id)


RESOURCES = (
    aws(
        "cognito/userPool:UserPool",
        "cognito-idp",
        _FIELDS,
        outputs=(
            "arn",
            "creationDate",
            "customDomain",
            "domain",
            "endpoint",
            "estimatedNumberOfUsers",
            "lastModifiedDate",
        ),
        volatile=("lastModifiedDate",),
        tagging=_TAGS,
        create=_create,
        read=_read,
        update=_update,
        delete=_delete,
    ),
)
