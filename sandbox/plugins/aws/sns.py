"""SNS topics and subscriptions."""

from sandbox.plugins.aws import attributes
from sandbox.plugins.aws.client import Client
from sandbox.plugins.aws.errors import AwsRefusal
from sandbox.plugins.aws.resource import aws, given
from sandbox.plugins.aws.tags import Tagging
from sandbox.plugins.schema import Call, flag, json_text, number, text
from sandbox.plugins.values import Doc

_TAGS = Tagging()
_UNCONFIRMED = ("pending confirmation", "PendingConfirmation")

_TOPIC = {
    "displayName": text(),
    "policy": json_text(computed=True),
    "deliveryPolicy": json_text(),
    "kmsMasterKeyId": text(),
    "signatureVersion": number(computed=True),
    "tracingConfig": text(computed=True),
    "fifoTopic": flag(default=False, replaces=True),
    "contentBasedDeduplication": flag(default=False),
}
_FIFO_ONLY = ("fifoTopic", "contentBasedDeduplication")


def _create_topic(client: Client, call: Call) -> None:
    fields = {key: prop for key, prop in _TOPIC.items() if key not in _FIFO_ONLY or call.inputs.get("fifoTopic")}
    wanted = attributes.encode(fields, call.inputs)
    call.id = client.create_topic(Name=call.inputs["name"], Attributes=wanted, **_TAGS.new(call))["TopicArn"]


def _read_topic(client: Client, call: Call) -> Doc:
    found = client.get_topic_attributes(TopicArn=call.id)["Attributes"]
    names = {"arn": call.id, "name": call.id.rsplit(":", 1)[-1], "owner": found.get("Owner")}
    return {**names, "fifoTopic": False, "contentBasedDeduplication": False, **attributes.decode(_TOPIC, found)}


def _update_topic(client: Client, call: Call) -> None:
    for name, value in attributes.changed(_TOPIC, call.inputs, call.old).items():
        client.set_topic_attributes(TopicArn=call.id, AttributeName=name, AttributeValue=value)


def _delete_topic(client: Client, call: Call) -> None:
    client.delete_topic(TopicArn=call.id)


_SUBSCRIPTION = {
    "rawMessageDelivery": flag(default=False),
    "filterPolicy": json_text(),
    "filterPolicyScope": text(computed=True),
    "redrivePolicy": json_text(),
    "deliveryPolicy": json_text(),
    "subscriptionRoleArn": text(),
}


def _subscribe(client: Client, call: Call) -> None:
    target = given(call, TopicArn="topic", Protocol="protocol", Endpoint="endpoint")
    wanted = attributes.encode(_SUBSCRIPTION, call.inputs)
    if not call.inputs.get("rawMessageDelivery"):
        wanted.pop("RawMessageDelivery", None)  # not every protocol knows it, not even when it is off
    call.id = client.subscribe(**target, Attributes=wanted, ReturnSubscriptionArn=True)["SubscriptionArn"]


def _read_subscription(client: Client, call: Call) -> Doc:
    found = client.get_subscription_attributes(SubscriptionArn=call.id)["Attributes"]
    return {
        "arn": call.id,
        "topic": found["TopicArn"],
        "protocol": found.get("Protocol") or call.known("protocol"),
        "endpoint": found.get("Endpoint") or call.known("endpoint"),
        "ownerId": found.get("Owner"),
        "pendingConfirmation": found.get("PendingConfirmation") == "true",
        "confirmationWasAuthenticated": found.get("ConfirmationWasAuthenticated") == "true",
        **attributes.decode(_SUBSCRIPTION, found),
    }


def _update_subscription(client: Client, call: Call) -> None:
    for name, value in attributes.changed(_SUBSCRIPTION, call.inputs, call.old).items():
        client.set_subscription_attributes(SubscriptionArn=call.id, AttributeName=name, AttributeValue=value)


def _unsubscribe(client: Client, call: Call) -> None:
    try:
        client.unsubscribe(SubscriptionArn=call.id)
    except AwsRefusal as refusal:
        # an address that never confirmed cannot be unsubscribed; SNS drops it after two days
        if not any(word in str(refusal) for word in _UNCONFIRMED):
            raise


RESOURCES = (
    aws(
        "sns/topic:Topic",
        "sns",
        {"name": text(autoname=True, replaces=True), **_TOPIC},
        outputs=("arn", "owner"),
        natural=("name",),
        tagging=_TAGS,
        create=_create_topic,
        read=_read_topic,
        update=_update_topic,
        delete=_delete_topic,
    ),
    aws(
        "sns/topicSubscription:TopicSubscription",
        "sns",
        {
            "topic": text(required=True, replaces=True),
            "protocol": text(required=True, replaces=True),
            "endpoint": text(required=True, replaces=True),
            "endpointAutoConfirms": flag(default=False, local=True),
            "confirmationTimeoutInMinutes": number(default=1, local=True),
            **_SUBSCRIPTION,
        },
        outputs=("arn", "confirmationWasAuthenticated", "ownerId", "pendingConfirmation"),
        volatile=("pendingConfirmation",),
        create=_subscribe,
        read=_read_subscription,
        update=_update_subscription,
        delete=_unsubscribe,
    ),
)
