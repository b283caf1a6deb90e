"""Public hosted zones."""

import uuid

from sandbox.plugins.aws.client import Client
from sandbox.plugins.aws.resource import aws
from sandbox.plugins.aws.tags import Tagging, identity
from sandbox.plugins.schema import Call, flag, text
from sandbox.plugins.values import Doc

HOME = "us-east-1"


def tagging(kind: str) -> Tagging:
    return Tagging(
        listing="list_tags_for_resource",
        add="change_tags_for_resource",
        remove="change_tags_for_resource",
        target="ResourceId",
        of=identity,
        tags="AddTags",
        keys="RemoveTagKeys",
        answer="ResourceTagSet.Tags",
        more=lambda _: {"ResourceType": kind},
    )


_TAGS = tagging("hostedzone")


def short(id: str) -> str:
    return id.rsplit("/", 1)[-1]


def _create(client: Client, call: Call) -> None:
    comment = {"Comment": call.inputs.get("comment", ""), "PrivateZone": False}
    answer = client.create_hosted_zone(
        Name=call.inputs["name"], CallerReference=uuid.uuid4().hex, HostedZoneConfig=comment
    )
    call.id = short(answer["HostedZone"]["Id"])
    _TAGS.sync(client, call)


def _read(client: Client, call: Call) -> Doc:
    found = client.get_hosted_zone(Id=call.id)
    servers = (found.get("DelegationSet") or {}).get("NameServers") or []
    partition, _ = call.session.partition(HOME)
    return {
        "name": found["HostedZone"]["Name"].rstrip("."),
        "comment": (found["HostedZone"].get("Config") or {}).get("Comment", ""),
        "zoneId": call.id,
        "arn": f"arn:{partition}:route53:::hostedzone/{call.id}",
        "nameServers": sorted(servers),
        "primaryNameServer": servers[0] if servers else None,
    }


def _update(client: Client, call: Call) -> None:
    if call.differs("comment"):
        client.update_hosted_zone_comment(Id=call.id, Comment=call.inputs.get("comment", ""))


def _delete(client: Client, call: Call) -> None:
    if call.known("forceDestroy"):
        _empty(client, call.id)
    client.delete_hosted_zone(Id=call.id)


def _empty(client: Client, zone: str) -> None:
    apex = client.get_hosted_zone(Id=zone)["HostedZone"]["Name"]
    records = list(client.pages("list_resource_record_sets", "ResourceRecordSets", HostedZoneId=zone))
    ours = [each for each in records if each["Name"] != apex or each["Type"] not in {"NS", "SOA"}]
    for record in ours:
        batch = {"Changes": [{"Action": "DELETE", "ResourceRecordSet": record}]}
        client.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)


RESOURCES = (
    aws(
        "route53/zone:Zone",
        "route53",
        {
            "name": text(autoname=True, replaces=True),
            "comment": text(default="Managed by Pulumi"),
            "forceDestroy": flag(default=False, local=True),
        },
        region=HOME,
        outputs=("arn", "nameServers", "primaryNameServer", "zoneId"),
        tagging=_TAGS,
        create=_create,
        read=_read,
        update=_update,
        delete=_delete,
    ),
)
