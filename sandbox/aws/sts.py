"""STS: sessions of roles that exist, in accounts that exist, for callers whom the role trusts."""

import re
from datetime import UTC, datetime
from typing import Any

from sandbox.aws import sessions
from sandbox.aws.call import Call
from sandbox.aws.cloud import Cloud, serves
from sandbox.aws.conditions import Context, holds
from sandbox.aws.errors import AwsError
from sandbox.aws.organization import is_open
from sandbox.aws.policy import listed, principal_named, statements
from sandbox.aws.roles import parse, role_of
from sandbox.aws.sessions import Identity

ROLE = re.compile(r"arn:aws:iam::(\d{12}):role/(?:[\w+=,.@/-]+/)?([\w+=,.@-]{1,64})")
SESSION_NAME = re.compile(r"[\w+=,.@-]{2,64}")


@serves("sts:GetCallerIdentity")
def caller_identity(cloud: Cloud, call: Call) -> dict[str, Any]:
    who = sessions.caller(cloud, call)
    user_id = f"{_role_id(cloud, who)}:{who.arn.rpartition('/')[2]}" if who.role else "AIDAPLATFORM000000000"
    return {"UserId": user_id, "Account": who.account, "Arn": who.arn}


@serves("sts:AssumeRole")
def assume_role(cloud: Cloud, call: Call) -> dict[str, Any]:
    who = sessions.caller(cloud, call)
    arn, name = call.text("RoleArn"), call.text("RoleSessionName")
    found = ROLE.fullmatch(arn)
    if not found or not SESSION_NAME.fullmatch(name):
        raise AwsError("ValidationError", "RoleArn or RoleSessionName is not valid")
    account, role = found.groups()
    _trusted(who, arn, role_of(cloud, account, role) if is_open(cloud, account) else None, _context(call, who))
    seconds = _duration(call, who)
    identity = sessions.issue(
        cloud, account=account, role=role, session=name, seconds=seconds,
        policy=call.text("Policy"), tags=tuple(_tags(call).items()),
    )  # fmt: skip
    return {"AssumedRoleUser": {"AssumedRoleId": f"{_role_id(cloud, identity)}:{name}", "Arn": identity.arn},
            "Credentials": _credentials(identity)}  # fmt: skip


def _trusted(who: Identity, arn: str, role: dict[str, Any] | None, context: Context) -> None:
    """One answer for a missing account, a missing role and a role that does not trust the caller, as AWS gives."""
    document = parse(role["AssumeRolePolicyDocument"]) if role else {}
    hits = [s for s in statements(document) if _speaks_of(s, context)]
    if not any(s.get("Effect") == "Allow" for s in hits) or any(s.get("Effect") == "Deny" for s in hits):
        message = f"User: {who.arn} is not authorized to perform: sts:AssumeRole on resource: {arn}"
        raise AwsError("AccessDenied", message, 403)


def _speaks_of(statement: Any, context: Context) -> bool:
    actions = [action.lower() for action in listed(statement.get("Action", []))]
    return (
        bool({"sts:assumerole", "sts:*", "*"} & set(actions))
        and principal_named(statement.get("Principal", {}), context)
        and holds(statement.get("Condition", {}), context)
    )


def _context(call: Call, who: Identity) -> dict[str, str]:
    context = {
        "aws:PrincipalArn": who.principal, "aws:SessionArn": who.arn, "aws:PrincipalAccount": who.account,
        "aws:MultiFactorAuthPresent": "false", "aws:SecureTransport": "true",
        "sts:RoleSessionName": call.text("RoleSessionName"),
    }  # fmt: skip
    if call.text("ExternalId"):
        context["sts:ExternalId"] = call.text("ExternalId")
    return context | {f"aws:RequestTag/{name}": value for name, value in _tags(call).items()}


def _tags(call: Call) -> dict[str, str]:
    keys = {n: v for n, v in call.params.items() if re.fullmatch(r"Tags\.member\.\d+\.Key", n)}
    return {value: str(call.params.get(name.replace(".Key", ".Value"), "")) for name, value in keys.items()}


def _duration(call: Call, who: Identity) -> float:
    seconds = int(call.text("DurationSeconds") or 3600)
    if not 900 <= seconds <= 43200:
        raise AwsError("ValidationError", "durationSeconds must be between 900 and 43200")
    if who.role and seconds > 3600:
        raise AwsError(
            "ValidationError",
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
        )
    return float(seconds)


def _role_id(cloud: Cloud, who: Identity) -> str:
    role = role_of(cloud, who.account, who.role) or {}
    return str(role.get("RoleId", "AROA0000000000000000"))


def _credentials(identity: Identity) -> dict[str, str]:
    assert identity.expires is not None
    return {
        "AccessKeyId": identity.key,
        "SecretAccessKey": identity.secret,
        "SessionToken": identity.token,
        "Expiration": datetime.fromtimestamp(identity.expires, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
