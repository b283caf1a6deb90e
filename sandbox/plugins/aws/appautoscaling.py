"""Application Auto Scaling: what may be scaled, and by which rule."""

from sandbox.plugins.aws.client import Client
from sandbox.plugins.aws.resource import aws
from sandbox.plugins.aws.tags import Tagging, as_map, wanted
from sandbox.plugins.schema import Call, Property, flag, number, obj, text
from sandbox.plugins.values import Doc
from sandbox.plugins.wire import decode, encode, pascal

_TAGS = Tagging(target="ResourceARN", shape=as_map)
_SUSPENDED = {
    "dynamicScalingInSuspended": flag(default=False),
    "dynamicScalingOutSuspended": flag(default=False),
    "scheduledScalingSuspended": flag(default=False),
}
_DIMENSION: dict[str, Property] = {
    "serviceNamespace": text(required=True, replaces=True),
    "resourceId": text(required=True, replaces=True),
    "scalableDimension": text(required=True, replaces=True),
}
_TARGET = {
    **_DIMENSION,
    "minCapacity": number(required=True),
    "maxCapacity": number(required=True),
    "roleArn": text(computed=True, wire="RoleARN"),
    "suspendedState": obj(_SUSPENDED, computed=True),
}


def _place(call: Call) -> Doc:
    """Namespace, resource and dimension."""
    return {pascal(key): call.known(key) for key in _DIMENSION}


def _register(client: Client, call: Call) -> None:
    tags = {} if call.id else wanted(call)
    client.register_scalable_target(**encode(_TARGET, call.inputs, pascal), **({"Tags": tags} if tags else {}))


def _read_target(client: Client, call: Call) -> Doc | None:
    place = _place(call)
    resource = place.pop("ResourceId")
    listed = client.describe_scalable_targets(**place, ResourceIds=[resource])
    found = next(iter(listed.get("ScalableTargets") or []), None)
    return {**decode(_TARGET, found, pascal), "arn": found.get("ScalableTargetARN")} if found else None


def _deregister(client: Client, call: Call) -> None:
    client.deregister_scalable_target(**_place(call))


_PREDEFINED = {
    "predefinedMetricType": text(required=True),
    "resourceLabel": text(),
}
_TRACKING = {
    "targetValue": number(required=True),
    "disableScaleIn": flag(default=False),
    "scaleInCooldown": number(),
    "scaleOutCooldown": number(),
    "predefinedMetricSpecification": obj(_PREDEFINED),
}
_POLICY = {
    **_DIMENSION,
    "policyType": text(default="StepScaling", choices=("TargetTrackingScaling",)),
    "targetTrackingScalingPolicyConfiguration": obj(_TRACKING),
}


def _put_policy(client: Client, call: Call) -> None:
    client.put_scaling_policy(PolicyName=call.inputs["name"], **encode(_POLICY, call.inputs, pascal))


def _read_policy(client: Client, call: Call) -> Doc | None:
    name = call.known("name") or call.id
    listed = client.describe_scaling_policies(**_place(call), PolicyNames=[name])
    found = next((each for each in listed.get("ScalingPolicies") or [] if each["PolicyName"] == name), None)
    if found is None:
        return None
    alarms = [each["AlarmARN"] for each in found.get("Alarms") or []]
    return {"name": name, "arn": found["PolicyARN"], "alarmArns": alarms, **decode(_POLICY, found, pascal)}


def _delete_policy(client: Client, call: Call) -> None:
    client.delete_scaling_policy(**_place(call), PolicyName=call.known("name") or call.id)


RESOURCES = (
    aws(
        "appautoscaling/target:Target",
        "application-autoscaling",
        _TARGET,
        outputs=("arn",),
        natural=tuple(_DIMENSION),
        imports="serviceNamespace/resourceId+/scalableDimension",
        identity=lambda doc: str(doc["resourceId"]),
        tagging=_TAGS,
        create=_register,
        read=_read_target,
        update=_register,
        delete=_deregister,
    ),
    aws(
        "appautoscaling/policy:Policy",
        "application-autoscaling",
        {"name": text(autoname=True, replaces=True), **_POLICY},
        outputs=("alarmArns", "arn"),
        natural=("name", *_DIMENSION),
        imports="serviceNamespace/resourceId+/scalableDimension/name",
        identity=lambda doc: str(doc["name"]),
        create=_put_policy,
        read=_read_policy,
        update=_put_policy,
        delete=_delete_policy,
    ),
)
