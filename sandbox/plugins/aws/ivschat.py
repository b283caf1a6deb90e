"""IVS chat rooms and where their messages are logged."""

from sandbox.plugins.aws.client import Client
from sandbox.plugins.aws.ivs import TAGS
from sandbox.plugins.aws.simple import Simple, simple
from sandbox.plugins.schema import Call, number, obj, some, text

_SETTLE_SECONDS = 300
_REVIEW = {"uri": text(), "fallbackResult": text(computed=True, choices=("ALLOW", "DENY"))}
_ROOM = {
    "name": text(computed=True),
    "maximumMessageLength": number(default=500),
    "maximumMessageRatePerSecond": number(default=10),
    "messageReviewHandler": obj(_REVIEW, computed=True),
    "loggingConfigurationIdentifiers": some(text()),
}
_DESTINATION = {
    "cloudwatchLogs": obj({"logGroupName": text(required=True)}, wire="cloudWatchLogs"),
    "firehose": obj({"deliveryStreamName": text(required=True)}),
    "s3": obj({"bucketName": text(required=True)}),
}
_LOGGING = {"name": text(computed=True), "destinationConfiguration": obj(_DESTINATION)}


def _await_logging(client: Client, call: Call) -> None:
    def active() -> bool:
        return bool(client.get_logging_configuration(identifier=call.id).get("state", "ACTIVE") == "ACTIVE")

    client.until(active, f"logging configuration {call.id} being active", seconds=_SETTLE_SECONDS)


_ROOMS = Simple(noun="room", fields=_ROOM, key="identifier", created="arn", outputs={"arn": "arn"}, tagging=TAGS)
_LOGGINGS = Simple(
    noun="logging_configuration",
    fields=_LOGGING,
    key="identifier",
    created="arn",
    outputs={"arn": "arn", "state": "state"},
    tagging=TAGS,
    settled=_await_logging,
)

RESOURCES = (
    simple("ivschat/room:Room", "ivschat", _ROOMS),
    simple("ivschat/loggingConfiguration:LoggingConfiguration", "ivschat", _LOGGINGS),
)
