"""What arrives where: signed notifications, queues that feed functions, alarms, schedules, asynchronous calls."""

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.contract.aws.code import allow, function, role
from tests.contract.aws.conftest import Aws, until

KEEP = """
import boto3, json, os
def handler(event, context):
    boto3.client("dynamodb").put_item(
        TableName="heard", Item={"id": {"S": os.environ["NAME"]}, "event": {"S": json.dumps(event)}})
"""


class Webhook:
    """What the control plane is to SNS: takes a POST, fails the first ones when told to."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.failures = 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                outer.failures -= 1
                self.send_response(503 if outer.failures >= 0 else 200)
                self.end_headers()
                if outer.failures < 0:
                    outer.headers.append({name.lower(): value for name, value in self.headers.items()})
                    outer.got.append(json.loads(body))

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05})
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}/webhooks/aws"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    made = Webhook()
    yield made
    made.close()


@pytest.fixture(scope="module")
def heard(aws: Aws, member: boto3.Session) -> Any:
    """A table that functions write what they got into."""
    dynamodb = aws.client("dynamodb", member)
    dynamodb.create_table(
        TableName="heard", BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )  # fmt: skip
    rights = allow(["dynamodb:PutItem", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"])
    role(aws, member, "hears", rights)

    def look(name: str) -> Any:
        item = dynamodb.get_item(TableName="heard", Key={"id": {"S": name}}).get("Item")
        return json.loads(item["event"]["S"]) if item else None

    return look


def hearing(aws: Aws, account: str, member: boto3.Session, name: str) -> str:
    arn = f"arn:aws:iam::{account}:role/hears"
    return function(aws, member, name, KEEP, arn, Environment={"Variables": {"NAME": name}})


def signed(message: dict[str, Any]) -> bool:
    names = ["Message", "MessageId", "SubscribeURL", "Subject", "Timestamp", "Token", "TopicArn", "Type"]
    text = "".join(f"{name}\n{message[name]}\n" for name in names if message.get(name) is not None)
    key = x509.load_pem_x509_certificate(httpx.get(message["SigningCertURL"]).content).public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    key.verify(base64.b64decode(message["Signature"]), text.encode(), padding.PKCS1v15(), hashes.SHA1())  # noqa: S303
    return True


class TestNotifications:
    def test_a_subscription_is_confirmed_and_messages_are_signed(
        self, aws: Aws, member: boto3.Session, webhook: Webhook
    ) -> None:
        sns = aws.client("sns", member)
        topic = sns.create_topic(Name="platform")["TopicArn"]
        subscription = sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=webhook.url, ReturnSubscriptionArn=True)
        asked = until(lambda: webhook.got and webhook.got[0])
        assert asked["Type"] == "SubscriptionConfirmation"
        assert signed(asked)
        assert webhook.headers[0]["x-amz-sns-message-type"] == "SubscriptionConfirmation"
        sns.confirm_subscription(TopicArn=topic, Token=asked["Token"])
        attributes = sns.get_subscription_attributes(SubscriptionArn=subscription["SubscriptionArn"])["Attributes"]
        assert attributes["PendingConfirmation"] == "false"
        webhook.failures = 1
        sns.publish(TopicArn=topic, Message="hello", Subject="s")
        message = until(lambda: next((m for m in webhook.got if m["Type"] == "Notification"), None))
        assert (message["Message"], message["Subject"], message["TopicArn"]) == ("hello", "s", topic)
        assert signed(message)

    def test_the_link_in_the_request_confirms_too(self, aws: Aws, member: boto3.Session, webhook: Webhook) -> None:
        sns = aws.client("sns", member)
        topic = sns.create_topic(Name="by-link")["TopicArn"]
        sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=webhook.url)
        asked = until(lambda: webhook.got and webhook.got[0])
        assert httpx.get(asked["SubscribeURL"].replace("localhost", "127.0.0.1")).status_code == 200
        listed = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
        assert listed[0]["SubscriptionArn"].startswith(topic)

    def test_an_alarm_reaches_the_webhook(self, aws: Aws, member: boto3.Session, webhook: Webhook) -> None:
        sns, cloudwatch = aws.client("sns", member), aws.client("cloudwatch", member)
        topic = sns.create_topic(Name="alarms")["TopicArn"]
        sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=webhook.url)
        asked = until(lambda: webhook.got and webhook.got[0])
        sns.confirm_subscription(TopicArn=topic, Token=asked["Token"])
        cloudwatch.put_metric_alarm(
            AlarmName="creator-api-5xx", Namespace="AWS/ApiGateway", MetricName="5xx", Statistic="Sum", Period=300,
            EvaluationPeriods=3, Threshold=1, ComparisonOperator="GreaterThanThreshold", AlarmActions=[topic],
            TreatMissingData="notBreaching",
        )  # fmt: skip
        cloudwatch.set_alarm_state(AlarmName="creator-api-5xx", StateValue="ALARM", StateReason="smoke")
        found = until(lambda: next((m for m in webhook.got if m["Type"] == "Notification"), None))
        alarm = json.loads(found["Message"])
        assert (alarm["AlarmName"], alarm["NewStateValue"]) == ("creator-api-5xx", "ALARM")

    def test_notifications_are_doubled_overtaken_and_lost_on_demand(
        self, aws: Aws, member: boto3.Session, webhook: Webhook
    ) -> None:
        sns = aws.client("sns", member)
        topic = sns.create_topic(Name="troubled")["TopicArn"]
        sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=webhook.url)
        asked = until(lambda: webhook.got and webhook.got[0])
        sns.confirm_subscription(TopicArn=topic, Token=asked["Token"])
        for kind, message in (("duplicate", "twice"), ("reorder", "late"), ("lost", "never"), ("", "last")):
            if kind:
                fault = {"vendor": "aws", "operation": "sns:notify troubled", "kind": kind, "times": 1, "seconds": 4.0}
                aws.sim("POST", "/faults", json=fault).raise_for_status()
            sns.publish(TopicArn=topic, Message=message)
            until(lambda: aws.sim("GET", "/faults").json()["faults"][-1]["taken"] == 1)
        heard = until(
            lambda: len(got := [m["Message"] for m in webhook.got if m["Type"] == "Notification"]) > 3 and got
        )
        assert heard == ["twice", "twice", "last", "late"]
        assert len({m["MessageId"] for m in webhook.got if m.get("Message") == "twice"}) == 1
        aws.sim("DELETE", "/faults").raise_for_status()


class TestFunctions:
    def test_a_queue_feeds_a_function(self, aws: Aws, account: str, member: boto3.Session, heard: Any) -> None:
        sqs = aws.client("sqs", member)
        url = sqs.create_queue(QueueName="news")["QueueUrl"]
        queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        name = hearing(aws, account, member, "sender")
        aws.client("lambda", member).create_event_source_mapping(
            EventSourceArn=queue, FunctionName=name, BatchSize=10, FunctionResponseTypes=["ReportBatchItemFailures"]
        )
        sqs.send_message(QueueUrl=url, MessageBody="campaign")
        got = until(lambda: heard("sender"))
        assert [record["body"] for record in got["Records"]] == ["campaign"]

    def test_a_rule_fires_by_the_emulated_clock(
        self, aws: Aws, account: str, member: boto3.Session, heard: Any
    ) -> None:
        arn = hearing(aws, account, member, "hourly")
        events = aws.client("events", member)
        rule = events.put_rule(Name="hourly", ScheduleExpression="rate(1 hour)")["RuleArn"]
        events.put_targets(Rule="hourly", Targets=[{"Id": "1", "Arn": arn}])
        assert heard("hourly") is None
        aws.sim("POST", "/clock/advance", json={"seconds": 3700}).raise_for_status()
        got = until(lambda: heard("hourly"))
        assert (got["source"], got["resources"]) == ("aws.events", [rule])
        events.disable_rule(Name="hourly")

    def test_a_rule_can_be_fired_at_once(self, aws: Aws, account: str, member: boto3.Session, heard: Any) -> None:
        arn = hearing(aws, account, member, "nightly")
        events = aws.client("events", member)
        rule = events.put_rule(Name="nightly", ScheduleExpression="cron(0 3 * * ? *)")["RuleArn"]
        events.put_targets(Rule="nightly", Targets=[{"Id": "1", "Arn": arn}])
        aws.sim("POST", "/rules/fire", json={"rule": rule}).raise_for_status()
        assert until(lambda: heard("nightly"))["detail-type"] == "Scheduled Event"

    def test_an_event_call_returns_at_once_and_runs_later(
        self, aws: Aws, account: str, member: boto3.Session, heard: Any
    ) -> None:
        hearing(aws, account, member, "later")
        answer = aws.client("lambda", member).invoke(FunctionName="later", InvocationType="Event", Payload=b'{"a": 1}')
        assert answer["StatusCode"] == 202
        assert until(lambda: heard("later")) == {"a": 1}
