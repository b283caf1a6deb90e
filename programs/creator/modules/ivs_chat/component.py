"""Chat: a room whose messages are reviewed and logged, a table that follows the log, and two functions."""

from urllib.parse import urlsplit

import pulumi
import pulumi_aws as aws

from programs.base import Outputs
from programs.creator.account import Account
from programs.creator.components.alarm import alarm
from programs.creator.components.function import function
from programs.creator.components.schedule import schedule
from programs.creator.components.table import table
from programs.creator.modules.ivs_chat.plan import CHAT, LOG, LOG_DAYS, REVIEW, SLOW, TABLES
from programs.creator.modules.ivs_chat.spec import Spec


class Chat(pulumi.ComponentResource):
    def __init__(self, account: Account, spec: Spec) -> None:
        super().__init__("creator:aws:Chat", "ivs-chat", None, pulumi.ResourceOptions(provider=account.provider))
        endpoint = _endpoint(account)
        account.facts["BLOCKED_WORDS"] = "\n".join(spec.blocked_words) or "\n"
        log = self._log(account)
        room = self._room(account, spec, log, function(account, self, REVIEW))
        account.arns |= {"room": room.arn, "log_chat": log.arn}
        account.facts |= {
            "ROOM": room.arn,
            "CHAT_ENDPOINT": endpoint,
            "CHAT_LOG": LOG,
            "CHAT_DAYS": str(spec.retention_days),
            "PREMIUM_ONLY": "yes" if spec.followers_only else "no",
        }
        account.config |= {"room_arn": room.arn, "chat_endpoint": endpoint, "chat_length": spec.max_length}
        for plan in TABLES:
            table(account, self, plan)
        schedule(account, self, "chat", every="rate(15 minutes)", to=function(account, self, CHAT))
        alarm(
            account,
            self,
            "chat-review-slow",
            threshold=SLOW,
            namespace="AWS/Lambda",
            metric_name="Duration",
            dimensions={"FunctionName": "creator-chat-review"},
            extended_statistic="p99",
            period=300,
        )
        self.exports: Outputs = {"room_arn": room.arn}
        self.register_outputs({})

    def _log(self, account: Account) -> aws.cloudwatch.LogGroup:
        return aws.cloudwatch.LogGroup(
            "chat-said",
            name=LOG,
            retention_in_days=LOG_DAYS,
            kms_key_id=account.arns["key"],
            opts=account.options(self),
        )

    def _room(
        self, account: Account, spec: Spec, log: aws.cloudwatch.LogGroup, review: aws.lambda_.Function
    ) -> aws.ivschat.Room:
        place = aws.ivschat.LoggingConfigurationDestinationConfigurationCloudwatchLogsArgs(log_group_name=log.name)
        logging = aws.ivschat.LoggingConfiguration(
            "chat",
            name="creator",
            destination_configuration=aws.ivschat.LoggingConfigurationDestinationConfigurationArgs(
                cloudwatch_logs=place
            ),
            opts=account.options(self),
        )
        allowed = self._allowed(account, review)
        return aws.ivschat.Room(
            "room",
            name="creator",
            maximum_message_rate_per_second=1 if account.spec.suspended else account.spec.limits.chat_rate,
            maximum_message_length=spec.max_length,
            message_review_handler=aws.ivschat.RoomMessageReviewHandlerArgs(uri=review.arn, fallback_result="ALLOW"),
            logging_configuration_identifiers=[logging.arn],
            opts=account.options(self, depends_on=[allowed]),
        )

    def _allowed(self, account: Account, review: aws.lambda_.Function) -> aws.lambda_.Permission:
        return aws.lambda_.Permission(
            "chat-review-room",
            function=review.name,
            statement_id="room",
            action="lambda:InvokeFunction",
            principal="ivschat.amazonaws.com",
            source_arn=f"arn:aws:ivschat:{account.spec.region}:{account.spec.account_id}:room/*",
            source_account=account.spec.account_id,
            opts=account.options(self),
        )


def _endpoint(account: Account) -> str:
    """Where browsers go: Amazon's own, or the same name on the machine that plays the cloud."""
    cloud = urlsplit(account.spec.base_url or "")
    if not cloud.hostname:
        return f"wss://edge.ivschat.{account.spec.region}.amazonaws.com"
    scheme = "wss" if cloud.scheme == "https" else "ws"
    return f"{scheme}://edge.ivschat.{account.spec.region}.localhost:{cloud.port}"
