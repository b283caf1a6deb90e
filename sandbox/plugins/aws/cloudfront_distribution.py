"""CloudFront distributions."""

import uuid

from sandbox.plugins.aws.client import Client
from sandbox.plugins.aws.cloudfront_access import HOME
from sandbox.plugins.aws.cloudfront_schema import FIELDS, config_read, config_sent
from sandbox.plugins.aws.resource import aws
from sandbox.plugins.aws.tags import Tagging, Tags, wanted
from sandbox.plugins.schema import Call
from sandbox.plugins.values import Doc

_ZONE = "Z2FDTNDATAQYW2"  # the hosted zone of every distribution, for alias records
_DEPLOY_SECONDS = 3600


def _counted_tags(tags: Tags) -> Doc:
    return {"Items": [{"Key": key, "Value": value} for key, value in tags.items()]}


_TAGS = Tagging(
    target="Resource",
    shape=_counted_tags,
    answer="Tags.Items",
    removal=lambda keys: {"Items": keys},
)


def _create(client: Client, call: Call) -> None:
    config = config_sent(call.inputs, f"pulumi-{uuid.uuid4().hex}")
    tags = wanted(call)
    if tags:
        both = {"DistributionConfig": config, "Tags": _counted_tags(tags)}
        answer = client.create_distribution_with_tags(DistributionConfigWithTags=both)
    else:
        answer = client.create_distribution(DistributionConfig=config)
    call.id = answer["Distribution"]["Id"]
    _deployed(client, call)


def _deployed(client: Client, call: Call) -> None:
    if call.known("waitForDeployment"):
        _await_deployment(client, call.id)


def _await_deployment(client: Client, id: str) -> None:
    def done() -> bool:
        return bool(client.get_distribution(Id=id)["Distribution"]["Status"] == "Deployed")

    client.until(done, f"deployment of distribution {id}", seconds=_DEPLOY_SECONDS, every=2)


def _read(client: Client, call: Call) -> Doc:
    answer = client.get_distribution(Id=call.id)
    found = answer["Distribution"]
    return {
        **config_read(found["DistributionConfig"]),
        "arn": found["ARN"],
        "domainName": found["DomainName"],
        "hostedZoneId": _ZONE,
        "status": found["Status"],
        "etag": answer.get("ETag"),
        "callerReference": found["DistributionConfig"]["CallerReference"],
        "inProgressValidationBatches": found.get("InProgressInvalidationBatches"),
        "lastModifiedTime": str(found.get("LastModifiedTime") or ""),
    }


def _update(client: Client, call: Call) -> None:
    if not call.differs(*(key for key, prop in FIELDS.items() if not prop.local)):
        return
    answer = client.get_distribution_config(Id=call.id)
    reference = answer["DistributionConfig"]["CallerReference"]
    config = config_sent(call.inputs, reference)
    client.update_distribution(Id=call.id, IfMatch=answer["ETag"], DistributionConfig=config)
    _deployed(client, call)


def _delete(client: Client, call: Call) -> None:
    """A distribution has to be disabled, everywhere, before it can go."""
    answer = client.get_distribution_config(Id=call.id)
    config = answer["DistributionConfig"]
    if config["Enabled"]:
        config = {**config, "Enabled": False}
        client.update_distribution(Id=call.id, IfMatch=answer["ETag"], DistributionConfig=config)
    if call.known("retainOnDelete"):
        return
    _await_deployment(client, call.id)
    client.delete_distribution(Id=call.id, IfMatch=client.get_distribution_config(Id=call.id)["ETag"])


RESOURCES = (
    aws(
        "cloudfront/distribution:Distribution",
        "cloudfront",
        FIELDS,
        region=HOME,
        outputs=(
            "arn",
            "callerReference",
            "domainName",
            "etag",
            "hostedZoneId",
            "inProgressValidationBatches",
            "lastModifiedTime",
            "status",
        ),
        volatile=("etag", "lastModifiedTime", "status"),
        tagging=_TAGS,
        create=_create,
        read=_read,
        update=_update,
        delete=_delete,
    ),
)
