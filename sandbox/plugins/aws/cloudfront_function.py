"""CloudFront functions: written to the development stage, then published."""

from sandbox.plugins.aws.client import Client
from sandbox.plugins.aws.cloudfront_access import HOME
from sandbox.plugins.aws.resource import aws
from sandbox.plugins.failures import Missing
from sandbox.plugins.schema import Call, flag, text
from sandbox.plugins.values import Doc

_DEVELOPMENT, _LIVE = "DEVELOPMENT", "LIVE"


def _config(call: Call) -> Doc:
    return {"Comment": call.inputs.get("comment", ""), "Runtime": call.inputs["runtime"]}


def _create(client: Client, call: Call) -> None:
    code = call.inputs["code"].encode()
    answer = client.create_function(Name=call.inputs["name"], FunctionConfig=_config(call), FunctionCode=code)
    call.id = call.inputs["name"]
    if call.inputs["publish"]:
        client.publish_function(Name=call.id, IfMatch=answer.get("ETag") or _etag(client, call.id))


def _etag(client: Client, name: str) -> str:
    return str(client.describe_function(Name=name, Stage=_DEVELOPMENT)["ETag"])


def _read(client: Client, call: Call) -> Doc:
    described = client.describe_function(Name=call.id, Stage=_DEVELOPMENT)
    summary = described["FunctionSummary"]
    code = client.get_function(Name=call.id, Stage=_DEVELOPMENT)["FunctionCode"].read()
    return {
        "name": summary["Name"],
        "runtime": summary["FunctionConfig"]["Runtime"],
        "comment": summary["FunctionConfig"].get("Comment", ""),
        "arn": summary["FunctionMetadata"]["FunctionARN"],
        "status": summary.get("Status"),
        "code": code.decode(),
        "etag": described["ETag"],
        "liveStageEtag": _live_etag(client, call.id),
    }


def _live_etag(client: Client, name: str) -> str | None:
    try:
        return str(client.describe_function(Name=name, Stage=_LIVE)["ETag"])
    except Missing:
        return None


def _update(client: Client, call: Call) -> None:
    etag = _etag(client, call.id)
    if call.differs("code", "comment", "runtime"):
        code = call.inputs["code"].encode()
        client.update_function(Name=call.id, IfMatch=etag, FunctionConfig=_config(call), FunctionCode=code)
        etag = _etag(client, call.id)
    if call.inputs["publish"]:
        client.publish_function(Name=call.id, IfMatch=etag)


def _delete(client: Client, call: Call) -> None:
    client.delete_function(Name=call.id, IfMatch=_etag(client, call.id))


RESOURCES = (
    aws(
        "cloudfront/function:Function",
        "cloudfront",
        {
            "name": text(autoname=True, replaces=True),
            "runtime": text(required=True, choices=("cloudfront-js-1.0", "cloudfront-js-2.0")),
            "code": text(required=True),
            "comment": text(),
            "publish": flag(default=True, local=True),
        },
        region=HOME,
        outputs=("arn", "etag", "liveStageEtag", "status"),
        volatile=("etag", "liveStageEtag", "status"),
        natural=("name",),
        identity=lambda doc: str(doc["name"]),
        create=_create,
        read=_read,
        update=_update,
        delete=_delete,
    ),
)
