"""S3 buckets."""

from sandbox.plugins.aws.client import Client
from sandbox.plugins.aws.resource import aws
from sandbox.plugins.aws.s3_account import RESOURCES as ACCOUNT
from sandbox.plugins.aws.s3_parts import RESOURCES as PARTS
from sandbox.plugins.aws.tags import Tagging, Tags, as_list, wanted
from sandbox.plugins.failures import Missing
from sandbox.plugins.schema import Call, flag, text
from sandbox.plugins.values import Doc

_DEFAULT_REGION = "us-east-1"  # the one that must not be named as a location
_BATCH = 1000
_WEBSITE_ZONES = {
    "eu-central-1": "Z21DNDUVLTQW6Q",
    "eu-north-1": "Z3BAZG2TWCNX0D",
    "eu-west-1": "Z1BKCTXD74EZPE",
    "eu-west-2": "Z3GKZC51ZF0DB4",
    "eu-west-3": "Z3R1K369G5AVDG",
    "us-east-1": "Z3AQBSTGFYJSTF",
    "us-east-2": "Z2O1EMRO9K5GLX",
    "us-west-2": "Z3BJ6K6RIION7M",
}


class _BucketTags(Tagging):
    """A bucket's tags can only be written as a whole."""

    def read(self, client: Client, call: Call, _outputs: Doc) -> Tags:
        try:
            answer = client.get_bucket_tagging(Bucket=call.id)
        except Missing:
            return {}
        return {tag["Key"]: tag["Value"] for tag in answer["TagSet"]}

    def sync(self, client: Client, call: Call) -> None:
        tags = wanted(call)
        if tags == (call.state.get("tagsAll") or {}):
            return
        if tags:
            client.put_bucket_tagging(Bucket=call.id, Tagging={"TagSet": as_list(tags)})
        else:
            client.delete_bucket_tagging(Bucket=call.id)


_TAGS = _BucketTags()


def _create(client: Client, call: Call) -> None:
    bucket = call.inputs["bucket"]
    where = {} if client.region == _DEFAULT_REGION else {"LocationConstraint": client.region}
    wanted_lock = {"ObjectLockEnabledForBucket": True} if call.inputs.get("objectLockEnabled") else {}
    client.create_bucket(Bucket=bucket, **wanted_lock, **({"CreateBucketConfiguration": where} if where else {}))
    call.id = bucket
    _TAGS.sync(client, call)


def _read(client: Client, call: Call) -> Doc:
    client.head_bucket(Bucket=call.id)
    partition, domain = call.session.partition(client.region)
    return {
        "bucket": call.id,
        "arn": f"arn:{partition}:s3:::{call.id}",
        "bucketDomainName": f"{call.id}.s3.{domain}",
        "bucketRegionalDomainName": f"{call.id}.s3.{client.region}.{domain}",
        "bucketRegion": client.region,
        "hostedZoneId": _WEBSITE_ZONES.get(client.region),
        "objectLockEnabled": call.known("objectLockEnabled"),
    }


def _delete(client: Client, call: Call) -> None:
    if call.known("forceDestroy"):
        _empty(client, call.id)
    client.delete_bucket(Bucket=call.id)


def _empty(client: Client, bucket: str) -> None:
    while True:
        listed = client.list_object_versions(Bucket=bucket, MaxKeys=_BATCH)
        found = [*(listed.get("Versions") or []), *(listed.get("DeleteMarkers") or [])]
        if not found:
            return
        doomed = [{"Key": item["Key"], "VersionId": item["VersionId"]} for item in found]
        client.delete_objects(Bucket=bucket, Delete={"Objects": doomed, "Quiet": True})


BUCKET = aws(
    "s3/bucket:Bucket",
    "s3",
    {
        "bucket": text(autoname=True, replaces=True),
        "forceDestroy": flag(default=False, local=True),
        "objectLockEnabled": flag(computed=True, replaces=True),
    },
    outputs=("arn", "bucketDomainName", "bucketRegionalDomainName", "bucketRegion", "hostedZoneId"),
    natural=("bucket",),
    identity=lambda doc: str(doc["bucket"]),
    tagging=_TAGS,
    create=_create,
    read=_read,
    delete=_delete,
)

RESOURCES = (BUCKET, *PARTS, *ACCOUNT)
