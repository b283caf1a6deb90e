"""From SES to the function that suppresses: a topic of its own, since those of alarms are read by people."""

import pulumi
import pulumi_aws as aws

from programs.creator import policies
from programs.creator.account import Account
from programs.creator.components.alarm import alarm
from programs.creator.components.function import function
from programs.creator.modules.newsletter.plan import FEEDBACK

NAME = "creator-mail"
MANY = 0.04  # of what was sent; at a tenth AWS stops the account


def feedback(account: Account, parent: pulumi.Resource) -> None:
    """Only where SES sends: Resend keeps a list of its own and answers what it will not send."""
    topic = _topic(account, parent)
    made = function(account, parent, FEEDBACK)
    aws.lambda_.Permission(
        "mail-feedback",
        function=made.name,
        statement_id="topic",
        action="lambda:InvokeFunction",
        principal="sns.amazonaws.com",
        source_arn=topic.arn,
        source_account=account.spec.account_id,
        opts=account.options(parent),
    )
    aws.sns.TopicSubscription(
        "mail-feedback", topic=topic.arn, protocol="lambda", endpoint=made.arn, opts=account.options(parent)
    )
    _told(account, parent, topic)
    alarm(
        account,
        parent,
        "mail-bounces",
        threshold=MANY,
        above=True,
        namespace="AWS/SES",
        metric_name="Reputation.BounceRate",
        statistic="Average",
        period=3600,
    )


def _topic(account: Account, parent: pulumi.Resource) -> aws.sns.Topic:
    spec = account.spec
    arn = f"arn:aws:sns:{spec.region}:{spec.account_id}:{NAME}"
    return aws.sns.Topic(
        "mail-feedback",
        name=NAME,
        kms_master_key_id=account.arns["key"],
        policy=policies.of_topic(arn, spec.account_id, ("ses",)),
        opts=account.options(parent),
    )


def _told(account: Account, parent: pulumi.Resource, topic: aws.sns.Topic) -> None:
    to = aws.sesv2.ConfigurationSetEventDestinationEventDestinationSnsDestinationArgs(topic_arn=topic.arn)
    aws.sesv2.ConfigurationSetEventDestination(
        "mail-feedback",
        configuration_set_name=account.facts["MAIL_SET"],
        event_destination_name="feedback",
        event_destination=aws.sesv2.ConfigurationSetEventDestinationEventDestinationArgs(
            enabled=True, matching_event_types=["BOUNCE", "COMPLAINT"], sns_destination=to
        ),
        opts=account.options(parent),
    )
