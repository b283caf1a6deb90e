"""Assumed roles, one after the other; their credentials renew themselves during a long run."""

import re
from collections.abc import Callable
from typing import Any

from sandbox.plugins.aws.errors import translated
from sandbox.plugins.failures import Invalid
from sandbox.plugins.schema import many, mapping, obj, text
from sandbox.plugins.values import Doc

ASSUME_ROLE = obj(
    {
        "roleArn": text(),
        "sessionName": text(),
        "externalId": text(),
        "duration": text(),
        "policy": text(),
        "policyArns": many(text()),
        "sourceIdentity": text(),
        "tags": mapping(text()),
        "transitiveTagKeys": many(text()),
    }
)
_UNITS = {"h": 3600, "m": 60, "s": 1}
_SESSION_NAME = "pulumi-resource-aws"


def assumed(session: Any, role: Doc, *, region: str, endpoint: str | None) -> Any:
    """A session like the given one, with the credentials of the role."""
    import boto3
    from botocore.credentials import RefreshableCredentials
    from botocore.session import get_session

    client = session.client("sts", region_name=region, endpoint_url=endpoint)
    renew = _renewal(client, _parameters(role))
    credentials = RefreshableCredentials.create_from_metadata(renew(), refresh_using=renew, method="sts-assume-role")
    core = get_session()
    core._credentials = credentials
    return boto3.Session(botocore_session=core, region_name=session.region_name)


def _renewal(client: Any, parameters: Doc) -> Callable[[], Doc]:
    def renew() -> Doc:
        try:
            given = client.assume_role(**parameters)["Credentials"]
        except Exception as error:
            raise translated(error, "sts", f"assume_role {parameters['RoleArn']}") from error
        return {
            "access_key": given["AccessKeyId"],
            "secret_key": given["SecretAccessKey"],
            "token": given["SessionToken"],
            "expiry_time": given["Expiration"].isoformat(),
        }

    return renew


def _parameters(role: Doc) -> Doc:
    if not role.get("roleArn"):
        raise Invalid("an entry of assumeRoles of the aws provider has no roleArn")
    wanted = {
        "RoleArn": role["roleArn"],
        "RoleSessionName": role.get("sessionName") or _SESSION_NAME,
        "ExternalId": role.get("externalId"),
        "DurationSeconds": _seconds(role["duration"]) if role.get("duration") else None,
        "Policy": role.get("policy"),
        "PolicyArns": [{"arn": arn} for arn in role.get("policyArns") or []] or None,
        "SourceIdentity": role.get("sourceIdentity"),
        "Tags": [{"Key": key, "Value": value} for key, value in (role.get("tags") or {}).items()] or None,
        "TransitiveTagKeys": role.get("transitiveTagKeys"),
    }
    return {key: value for key, value in wanted.items() if value is not None}


def _seconds(duration: str) -> int:
    """`1h30m` as Go writes it."""
    found = re.findall(r"(\d+)([hms])", duration)
    if "".join(number + unit for number, unit in found) != duration:
        raise Invalid(f"duration of an assumed role: '{duration}' is no duration like 1h or 30m")
    return sum(int(number) * _UNITS[unit] for number, unit in found)
