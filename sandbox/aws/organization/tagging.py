"""Tags of accounts, units and policies."""

from typing import Any

from sandbox.aws.call import Call
from sandbox.aws.cloud import Cloud, serves
from sandbox.aws.errors import AwsError

KINDS = ("account", "unit", "policy")


def put_tags(cloud: Cloud, resource: str, tags: list[dict[str, str]]) -> None:
    present = (cloud.store.get("tags", resource) or {}).get("tags", {})
    cloud.store.put("tags", resource, {"tags": present | {tag["Key"]: tag["Value"] for tag in tags}})


def _resource(cloud: Cloud, call: Call) -> str:
    id = call.text("ResourceId")
    if not id.startswith("r-") and not any(cloud.store.get(kind, id) for kind in KINDS):
        raise AwsError("TargetNotFoundException", "We can't find a root, OU, account, or policy with that ID.")
    return id


@serves("organizations:TagResource")
def tag(cloud: Cloud, call: Call) -> dict[str, Any]:
    put_tags(cloud, _resource(cloud, call), call.params.get("Tags") or [])
    return {}


@serves("organizations:UntagResource")
def untag(cloud: Cloud, call: Call) -> dict[str, Any]:
    id = _resource(cloud, call)
    present = (cloud.store.get("tags", id) or {}).get("tags", {})
    kept = {key: value for key, value in present.items() if key not in call.params.get("TagKeys", [])}
    cloud.store.put("tags", id, {"tags": kept})
    return {}


@serves("organizations:ListTagsForResource")
def list_tags(cloud: Cloud, call: Call) -> dict[str, Any]:
    present = (cloud.store.get("tags", _resource(cloud, call)) or {}).get("tags", {})
    return {"Tags": [{"Key": key, "Value": value} for key, value in present.items()]}


@serves(
    "organizations:ListAWSServiceAccessForOrganization", "organizations:EnableAWSServiceAccess",
    "organizations:DisableAWSServiceAccess",
)  # fmt: skip
def service_access(cloud: Cloud, call: Call) -> dict[str, Any]:
    name = call.text("ServicePrincipal")
    if call.operation.startswith("Enable"):
        cloud.store.put("trusted", name, {"ServicePrincipal": name, "DateEnabled": cloud.now()})
    elif call.operation.startswith("Disable"):
        cloud.store.delete("trusted", name)
    return {"EnabledServicePrincipals": cloud.store.all("trusted")} if call.operation.startswith("List") else {}
