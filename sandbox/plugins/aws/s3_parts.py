"""What is configured on a bucket by a resource of its own: each is one document that is put as a whole."""

from collections.abc import Callable

from sandbox.plugins.aws.client import Client
from sandbox.plugins.aws.resource import aws
from sandbox.plugins.schema import Call, Property, Resource, flag, json_text, many, number, obj, some, text
from sandbox.plugins.values import Doc
from sandbox.plugins.wire import decode, encode, pascal

Put = Callable[[Client, Call], None]
Read = Callable[[Client, Call], Doc]


def _part(
    token: str, fields: dict[str, Property], put: Put, read: Callable[[Client, Call], Doc], delete: Put
) -> Resource:
    return aws(
        f"s3/{token}",
        "s3",
        {"bucket": text(required=True, replaces=True), **fields},
        natural=("bucket",),
        identity=lambda doc: str(doc["bucket"]),
        create=put,
        read=lambda client, call: {"bucket": call.id, **read(client, call)},
        update=put,
        delete=delete,
    )


def _bucket(call: Call) -> str:
    return str(call.known("bucket") or call.id)


def _put_policy(client: Client, call: Call) -> None:
    client.put_bucket_policy(Bucket=_bucket(call), Policy=call.inputs["policy"])


def _read_policy(client: Client, call: Call) -> Doc:
    return {"policy": client.get_bucket_policy(Bucket=call.id)["Policy"]}


def _delete_policy(client: Client, call: Call) -> None:
    client.delete_bucket_policy(Bucket=call.id)


_VERSIONING = {
    "status": text(required=True, choices=("Enabled", "Suspended", "Disabled")),
    "mfaDelete": text(choices=("Enabled", "Disabled"), computed=True, wire="MFADelete"),
}


def _put_versioning(client: Client, call: Call) -> None:
    wanted = encode(_VERSIONING, call.inputs["versioningConfiguration"], pascal)
    if wanted["Status"] != "Disabled":
        client.put_bucket_versioning(Bucket=_bucket(call), VersioningConfiguration=wanted)


def _read_versioning(client: Client, call: Call) -> Doc:
    found = decode(_VERSIONING, client.get_bucket_versioning(Bucket=call.id), pascal)
    return {"versioningConfiguration": {"status": "Disabled", **found}}


def _delete_versioning(client: Client, call: Call) -> None:
    client.put_bucket_versioning(Bucket=call.id, VersioningConfiguration={"Status": "Suspended"})


_ENCRYPTION = {
    "rules": some(
        obj(
            {
                "applyServerSideEncryptionByDefault": obj(
                    {
                        "sseAlgorithm": text(required=True, wire="SSEAlgorithm"),
                        "kmsMasterKeyId": text(wire="KMSMasterKeyID"),
                    }
                ),
                "bucketKeyEnabled": flag(default=False),
            }
        ),
        required=True,
    )
}


def _put_encryption(client: Client, call: Call) -> None:
    wanted = encode(_ENCRYPTION, call.inputs, pascal)
    client.put_bucket_encryption(Bucket=_bucket(call), ServerSideEncryptionConfiguration=wanted)


def _read_encryption(client: Client, call: Call) -> Doc:
    return decode(
        _ENCRYPTION, client.get_bucket_encryption(Bucket=call.id)["ServerSideEncryptionConfiguration"], pascal
    )


def _delete_encryption(client: Client, call: Call) -> None:
    client.delete_bucket_encryption(Bucket=call.id)


_TRANSITION = {"days": number(), "storageClass": text(required=True)}
_NONCURRENT = {"noncurrentDays": number(required=True), "newerNoncurrentVersions": number()}
_LIFECYCLE = {
    "rules": many(
        obj(
            {
                "id": text(required=True, wire="ID"),
                "status": text(required=True, choices=("Enabled", "Disabled")),
                "filter": obj(
                    {
                        "prefix": text(default=""),
                        "objectSizeGreaterThan": number(),
                        "objectSizeLessThan": number(),
                        "tag": obj({"key": text(required=True), "value": text(required=True)}),
                    },
                    computed=True,
                ),
                "expiration": obj({"days": number(computed=True), "expiredObjectDeleteMarker": flag(computed=True)}),
                "transitions": some(obj(_TRANSITION)),
                "noncurrentVersionExpiration": obj(_NONCURRENT),
                "noncurrentVersionTransitions": some(obj({**_NONCURRENT, "storageClass": text(required=True)})),
                "abortIncompleteMultipartUpload": obj({"daysAfterInitiation": number()}),
            }
        )
    )
}


def _put_lifecycle(client: Client, call: Call) -> None:
    wanted = encode(_LIFECYCLE, call.inputs, pascal)
    for rule in wanted["Rules"]:
        rule["Filter"] = _only_one(rule.get("Filter") or {"Prefix": ""})
    client.put_bucket_lifecycle_configuration(Bucket=_bucket(call), LifecycleConfiguration=wanted)


def _only_one(condition: Doc) -> Doc:
    """A filter may hold one condition; an empty prefix beside another one is none."""
    return {key: value for key, value in condition.items() if value != "" or len(condition) == 1}


def _read_lifecycle(client: Client, call: Call) -> Doc:
    return decode(_LIFECYCLE, client.get_bucket_lifecycle_configuration(Bucket=call.id), pascal)


def _delete_lifecycle(client: Client, call: Call) -> None:
    client.delete_bucket_lifecycle(Bucket=call.id)


_CORS = {
    "corsRules": some(
        obj(
            {
                "id": text(wire="ID"),
                "allowedMethods": some(text(), required=True),
                "allowedOrigins": some(text(), required=True),
                "allowedHeaders": some(text()),
                "exposeHeaders": some(text()),
                "maxAgeSeconds": number(),
            }
        ),
        required=True,
        wire="CORSRules",
    )
}


def _put_cors(client: Client, call: Call) -> None:
    client.put_bucket_cors(Bucket=_bucket(call), CORSConfiguration=encode(_CORS, call.inputs, pascal))


def _read_cors(client: Client, call: Call) -> Doc:
    return decode(_CORS, client.get_bucket_cors(Bucket=call.id), pascal)


def _delete_cors(client: Client, call: Call) -> None:
    client.delete_bucket_cors(Bucket=call.id)


RESOURCES = (
    _part("bucketPolicy:BucketPolicy", {"policy": json_text(required=True)}, _put_policy, _read_policy, _delete_policy),
    _part(
        "bucketVersioning:BucketVersioning",
        {"versioningConfiguration": obj(_VERSIONING, required=True)},
        _put_versioning,
        _read_versioning,
        _delete_versioning,
    ),
    _part(
        "bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        _ENCRYPTION,
        _put_encryption,
        _read_encryption,
        _delete_encryption,
    ),
    _part(
        "bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        _LIFECYCLE,
        _put_lifecycle,
        _read_lifecycle,
        _delete_lifecycle,
    ),
    _part("bucketCorsConfiguration:BucketCorsConfiguration", _CORS, _put_cors, _read_cors, _delete_cors),
)
