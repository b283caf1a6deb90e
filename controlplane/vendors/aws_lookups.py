"""Objects in a member account, found by what a program said when it asked for them; each answers the engine's ids.

By name where the name is the object's own; where AWS gives it a generated id, by a list and what is fixed in it.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from controlplane.vendors.aws import Answer, AwsMissing

if TYPE_CHECKING:
    from controlplane.vendors.aws_member import Member

Inputs = Mapping[str, Any]
Look = Callable[["Member", Inputs], Iterator[str]]
Named = Callable[["Member", Inputs, Answer], str]
ENDED = {"EXPIRED", "REVOKED", "FAILED", "INACTIVE", "VALIDATION_TIMED_OUT"}


def named(service: str, operation: str, ask: Mapping[str, str], found: str | Named) -> Look:
    """Asked for by its own name. `ask`: the vendor's parameter, and the input that fills it; `found`: an input that is
    the id, or where the answer holds it."""

    def look(member: "Member", inputs: Inputs) -> Iterator[str]:
        region = str(inputs.get("region") or "")
        with suppress(AwsMissing):
            answer = member.caller.call(service, operation, region=region, **_filled(ask, inputs))
            yield str(inputs[found]) if isinstance(found, str) else found(member, inputs, answer)

    return look


def listed(
    service: str, operation: str, key: str, *, same: Mapping[str, str], found: str | Named, ask: Mapping[str, str] = {}
) -> Look:
    """Looked for in a list. `same`: the entry's field, and the input that it must equal; `found`: the field with the
    id, or how to make it from an entry."""

    def look(member: "Member", inputs: Inputs) -> Iterator[str]:
        region = str(inputs.get("region") or "")
        with suppress(AwsMissing):  # what it would be a part of is not there
            for entry in member.caller.pages(service, operation, key, region=region, **_filled(ask, inputs)):
                if all(entry.get(field) == inputs.get(name) for field, name in same.items()):
                    yield str(entry[found]) if isinstance(found, str) else found(member, inputs, entry)

    return look


def _filled(ask: Mapping[str, str], inputs: Inputs) -> dict[str, Any]:
    return {parameter: inputs[name] for parameter, name in ask.items()}


def keys(member: "Member", inputs: Inputs) -> Iterator[str]:
    """A key has no name; one that is about to be deleted is not ours any more."""
    for entry in member.caller.pages("kms", "list_keys", "Keys"):
        seen = member.caller.call("kms", "describe_key", KeyId=entry["KeyId"])["KeyMetadata"]
        if seen.get("Description", "") == inputs.get("description", "") and seen["KeyState"] == "Enabled":
            yield str(entry["KeyId"])


def pools(member: "Member", inputs: Inputs) -> Iterator[str]:
    for entry in member.caller.pages("cognito-idp", "list_user_pools", "UserPools", MaxResults=60):
        if entry["Name"] == inputs["name"]:
            yield str(entry["Id"])


def secrets(member: "Member", inputs: Inputs) -> Iterator[str]:
    with suppress(AwsMissing):
        found = member.caller.call("secretsmanager", "describe_secret", SecretId=inputs["name"])
        if not found.get("DeletedDate"):
            yield str(found["ARN"])


def certificates(member: "Member", inputs: Inputs) -> Iterator[str]:
    region, names = (
        str(inputs.get("region") or ""),
        {inputs["domainName"], *(inputs.get("subjectAlternativeNames") or [])},
    )
    for entry in member.caller.pages("acm", "list_certificates", "CertificateSummaryList", region=region):
        arn = str(entry["CertificateArn"])
        seen = member.caller.call("acm", "describe_certificate", region=region, CertificateArn=arn)["Certificate"]
        same = {*(seen.get("SubjectAlternativeNames") or []), seen["DomainName"]} == names
        if same and seen["DomainName"] == inputs["domainName"] and seen["Status"] not in ENDED:
            yield arn


def distributions(member: "Member", inputs: Inputs) -> Iterator[str]:
    """Known by where it fetches from: our buckets and our API are nobody else's."""
    wanted = {origin["domainName"] for origin in inputs["origins"]}
    for entry in _nested(member, "list_distributions", "DistributionList"):
        if {origin["DomainName"] for origin in entry["Origins"].get("Items") or []} == wanted:
            yield str(entry["Id"])


def controls(member: "Member", inputs: Inputs) -> Iterator[str]:
    for entry in _nested(member, "list_origin_access_controls", "OriginAccessControlList"):
        if entry["Name"] == inputs["name"]:
            yield str(entry["Id"])


def _nested(member: "Member", operation: str, key: str) -> Iterator[Answer]:
    """CloudFront wraps its lists; an absent mark means the end."""
    more: dict[str, str] = {}
    while True:
        found = member.caller.call("cloudfront", operation, **more)[key]
        yield from found.get("Items") or []
        if not found.get("NextMarker"):
            return
        more = {"Marker": found["NextMarker"]}


def viewers(member: "Member", inputs: Inputs) -> Iterator[str]:
    """Each function has a stage that is worked on, whether it was published or not."""
    with suppress(AwsMissing):
        member.caller.call("cloudfront", "describe_function", Name=inputs["name"], Stage="DEVELOPMENT")
        yield inputs["name"]


def zones(member: "Member", inputs: Inputs) -> Iterator[str]:
    name, comment = f"{inputs['name'].rstrip('.')}.", inputs.get("comment", "")
    for entry in member.caller.pages("route53", "list_hosted_zones", "HostedZones"):
        if entry["Name"] == name and (entry.get("Config") or {}).get("Comment", "") == comment:
            yield str(entry["Id"]).rsplit("/", 1)[-1]


def rooms(operation: str, key: str) -> Look:
    def look(member: "Member", inputs: Inputs) -> Iterator[str]:
        more: dict[str, str] = {}
        while True:
            found = member.caller.call("ivschat", operation, **more)
            yield from (str(entry["arn"]) for entry in found.get(key) or [] if entry.get("name") == inputs["name"])
            if not found.get("nextToken"):
                return
            more = {"nextToken": found["nextToken"]}

    return look


def topics(member: "Member", inputs: Inputs) -> Iterator[str]:
    region = str(inputs.get("region") or "")
    for entry in member.caller.pages("sns", "list_topics", "Topics", region=region):
        if entry["TopicArn"].rsplit(":", 1)[-1] == inputs["name"]:
            yield str(entry["TopicArn"])


def subscriptions(member: "Member", inputs: Inputs) -> Iterator[str]:
    """One that nobody has confirmed may have no name yet; to ask for it again is the same subscription."""
    region = str(inputs.get("region") or "")
    pages = member.caller.pages(
        "sns", "list_subscriptions_by_topic", "Subscriptions", region=region, TopicArn=inputs["topic"]
    )
    with suppress(AwsMissing):
        for entry in pages:
            if (entry["Protocol"], entry["Endpoint"]) == (inputs["protocol"], inputs["endpoint"]):
                yield from [entry["SubscriptionArn"]] if entry["SubscriptionArn"].startswith("arn:") else []


def permissions(member: "Member", inputs: Inputs) -> Iterator[str]:
    with suppress(AwsMissing):
        policy = json.loads(member.caller.call("lambda", "get_policy", FunctionName=inputs["function"])["Policy"])
        wanted = inputs["statementId"]
        yield from (wanted for statement in policy.get("Statement") or [] if statement.get("Sid") == wanted)


def log_groups(member: "Member", inputs: Inputs) -> Iterator[str]:
    name = inputs["name"]
    pages = member.caller.pages("logs", "describe_log_groups", "logGroups", logGroupNamePrefix=name)
    yield from (name for entry in pages if entry["logGroupName"] == name)


def bucket(member: "Member", inputs: Inputs) -> Iterator[str]:
    with suppress(AwsMissing):
        member.caller.call("s3", "head_bucket", Bucket=inputs["bucket"])
        yield inputs["bucket"]


def budget(member: "Member", inputs: Inputs) -> Iterator[str]:
    with suppress(AwsMissing):
        member.caller.call("budgets", "describe_budget", AccountId=member.account_id, BudgetName=inputs["name"])
        yield f"{member.account_id}:{inputs['name']}"


def repeatable(_member: "Member", _inputs: Inputs) -> Iterator[str]:
    """It is written whole each time: to write it again is the same."""
    return iter(())
