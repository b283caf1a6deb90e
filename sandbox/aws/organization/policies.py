"""Service control policies and where they are attached."""

import json
from typing import Any

from sandbox.aws.call import Call
from sandbox.aws.cloud import Cloud, serves
from sandbox.aws.errors import AwsError
from sandbox.aws.organization.tagging import put_tags
from sandbox.aws.organization.tree import ROOT, account, arn, attach, attached, page, random_id, spaced, unit
from sandbox.kit.store import Doc

TYPE = "SERVICE_CONTROL_POLICY"
MOST_CHARACTERS, MOST_ATTACHED = 5120, 5


@serves("organizations:CreatePolicy")
def create_policy(cloud: Cloud, call: Call) -> dict[str, Any]:
    _checked(call.text("Content"), call.text("Type"))
    _unique(cloud, call.text("Name"))
    spaced(cloud)
    id = f"p-{random_id(8)}"
    found = cloud.store.put("policy", id, {
        "id": id, "arn": arn("policy", "service_control_policy", id), "name": call.text("Name"),
        "description": call.text("Description"), "aws_managed": False, "content": call.text("Content"),
    })  # fmt: skip
    put_tags(cloud, id, call.params.get("Tags") or [])
    return {"Policy": _shown(found)}


def _checked(content: str, type: str) -> None:
    if type != TYPE:
        raise AwsError(
            "PolicyTypeNotEnabledException", "The specified policy type isn't currently enabled in this root."
        )
    if len(content) > MOST_CHARACTERS:
        raise AwsError(
            "ConstraintViolationException", "The policy is too long.", Reason="POLICY_CONTENT_LIMIT_EXCEEDED"
        )
    try:
        statements = json.loads(content)["Statement"]
    except (ValueError, KeyError, TypeError):
        statements = None
    if not statements:
        raise AwsError(
            "MalformedPolicyDocumentException",
            "The provided policy document does not meet the requirements of the specified policy type.",
        )


def _unique(cloud: Cloud, name: str) -> None:
    if any(found["name"] == name for found in cloud.store.all("policy")):
        raise AwsError("DuplicatePolicyException", "A policy with the same name already exists.")


def _policy(cloud: Cloud, call: Call) -> Doc:
    found = cloud.store.get("policy", call.text("PolicyId"))
    if found is None:
        raise AwsError("PolicyNotFoundException", "We can't find a policy with the PolicyId that you specified.")
    return found


def _summary(found: Doc) -> dict[str, Any]:
    return {
        "Id": found["id"], "Arn": found["arn"], "Name": found["name"], "Description": found["description"],
        "Type": TYPE, "AwsManaged": found["aws_managed"],
    }  # fmt: skip


def _shown(found: Doc) -> dict[str, Any]:
    return {"PolicySummary": _summary(found), "Content": found["content"]}


@serves("organizations:DescribePolicy")
def describe_policy(cloud: Cloud, call: Call) -> dict[str, Any]:
    return {"Policy": _shown(_policy(cloud, call))}


@serves("organizations:ListPolicies")
def list_policies(cloud: Cloud, call: Call) -> dict[str, Any]:
    found = cloud.store.all("policy") if call.text("Filter") == TYPE else []
    return page(call, "Policies", [_summary(doc) for doc in found])


@serves("organizations:UpdatePolicy")
def update_policy(cloud: Cloud, call: Call) -> dict[str, Any]:
    found = _own(_policy(cloud, call))
    if call.text("Content"):
        _checked(call.text("Content"), TYPE)
    if call.text("Name") and call.text("Name") != found["name"]:
        _unique(cloud, call.text("Name"))
    spaced(cloud)
    fields = {"name": "Name", "description": "Description", "content": "Content"}
    changed = {key: call.params[name] for key, name in fields.items() if call.params.get(name) is not None}
    return {"Policy": _shown(cloud.store.put("policy", found["id"], {**found, **changed}))}


def _own(found: Doc) -> Doc:
    if found["aws_managed"]:
        raise AwsError(
            "ConstraintViolationException",
            "You can't change an AWS managed policy.",
            Reason="POLICY_TYPE_NOT_CHANGEABLE",
        )
    return found


@serves("organizations:DeletePolicy")
def delete_policy(cloud: Cloud, call: Call) -> dict[str, Any]:
    found = _own(_policy(cloud, call))
    if cloud.store.all("attachment", policy=found["id"]):
        raise AwsError(
            "PolicyInUseException", "The policy is attached to one or more entities. You must detach it first."
        )
    cloud.store.delete("policy", found["id"])
    return {}


def _target(cloud: Cloud, call: Call) -> tuple[str, Doc]:
    id = call.text("TargetId")
    if id == ROOT:
        return id, {"arn": arn("root", ROOT), "name": "Root", "type": "ROOT"}
    try:
        found = unit(cloud, id) if id.startswith("ou-") else account(cloud, id)
    except AwsError:
        raise AwsError(
            "TargetNotFoundException", "We can't find a root, OU, account, or policy with that ID."
        ) from None
    return id, {**found, "type": "ORGANIZATIONAL_UNIT" if id.startswith("ou-") else "ACCOUNT"}


@serves("organizations:AttachPolicy")
def attach_policy(cloud: Cloud, call: Call) -> dict[str, Any]:
    policy, (target, _) = _policy(cloud, call), _target(cloud, call)
    present = attached(cloud, target)
    if policy["id"] in present:
        raise AwsError(
            "DuplicatePolicyAttachmentException", "The selected policy is already attached to the specified target."
        )
    if len(present) >= MOST_ATTACHED:
        raise AwsError(
            "ConstraintViolationException", "Too many policies.", Reason="MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED"
        )
    spaced(cloud)
    attach(cloud, policy["id"], target)
    return {}


@serves("organizations:DetachPolicy")
def detach_policy(cloud: Cloud, call: Call) -> dict[str, Any]:
    policy, (target, _) = _policy(cloud, call), _target(cloud, call)
    present = attached(cloud, target)
    if policy["id"] not in present:
        raise AwsError(
            "PolicyNotAttachedException", "The policy isn't attached to the specified target in the specified root."
        )
    if present == [policy["id"]]:
        raise AwsError(
            "ConstraintViolationException", "One policy must stay.", Reason="MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED"
        )
    spaced(cloud)
    cloud.store.delete("attachment", f"{policy['id']}|{target}")
    return {}


@serves("organizations:ListPoliciesForTarget")
def list_for_target(cloud: Cloud, call: Call) -> dict[str, Any]:
    target, _ = _target(cloud, call)
    found = [cloud.store.get("policy", id) for id in attached(cloud, target)] if call.text("Filter") == TYPE else []
    return page(call, "Policies", [_summary(doc) for doc in found if doc])


@serves("organizations:ListTargetsForPolicy")
def list_targets(cloud: Cloud, call: Call) -> dict[str, Any]:
    policy = _policy(cloud, call)["id"]
    found = []
    for attachment in cloud.store.all("attachment", policy=policy):
        call.params["TargetId"] = attachment["target"]
        id, target = _target(cloud, call)
        found.append({"TargetId": id, "Arn": target["arn"], "Name": target["name"], "Type": target["type"]})
    return page(call, "Targets", found)


@serves("organizations:EnablePolicyType", "organizations:DisablePolicyType")
def policy_type(cloud: Cloud, call: Call) -> dict[str, Any]:
    del cloud
    if call.operation == "EnablePolicyType":
        raise AwsError("PolicyTypeAlreadyEnabledException", "The specified policy type is already enabled.")
    raise AwsError(
        "ConstraintViolationException",
        "Service control policies stay on here.",
        Reason="POLICY_TYPE_ENABLED_FOR_THIS_SERVICE",
    )
