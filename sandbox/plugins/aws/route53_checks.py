"""Health checks of a public address."""

import uuid

from sandbox.plugins.aws.client import Client
from sandbox.plugins.aws.resource import aws
from sandbox.plugins.aws.route53_zones import HOME, tagging
from sandbox.plugins.schema import Call, flag, number, some, text
from sandbox.plugins.values import Doc
from sandbox.plugins.wire import decode, encode, pascal

_TAGS = tagging("healthcheck")
_FIELDS = {
    "type": text(required=True, replaces=True),
    "fqdn": text(wire="FullyQualifiedDomainName"),
    "ipAddress": text(wire="IPAddress"),
    "port": number(computed=True),
    "resourcePath": text(),
    "searchString": text(),
    "requestInterval": number(replaces=True),
    "failureThreshold": number(computed=True),
    "measureLatency": flag(default=False, replaces=True),
    "invertHealthcheck": flag(default=False, wire="Inverted"),
    "disabled": flag(default=False),
    "enableSni": flag(computed=True, wire="EnableSNI"),
    "regions": some(text(), computed=True),
}
_FIXED = ("type", "requestInterval", "measureLatency")


def _create(client: Client, call: Call) -> None:
    wanted = encode(_FIELDS, call.inputs, pascal)
    answer = client.create_health_check(CallerReference=uuid.uuid4().hex, HealthCheckConfig=wanted)
    call.id = answer["HealthCheck"]["Id"]
    _TAGS.sync(client, call)


def _read(client: Client, call: Call) -> Doc:
    found = client.get_health_check(HealthCheckId=call.id)["HealthCheck"]["HealthCheckConfig"]
    partition, _ = call.session.partition(HOME)
    return {**decode(_FIELDS, found, pascal), "arn": f"arn:{partition}:route53:::healthcheck/{call.id}"}


def _update(client: Client, call: Call) -> None:
    fields = {key: prop for key, prop in _FIELDS.items() if key not in _FIXED}
    client.update_health_check(HealthCheckId=call.id, **encode(fields, call.inputs, pascal))


def _delete(client: Client, call: Call) -> None:
    client.delete_health_check(HealthCheckId=call.id)


RESOURCES = (
    aws(
        "route53/healthCheck:HealthCheck",
        "route53",
        _FIELDS,
        region=HOME,
        outputs=("arn",),
        tagging=_TAGS,
        create=_create,
        read=_read,
        update=_update,
        delete=_delete,
    ),
)
