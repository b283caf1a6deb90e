"""What our role may do at AWS, tried on accounts that do not exist: nothing changes, and a missing right shows."""

from typing import Any

from controlplane.core.errors import NeedsPerson, Refused
from controlplane.core.lacks import Lack
from controlplane.settings import Aws as AwsSettings
from controlplane.vendors.aws import ROLE, Aws

NOBODY = "000000000000"
NOWHERE = {"SourceParentId": "r-0000", "DestinationParentId": "ou-0000-00000000"}
NEEDED: tuple[tuple[str, dict[str, Any]], ...] = (
    ("DescribeOrganization", {}),
    ("ListAccounts", {}),
    ("ListRoots", {}),
    ("ListCreateAccountStatus", {}),
    ("ListPolicies", {"Filter": "SERVICE_CONTROL_POLICY"}),
    ("ListParents", {"ChildId": NOBODY}),
    ("DescribeAccount", {"AccountId": NOBODY}),
    ("MoveAccount", {"AccountId": NOBODY, **NOWHERE}),
    ("TagResource", {"ResourceId": NOBODY, "Tags": [{"Key": "doctor", "Value": "1"}]}),
    ("CloseAccount", {"AccountId": NOBODY}),
    ("AttachPolicy", {"PolicyId": "p-00000000", "TargetId": "ou-0000-00000000"}),
)
UNTRIED = "CreateAccount, CreatePolicy and CreateOrganizationalUnit cannot be tried without an effect"


def missing(aws: Aws, settings: AwsSettings) -> list[Lack]:
    try:
        account = str(aws.management.call("sts", "get_caller_identity")["Account"])
    except (NeedsPerson, Refused) as error:
        role = settings.organisation_role or "this machine"
        return [
            Lack(f"identity: {error.reason}", f"give {role} an identity in the management account, or trust it there")
        ]
    if account != settings.management_account:
        named = settings.management_account
        return [Lack(f"we are in {account}, not in {named}", "correct CP_AWS__MANAGEMENT_ACCOUNT or ORGANISATION_ROLE")]
    return [*_organization(aws), *_member(aws)]


def _organization(aws: Aws) -> list[Lack]:
    found = []
    for action, params in NEEDED:
        operation = "".join(f"_{c.lower()}" if c.isupper() else c for c in action).lstrip("_")
        try:
            aws.management.call("organizations", operation, region="us-east-1", **params)
        except NeedsPerson:
            right = f"organizations:{action}"
            found.append(Lack(right, f"allow {right} to our role in the management account"))
        except Refused:
            continue  # allowed, and there is no such account
    return found


def _member(aws: Aws) -> list[Lack]:
    """The way into one living account of ours: the last that was made."""
    try:
        ours = [one for one in aws.organization.accounts() if not one.is_closed]
        members = [one.id for one in ours if one.id != aws.management.call("sts", "get_caller_identity")["Account"]]
        if members:
            aws.forget(members[-1])
            aws.member(members[-1])
    except NeedsPerson as error:
        if "sts" in error.reason:
            return [Lack(f"sts:AssumeRole into {members[-1]}", f"allow sts:AssumeRole on arn:aws:iam::*:role/{ROLE}")]
    return []
