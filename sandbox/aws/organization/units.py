"""Organizational units."""

from typing import Any

from sandbox.aws.call import Call
from sandbox.aws.cloud import Cloud, serves
from sandbox.aws.errors import AwsError
from sandbox.aws.organization.tagging import put_tags
from sandbox.aws.organization.tree import FULL_ACCESS, arn, attach, page, parent_exists, random_id, spaced, unit
from sandbox.kit.store import Doc


@serves("organizations:CreateOrganizationalUnit")
def create_unit(cloud: Cloud, call: Call) -> dict[str, Any]:
    parent, name = call.text("ParentId"), call.text("Name")
    if not parent_exists(cloud, parent):
        raise AwsError("ParentNotFoundException", "We can't find a root or OU with that ID.")
    _unique(cloud, parent, name)
    spaced(cloud)
    id = f"ou-sbox-{random_id(8)}"
    found = cloud.store.put("unit", id, {"id": id, "arn": arn("ou", id), "name": name, "parent": parent})
    attach(cloud, FULL_ACCESS, id)
    put_tags(cloud, id, call.params.get("Tags") or [])
    return {"OrganizationalUnit": shown(found)}


def _unique(cloud: Cloud, parent: str, name: str) -> None:
    if any(found["name"] == name for found in cloud.store.all("unit", parent=parent)):
        raise AwsError("DuplicateOrganizationalUnitException", "An OU with the same name already exists.")


def shown(found: Doc) -> dict[str, Any]:
    return {"Id": found["id"], "Arn": found["arn"], "Name": found["name"]}


@serves("organizations:DescribeOrganizationalUnit")
def describe_unit(cloud: Cloud, call: Call) -> dict[str, Any]:
    return {"OrganizationalUnit": shown(unit(cloud, call.text("OrganizationalUnitId")))}


@serves("organizations:UpdateOrganizationalUnit")
def update_unit(cloud: Cloud, call: Call) -> dict[str, Any]:
    found = unit(cloud, call.text("OrganizationalUnitId"))
    if call.text("Name") and call.text("Name") != found["name"]:
        _unique(cloud, found["parent"], call.text("Name"))
        spaced(cloud)
        found = cloud.store.put("unit", found["id"], {**found, "name": call.text("Name")})
    return {"OrganizationalUnit": shown(found)}


@serves("organizations:DeleteOrganizationalUnit")
def delete_unit(cloud: Cloud, call: Call) -> dict[str, Any]:
    id = unit(cloud, call.text("OrganizationalUnitId"))["id"]
    if cloud.store.all("unit", parent=id) or cloud.store.all("account", parent=id):
        raise AwsError("OrganizationalUnitNotEmptyException", "The specified OU is not empty.")
    spaced(cloud)
    cloud.store.delete("unit", id)
    for attachment in cloud.store.all("attachment", target=id):
        cloud.store.delete("attachment", f"{attachment['policy']}|{id}")
    return {}


@serves("organizations:ListOrganizationalUnitsForParent")
def list_units(cloud: Cloud, call: Call) -> dict[str, Any]:
    parent = call.text("ParentId")
    if not parent_exists(cloud, parent):
        raise AwsError("ParentNotFoundException", "We can't find a root or OU with that ID.")
    return page(call, "OrganizationalUnits", [shown(found) for found in cloud.store.all("unit", parent=parent)])
