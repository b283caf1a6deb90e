"""Origin access controls: how a distribution signs its requests to a bucket."""

from sandbox.plugins.aws.client import Client
from sandbox.plugins.aws.resource import aws
from sandbox.plugins.schema import Call, text
from sandbox.plugins.values import Doc
from sandbox.plugins.wire import decode, encode, pascal

HOME = "us-east-1"
_FIELDS = {
    "name": text(autoname=True, replaces=True),
    "description": text(default="Managed by Pulumi"),
    "originAccessControlOriginType": text(required=True, replaces=True),
    "signingBehavior": text(required=True, choices=("always", "never", "no-override")),
    "signingProtocol": text(required=True, choices=("sigv4",)),
}


def _create(client: Client, call: Call) -> None:
    wanted = encode(_FIELDS, call.inputs, pascal)
    call.id = client.create_origin_access_control(OriginAccessControlConfig=wanted)["OriginAccessControl"]["Id"]


def _read(client: Client, call: Call) -> Doc:
    found = client.get_origin_access_control(Id=call.id)
    config = found["OriginAccessControl"]["OriginAccessControlConfig"]
    partition, _ = call.session.partition(HOME)
    return {
        **decode(_FIELDS, config, pascal),
        "etag": found.get("ETag"),
        "arn": f"arn:{partition}:cloudfront::{call.session.id}:origin-access-control/{call.id}",
    }


def _update(client: Client, call: Call) -> None:
    etag = client.get_origin_access_control(Id=call.id)["ETag"]
    wanted = encode(_FIELDS, call.inputs, pascal)
    client.update_origin_access_control(Id=call.id, IfMatch=etag, OriginAccessControlConfig=wanted)


def _delete(client: Client, call: Call) -> None:
    etag = client.get_origin_access_control(Id=call.id)["ETag"]
    client.delete_origin_access_control(Id=call.id, IfMatch=etag)


RESOURCES = (
    aws(
        "cloudfront/originAccessControl:OriginAccessControl",
        "cloudfront",
        _FIELDS,
        region=HOME,
        outputs=("arn", "etag"),
        volatile=("etag",),
        natural=("name",),
        create=_create,
        read=_read,
        update=_update,
        delete=_delete,
    ),
)
