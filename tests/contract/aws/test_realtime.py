"""AppSync Events: published over HTTP with IAM or a key, heard over a WebSocket."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from socket import create_connection
from typing import Any

import boto3
import httpx
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from websockets.sync.client import ClientConnection, connect

from tests.contract.aws.code import allow
from tests.contract.aws.conftest import Aws
from tests.contract.aws.test_iam import assumable


@dataclass
class Realtime:
    aws: Aws
    id: str
    key: str

    @property
    def http(self) -> str:
        return f"{self.id}.appsync-api.eu-central-1.localhost:{self.aws.port}"

    def publish(self, session: boto3.Session | None, channel: str, *events: Any) -> httpx.Response:
        body = json.dumps({"channel": channel, "events": [json.dumps(event) for event in events]})
        headers = {"content-type": "application/json", "host": self.http}
        if session is None:
            headers["x-api-key"] = self.key
        else:
            request = AWSRequest("POST", f"http://{self.http}/event", data=body, headers=headers)
            SigV4Auth(session.get_credentials(), "appsync", "eu-central-1").add_auth(request)
            headers = dict(request.headers)
        return httpx.post(f"{self.aws.url}/event", content=body, headers=headers)

    @contextmanager
    def subscribe(self, channel: str) -> Iterator[ClientConnection]:
        auth = {"host": self.http, "x-api-key": self.key}
        header = base64.urlsafe_b64encode(json.dumps(auth).encode()).decode().rstrip("=")
        with connect(
            f"ws://{self.http.replace('appsync-api', 'appsync-realtime-api')}/event/realtime",
            sock=create_connection(("127.0.0.1", self.aws.port)),
            subprotocols=["aws-appsync-event-ws", f"header-{header}"],  # type: ignore[list-item]
        ) as socket:
            socket.send(json.dumps({"type": "connection_init"}))
            expect(socket, "connection_ack")
            socket.send(json.dumps({"type": "subscribe", "id": "s1", "channel": channel, "authorization": auth}))
            expect(socket, "subscribe_success")
            yield socket


def expect(socket: ClientConnection, kind: str) -> dict[str, Any]:
    while True:
        message: dict[str, Any] = json.loads(socket.recv(timeout=60))
        if message["type"] == kind:
            return message
        assert message["type"] == "ka", message


@pytest.fixture(scope="module")
def realtime(aws: Aws, member: boto3.Session) -> Realtime:
    appsync = aws.client("appsync", member)
    modes = [{"authType": "API_KEY"}, {"authType": "AWS_IAM"}]
    api = appsync.create_api(name="realtime", eventConfig={
        "authProviders": modes, "connectionAuthModes": modes, "defaultPublishAuthModes": [{"authType": "AWS_IAM"}],
        "defaultSubscribeAuthModes": [{"authType": "API_KEY"}],
    })["api"]  # fmt: skip
    appsync.create_channel_namespace(apiId=api["apiId"], name="polls")
    key = appsync.create_api_key(apiId=api["apiId"])["apiKey"]["id"]
    return Realtime(aws, api["apiId"], key)


class TestEvents:
    def test_what_a_handler_publishes_a_viewer_hears(self, realtime: Realtime, member: boto3.Session) -> None:
        with realtime.subscribe("/polls/p1") as socket:
            assert realtime.publish(member, "/polls/p1", {"votes": 3}).status_code == 200
            message = expect(socket, "data")
            assert json.loads(message["event"]) == {"votes": 3}

    def test_publishing_needs_the_right_to(
        self, aws: Aws, realtime: Realtime, account: str, member: boto3.Session
    ) -> None:
        arn = f"arn:aws:appsync:eu-central-1:{account}:apis/{realtime.id}/channelNamespace/polls"
        may = assumable(aws, account, member, "may-publish", allow("appsync:EventPublish", arn))
        may_not = assumable(aws, account, member, "may-not-publish", allow("appsync:EventSubscribe", arn))
        assert realtime.publish(may, "/polls/p1", {"votes": 1}).status_code == 200
        assert realtime.publish(may_not, "/polls/p1", {"votes": 1}).status_code == 403
        assert realtime.publish(None, "/polls/p1", {"votes": 1}).status_code in {401, 403}

    def test_another_accounts_credentials_do_not_publish(self, aws: Aws, realtime: Realtime) -> None:
        assert realtime.publish(aws.assume(aws.new_account()), "/polls/p1", {"votes": 1}).status_code == 403
