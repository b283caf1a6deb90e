"""Reading the organisation."""

from typing import Any

from sandbox.aws.call import Call
from sandbox.aws.cloud import MANAGEMENT, Cloud, serves
from sandbox.aws.errors import AwsError
from sandbox.aws.organization.tree import ID, ROOT, account, arn, page
from sandbox.kit.store import Doc

RETENTION = 90 * 86400  # a closed account is gone for good after that

# `Status` is the old word for the state: what AWS closed at our request it calls SUSPENDED
STATUS = {"PENDING_ACTIVATION": "ACTIVE", "CLOSED": "SUSPENDED"}


@serves("organizations:DescribeOrganization", "organizations:CreateOrganization")
def describe_organization(cloud: Cloud, call: Call) -> dict[str, Any]:
    if call.operation == "CreateOrganization":
        raise AwsError("AlreadyInOrganizationException", "The AWS account is already a member of an organization.")
    master = account(cloud, MANAGEMENT)
    types = [{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}]
    return {"Organization": {
        "Id": ID, "Arn": arn("organization"), "FeatureSet": "ALL", "MasterAccountArn": master["arn"],
        "MasterAccountId": MANAGEMENT, "MasterAccountEmail": master["email"], "AvailablePolicyTypes": types,
    }}  # fmt: skip


@serves("organizations:ListRoots")
def list_roots(cloud: Cloud, call: Call) -> dict[str, Any]:
    del cloud
    types = [{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}]
    return page(call, "Roots", [{"Id": ROOT, "Arn": arn("root", ROOT), "Name": "Root", "PolicyTypes": types}])


def shown(found: Doc) -> dict[str, Any]:
    return {
        "Id": found["id"], "Arn": found["arn"], "Email": found["email"], "Name": found["name"],
        "State": found["state"], "Status": STATUS.get(found["state"], found["state"]),
        "JoinedMethod": found["method"], "JoinedTimestamp": found["joined"],
    }  # fmt: skip


def present(cloud: Cloud) -> list[Doc]:
    """Accounts that the API still lists."""
    limit = cloud.now() - RETENTION
    return [found for found in cloud.store.all("account") if found.get("closed", limit + 1) > limit]


@serves("organizations:DescribeAccount")
def describe_account(cloud: Cloud, call: Call) -> dict[str, Any]:
    return {"Account": shown(account(cloud, call.text("AccountId")))}


@serves("organizations:ListAccounts")
def list_accounts(cloud: Cloud, call: Call) -> dict[str, Any]:
    return page(call, "Accounts", [shown(found) for found in present(cloud)])


@serves("organizations:ListAccountsForParent")
def list_accounts_for_parent(cloud: Cloud, call: Call) -> dict[str, Any]:
    parent = call.text("ParentId")
    return page(call, "Accounts", [shown(found) for found in present(cloud) if found["parent"] == parent])


@serves("organizations:ListParents")
def list_parents(cloud: Cloud, call: Call) -> dict[str, Any]:
    child = call.text("ChildId")
    found = cloud.store.get("unit", child) if child.startswith("ou-") else account(cloud, child)
    if found is None:
        raise AwsError("ChildNotFoundException", "We can't find an organizational unit or account with that ID.")
    kind = "ROOT" if found["parent"] == ROOT else "ORGANIZATIONAL_UNIT"
    return {"Parents": [{"Id": found["parent"], "Type": kind}]}


@serves("organizations:ListChildren")
def list_children(cloud: Cloud, call: Call) -> dict[str, Any]:
    kind, parent = call.text("ChildType"), call.text("ParentId")
    docs = present(cloud) if kind == "ACCOUNT" else cloud.store.all("unit")
    return page(call, "Children", [{"Id": doc["id"], "Type": kind} for doc in docs if doc["parent"] == parent])
