"""Streams, chat and mail."""

from tests.contract.plugins.examples.places import SANDBOX
from tests.contract.plugins.world import Example

MEDIA = [
    Example(
        "ivs/channel:Channel",
        {"name": "live", "type": "BASIC", "latencyMode": "LOW", "tags": {"module": "streaming"}},
        {"name": "live", "type": "STANDARD", "latencyMode": "NORMAL", "recordingConfigurationArn": "<recording>"},
        on=SANDBOX,
        why="moto has no recording configurations",
    ),
    Example(
        "ivs/recordingConfiguration:RecordingConfiguration",
        {
            "name": "vod",
            "destinationConfiguration": {"s3": {"bucketName": "<bucket>"}},
            "recordingReconnectWindowSeconds": 60,
            "thumbnailConfiguration": {"recordingMode": "INTERVAL", "targetIntervalSeconds": 60},
            "tags": {"module": "streaming"},
        },
        on=SANDBOX,
        why="moto has no recording configurations",
    ),
    Example(
        "ivschat/room:Room",
        {"name": "chat", "maximumMessageLength": 280, "tags": {"module": "chat"}},
        {
            "name": "chat",
            "maximumMessageRatePerSecond": 1,
            "messageReviewHandler": {"uri": "<function.arn>", "fallbackResult": "ALLOW"},
            "loggingConfigurationIdentifiers": ["<logging>"],
        },
        on=SANDBOX,
        why="moto has no chat",
    ),
    Example(
        "ivschat/loggingConfiguration:LoggingConfiguration",
        {"name": "log", "destinationConfiguration": {"cloudwatchLogs": {"logGroupName": "<group>"}}},
        {"name": "log", "destinationConfiguration": {"s3": {"bucketName": "<bucket>"}}},
        on=SANDBOX,
        why="moto has no chat",
    ),
]
MAIL = [
    Example(
        "sesv2/emailIdentity:EmailIdentity",
        {"emailIdentity": "mail.shop.example", "tags": {"module": "mail"}},
        {"emailIdentity": "mail.shop.example", "tags": {"module": "post"}},
        on=SANDBOX,
        why="moto lists no tags of an identity",
    ),
    Example(
        "sesv2/emailIdentityMailFromAttributes:EmailIdentityMailFromAttributes",
        {"emailIdentity": "<identity>", "mailFromDomain": "bounce.needed.example"},
        {"emailIdentity": "<identity>", "behaviorOnMxFailure": "REJECT_MESSAGE", "mailFromDomain": "b.needed.example"},
        on=SANDBOX,
        why="moto has no senders of their own",
        stays=True,
    ),
    Example(
        "sesv2/configurationSet:ConfigurationSet",
        {
            "configurationSetName": "creator",
            "suppressionOptions": {"suppressedReasons": ["BOUNCE", "COMPLAINT"]},
            "reputationOptions": {"reputationMetricsEnabled": True},
            "sendingOptions": {"sendingEnabled": True},
            "deliveryOptions": {"tlsPolicy": "REQUIRE"},
            "tags": {"module": "mail"},
        },
        {
            "configurationSetName": "creator",
            "suppressionOptions": {"suppressedReasons": ["BOUNCE"]},
            "sendingOptions": {"sendingEnabled": False},
            "reputationOptions": {"reputationMetricsEnabled": True},
            "deliveryOptions": {"tlsPolicy": "REQUIRE"},
        },
        on=SANDBOX,
        why="moto answers no tags of a set",
    ),
    Example(
        "sesv2/configurationSetEventDestination:ConfigurationSetEventDestination",
        {
            "configurationSetName": "<set>",
            "eventDestinationName": "bounces",
            "eventDestination": {
                "enabled": True,
                "matchingEventTypes": ["BOUNCE", "COMPLAINT"],
                "snsDestination": {"topicArn": "<topic>"},
            },
        },
        {
            "configurationSetName": "<set>",
            "eventDestinationName": "bounces",
            "eventDestination": {"matchingEventTypes": ["BOUNCE"], "snsDestination": {"topicArn": "<topic>"}},
        },
        on=SANDBOX,
        why="moto has no event destinations",
    ),
]
