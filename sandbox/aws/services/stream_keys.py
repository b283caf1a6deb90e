"""IVS stream keys: one per channel, its value shown by create and get only."""

from typing import Any

from sandbox.aws.call import Call
from sandbox.aws.cloud import Cloud, serves
from sandbox.aws.errors import AwsError
from sandbox.aws.services import channels
from sandbox.aws.services.shelf import Shelf, arn, not_found, page, random_id
from sandbox.kit.store import Doc

KEYS = Shelf("ivs_key", missing=not_found)


def make(cloud: Cloud, call: Call, channel: str, tags: dict[str, str]) -> Doc:
    id = random_id()
    key = {
        "arn": arn(call, "ivs", "stream-key", id), "value": f"sk_{call.region}_{id}_{random_id(30)}",
        "channelArn": channel, "tags": tags,
    }  # fmt: skip
    return KEYS.put(cloud, call, str(key["arn"]), key)


def of(cloud: Cloud, call: Call, channel: str) -> list[Doc]:
    return [key for key in KEYS.all(cloud, call) if key["channelArn"] == channel]


@serves("ivs:CreateStreamKey")
def create(cloud: Cloud, call: Call) -> dict[str, Any]:
    channel = channels.CHANNELS.get(cloud, call, call.text("channelArn"))["arn"]
    if of(cloud, call, channel):
        raise AwsError(
            "ServiceQuotaExceededException", "Your account has reached its quota of stream keys per channel.", 402
        )
    return {"streamKey": make(cloud, call, channel, call.params.get("tags") or {})}


@serves("ivs:GetStreamKey")
def get(cloud: Cloud, call: Call) -> dict[str, Any]:
    return {"streamKey": KEYS.get(cloud, call, call.text("arn"))}


@serves("ivs:BatchGetStreamKey")
def batch(cloud: Cloud, call: Call) -> dict[str, Any]:
    found = [KEYS.find(cloud, call, target) for target in call.params.get("arns") or []]
    return {"streamKeys": [key for key in found if key], "errors": []}


@serves("ivs:ListStreamKeys")
def listed(cloud: Cloud, call: Call) -> dict[str, Any]:
    channel = channels.CHANNELS.get(cloud, call, call.text("channelArn"))["arn"]
    shown = [{name: key[name] for name in ("arn", "channelArn", "tags")} for key in of(cloud, call, channel)]
    return page(call, "streamKeys", shown)


@serves("ivs:DeleteStreamKey")
def delete(cloud: Cloud, call: Call) -> None:
    KEYS.delete(cloud, call, call.text("arn"))
