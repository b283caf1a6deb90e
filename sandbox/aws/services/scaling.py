"""Application Auto Scaling: targets and policies, kept and listed (nothing here has load to follow)."""

import uuid
from typing import Any

from sandbox.aws.call import Call
from sandbox.aws.cloud import Cloud, serves
from sandbox.aws.errors import AwsError
from sandbox.aws.services.shelf import Shelf, chosen, page
from sandbox.kit.store import Doc

LINKED_ROLE = (
    "dynamodb.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_DynamoDBTable"  # AWS's name
)
KEY = ("ServiceNamespace", "ResourceId", "ScalableDimension")


def _missing(id: str) -> AwsError:
    return AwsError("ObjectNotFoundException", f"No scalable target or scaling policy found for {id}")


TARGETS = Shelf("scaling_target", missing=_missing)
POLICIES = Shelf("scaling_policy", missing=_missing)


def _arn(call: Call, service: str, resource: str) -> str:
    return f"arn:aws:{service}:{call.region}:{call.account}:{resource}"


def _id(call: Call) -> str:
    return "|".join(call.text(name) for name in KEY)


@serves("application-autoscaling:RegisterScalableTarget")
def register(cloud: Cloud, call: Call) -> dict[str, Any]:
    found = TARGETS.find(cloud, call, _id(call)) or {}
    if not found and not {"MinCapacity", "MaxCapacity"} <= set(call.params):
        raise AwsError("ValidationException", "MinCapacity and MaxCapacity are needed for a new target")
    fresh: Doc = {
        "RoleARN": f"arn:aws:iam::{call.account}:role/aws-service-role/{LINKED_ROLE}", "CreationTime": cloud.now(),
        "ScalableTargetARN": _arn(call, "application-autoscaling", f"scalable-target/{uuid.uuid4().hex}"),
        "tags": call.params.get("Tags") or {},
    }  # fmt: skip
    target = fresh | found | chosen(call, *KEY, "MinCapacity", "MaxCapacity", "RoleARN", "SuspendedState")
    if target["MinCapacity"] > target["MaxCapacity"]:
        raise AwsError("ValidationException", "Maximum capacity cannot be less than minimum capacity")
    TARGETS.put(cloud, call, _id(call), target)
    return {"ScalableTargetARN": target["ScalableTargetARN"]}


@serves("application-autoscaling:DescribeScalableTargets")
def targets(cloud: Cloud, call: Call) -> dict[str, Any]:
    wanted = call.params.get("ResourceIds")
    found = [t for t in _matching(TARGETS.all(cloud, call), call) if not wanted or t["ResourceId"] in wanted]
    found = [{name: value for name, value in target.items() if name != "tags"} for target in found]
    return page(call, "ScalableTargets", found, marker="NextToken")


def _matching(docs: list[Doc], call: Call) -> list[Doc]:
    wanted = {name: call.text(name) for name in KEY}
    return [doc for doc in docs if all(not want or doc[name] == want for name, want in wanted.items())]


@serves("application-autoscaling:DeregisterScalableTarget")
def deregister(cloud: Cloud, call: Call) -> dict[str, Any]:
    TARGETS.delete(cloud, call, _id(call))
    for policy in _matching(POLICIES.all(cloud, call), call):
        POLICIES.delete(cloud, call, f"{_id(call)}|{policy['PolicyName']}")
    return {}


@serves("application-autoscaling:PutScalingPolicy")
def put_policy(cloud: Cloud, call: Call) -> dict[str, Any]:
    TARGETS.get(cloud, call, _id(call))
    id = f"{_id(call)}|{call.text('PolicyName')}"
    arn = _arn(call, "autoscaling", f"scalingPolicy:{uuid.uuid4()}:resource/{call.text('ResourceId')}")
    found = POLICIES.find(cloud, call, id) or {
        "PolicyARN": arn,
        "CreationTime": cloud.now(),
        "PolicyType": "StepScaling",
    }
    fields = (
        "PolicyName",
        *KEY,
        "PolicyType",
        "StepScalingPolicyConfiguration",
        "TargetTrackingScalingPolicyConfiguration",
    )
    POLICIES.put(cloud, call, id, {**found, **chosen(call, *fields)})
    return {"PolicyARN": found["PolicyARN"], "Alarms": []}


@serves("application-autoscaling:DescribeScalingPolicies")
def policies(cloud: Cloud, call: Call) -> dict[str, Any]:
    wanted = call.params.get("PolicyNames")
    found = [p for p in _matching(POLICIES.all(cloud, call), call) if not wanted or p["PolicyName"] in wanted]
    return page(call, "ScalingPolicies", found, marker="NextToken")


@serves("application-autoscaling:DeleteScalingPolicy")
def delete_policy(cloud: Cloud, call: Call) -> dict[str, Any]:
    POLICIES.delete(cloud, call, f"{_id(call)}|{call.text('PolicyName')}")
    return {}


def _by_arn(cloud: Cloud, call: Call) -> Doc:
    arn = call.text("ResourceARN")
    found = next((target for target in TARGETS.all(cloud, call) if target["ScalableTargetARN"] == arn), None)
    if found is None:
        raise AwsError("ResourceNotFoundException", f"No scalable target found for {arn}")
    return found


@serves("application-autoscaling:ListTagsForResource")
def tags(cloud: Cloud, call: Call) -> dict[str, Any]:
    return {"Tags": _by_arn(cloud, call)["tags"]}


@serves("application-autoscaling:TagResource", "application-autoscaling:UntagResource")
def tag(cloud: Cloud, call: Call) -> dict[str, Any]:
    target, gone = _by_arn(cloud, call), call.params.get("TagKeys") or []
    every = {**target["tags"], **(call.params.get("Tags") or {})}
    kept = {name: value for name, value in every.items() if name not in gone}
    TARGETS.put(cloud, call, "|".join(target[name] for name in KEY), {**target, "tags": kept})
    return {}
