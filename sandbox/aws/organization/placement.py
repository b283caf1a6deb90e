"""Moving accounts between the root and its units."""

from typing import Any

from sandbox.aws.call import Call
from sandbox.aws.cloud import MANAGEMENT, Cloud, serves
from sandbox.aws.errors import AwsError
from sandbox.aws.organization.tree import account, parent_exists, spaced


@serves("organizations:MoveAccount")
def move_account(cloud: Cloud, call: Call) -> dict[str, Any]:
    found = account(cloud, call.text("AccountId"))
    source, target = call.text("SourceParentId"), call.text("DestinationParentId")
    if not parent_exists(cloud, source):
        raise AwsError("SourceParentNotFoundException", "We can't find a source root or OU with that ID.")
    if not parent_exists(cloud, target):
        raise AwsError("DestinationParentNotFoundException", "We can't find the destination container with that ID.")
    if found["parent"] == target:
        raise AwsError("DuplicateAccountException", "That account is already present in the specified destination.")
    if found["parent"] != source:
        raise AwsError("SourceParentNotFoundException", "The account is not in the specified source.")
    spaced(cloud)
    cloud.store.put("account", found["id"], {**found, "parent": target})
    return {}


@serves("organizations:RemoveAccountFromOrganization", "organizations:LeaveOrganization")
def remove_account(cloud: Cloud, call: Call) -> dict[str, Any]:
    id = call.text("AccountId") or call.account
    account(cloud, id)
    if id == MANAGEMENT:
        raise AwsError(
            "MasterCannotLeaveOrganizationException", "You can't remove a management account from an organization."
        )
    reason = "ACCOUNT_CANNOT_LEAVE_ORGANIZATION"  # it has no payment method of its own
    raise AwsError("ConstraintViolationException", "The account cannot leave the organization.", Reason=reason)
