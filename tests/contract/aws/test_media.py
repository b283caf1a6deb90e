"""IVS: channels, keys, recordings and streams that go live; chat rooms with tokens, review and log."""

import json
from socket import create_connection
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.contract.aws.code import function, role
from tests.contract.aws.conftest import Aws, until

REVIEW = """
def handler(event, context):
    if "spam" in event["Content"]:
        return {"ReviewResult": "DENY"}
    return {"ReviewResult": "ALLOW", "Content": event["Content"].upper()}
"""
HEAR = """
import json
def handler(event, context):
    print(json.dumps({"kind": event["detail-type"], "name": event["detail"].get("event_name")}))
"""


@pytest.fixture(scope="module")
def ivs(aws: Aws, member: boto3.Session) -> Any:
    return aws.client("ivs", member)


@pytest.fixture(scope="module")
def bucket(aws: Aws, account: str, member: boto3.Session) -> str:
    name = f"cr-media-{account}-recordings"
    where = {"LocationConstraint": "eu-central-1"}
    aws.client("s3", member).create_bucket(Bucket=name, CreateBucketConfiguration=where)
    return name


class TestChannels:
    def test_life(self, ivs: Any, bucket: str) -> None:
        destination = {"s3": {"bucketName": bucket}}
        recording = ivs.create_recording_configuration(name="r", destinationConfiguration=destination)[
            "recordingConfiguration"
        ]
        assert recording["state"] == "ACTIVE"
        made = ivs.create_channel(
            name="main", type="BASIC", recordingConfigurationArn=recording["arn"], tags={"a": "1"}
        )
        channel, key = made["channel"], made["streamKey"]
        assert (channel["type"], channel["latencyMode"]) == ("BASIC", "LOW")
        assert key["value"].startswith("sk_eu-central-1_")
        assert ivs.get_channel(arn=channel["arn"])["channel"] == channel
        tracks = {"enabled": True, "policy": "ALLOW", "maximumResolution": "FULL_HD"}
        with pytest.raises(ClientError, match="ValidationException"):
            ivs.update_channel(arn=channel["arn"], multitrackInputConfiguration=tracks)
        changed = ivs.update_channel(
            arn=channel["arn"], type="STANDARD", multitrackInputConfiguration=tracks, containerFormat="FRAGMENTED_MP4"
        )
        assert changed["channel"]["multitrackInputConfiguration"] == tracks
        with pytest.raises(ClientError, match="ConflictException"):
            ivs.delete_recording_configuration(arn=recording["arn"])
        ivs.tag_resource(resourceArn=channel["arn"], tags={"b": "2"})
        ivs.untag_resource(resourceArn=channel["arn"], tagKeys=["a"])
        assert ivs.list_tags_for_resource(resourceArn=channel["arn"])["tags"] == {"b": "2"}
        ivs.delete_channel(arn=channel["arn"])
        ivs.delete_recording_configuration(arn=recording["arn"])
        with pytest.raises(ivs.exceptions.ResourceNotFoundException):
            ivs.get_channel(arn=channel["arn"])

    def test_a_key_is_rotated_by_delete_and_create(self, ivs: Any) -> None:
        made = ivs.create_channel(name="keys")
        channel, key = made["channel"]["arn"], made["streamKey"]
        with pytest.raises(ClientError, match="ServiceQuotaExceededException"):
            ivs.create_stream_key(channelArn=channel)
        ivs.delete_stream_key(arn=key["arn"])
        fresh = ivs.create_stream_key(channelArn=channel)["streamKey"]
        assert fresh["value"] != key["value"]
        assert [listed["arn"] for listed in ivs.list_stream_keys(channelArn=channel)["streamKeys"]] == [fresh["arn"]]
        assert ivs.get_stream_key(arn=fresh["arn"])["streamKey"]["value"] == fresh["value"]

    def test_another_account_has_no_such_channel(self, aws: Aws, ivs: Any) -> None:
        channel = ivs.create_channel(name="mine")["channel"]["arn"]
        other = aws.client("ivs", aws.assume(aws.new_account()))
        with pytest.raises(ClientError, match="ResourceNotFoundException"):
            other.get_channel(arn=channel)


class TestStreams:
    def test_going_live_is_seen_recorded_and_told(self, aws: Aws, member: boto3.Session, ivs: Any, bucket: str) -> None:
        arn = function(aws, member, "hears-streams", HEAR, role(aws, member, "hears-streams"))
        events = aws.client("events", member)
        events.put_rule(Name="streams", EventPattern=json.dumps({"source": ["aws.ivs"]}))
        events.put_targets(Rule="streams", Targets=[{"Id": "1", "Arn": arn}])
        recording = ivs.create_recording_configuration(destinationConfiguration={"s3": {"bucketName": bucket}})
        channel = ivs.create_channel(recordingConfigurationArn=recording["recordingConfiguration"]["arn"])["channel"][
            "arn"
        ]
        with pytest.raises(ivs.exceptions.ChannelNotBroadcasting):
            ivs.get_stream(channelArn=channel)
        aws.sim("POST", "/streams", json={"channel": channel}).raise_for_status()
        stream = ivs.get_stream(channelArn=channel)["stream"]
        assert (stream["state"], stream["health"]) == ("LIVE", "HEALTHY")
        with pytest.raises(ClientError, match="ConflictException"):
            ivs.update_channel(arn=channel, name="x")
        ivs.stop_stream(channelArn=channel)
        with pytest.raises(ivs.exceptions.ChannelNotBroadcasting):
            ivs.get_stream(channelArn=channel)
        keys = [o["Key"] for o in aws.client("s3", member).list_objects_v2(Bucket=bucket, Prefix="ivs/v1/")["Contents"]]
        assert any(key.endswith("media/hls/master.m3u8") for key in keys)
        logs = aws.client("logs", member)
        told = until(lambda: heard(logs) if len(heard(logs)) >= 6 else None, seconds=60)
        assert {"Stream Start", "Stream End"} <= {entry["name"] for entry in told or []}


def heard(logs: Any) -> list[dict[str, Any]]:
    try:
        found = logs.filter_log_events(logGroupName="/aws/lambda/hears-streams", filterPattern="IVS")["events"]
    except logs.exceptions.ResourceNotFoundException:
        return []
    return [json.loads(line) for event in found for line in event["message"].splitlines() if line.startswith("{")]


def connected(aws: Aws, token: str) -> Any:
    return connect(
        f"ws://edge.ivschat.eu-central-1.localhost:{aws.port}/", subprotocols=[token],  # type: ignore[list-item]
        sock=create_connection(("127.0.0.1", aws.port)),
    )  # fmt: skip


def enter(aws: Aws, chat: Any, room: str, user: str, *capabilities: str) -> Any:
    token = chat.create_chat_token(roomIdentifier=room, userId=user, capabilities=list(capabilities))["token"]
    return connected(aws, token)


@pytest.fixture(scope="module")
def chat(aws: Aws, member: boto3.Session) -> Any:
    return aws.client("ivschat", member)


class TestChat:
    def test_a_message_is_reviewed_and_logged(self, aws: Aws, member: boto3.Session, chat: Any) -> None:
        arn = function(aws, member, "review", REVIEW, role(aws, member, "review"), MemorySize=512)
        aws.client("lambda", member).invoke(FunctionName="review", Payload=b'{"Content": "warm"}')
        logs = aws.client("logs", member)
        logs.create_log_group(logGroupName="/creator/chat")
        destination = {"cloudWatchLogs": {"logGroupName": "/creator/chat"}}
        logging = chat.create_logging_configuration(destinationConfiguration=destination)
        room = chat.create_room(
            name="lobby", maximumMessageLength=20, messageReviewHandler={"uri": arn, "fallbackResult": "ALLOW"},
            loggingConfigurationIdentifiers=[logging["arn"]],
        )  # fmt: skip
        said = aws.sim("POST", "/chat/messages", json={"room": room["arn"], "user": "u1", "content": "hello"})
        assert said.json()["Content"] == "HELLO"
        assert (
            aws.sim("POST", "/chat/messages", json={"room": room["arn"], "user": "u1", "content": "spam"}).status_code
            == 406
        )
        assert (
            aws.sim("POST", "/chat/messages", json={"room": room["arn"], "user": "u1", "content": "x" * 21}).status_code
            == 400
        )
        lines = [json.loads(e["message"]) for e in logs.filter_log_events(logGroupName="/creator/chat")["events"]]
        assert [line["payload"]["Content"] for line in lines] == ["HELLO"]
        with pytest.raises(ClientError, match="ConflictException"):
            chat.delete_logging_configuration(identifier=logging["arn"])

    def test_viewers_hear_each_other(self, aws: Aws, chat: Any) -> None:
        room = chat.create_room(name="live")["arn"]
        with enter(aws, chat, room, "u1", "SEND_MESSAGE") as first, enter(aws, chat, room, "u2") as second:
            first.send(
                json.dumps({"Action": "SEND_MESSAGE", "RequestId": "r1", "Content": "hi", "Attributes": {"a": "b"}})
            )
            for socket in (first, second):
                heard = json.loads(socket.recv(timeout=60))
                assert (heard["Type"], heard["Content"], heard["Sender"]["UserId"]) == ("MESSAGE", "hi", "u1")
            second.send(json.dumps({"Action": "SEND_MESSAGE", "RequestId": "r2", "Content": "hi"}))
            assert json.loads(second.recv(timeout=60))["ErrorCode"] == 403
            chat.delete_message(roomIdentifier=room, id=heard["Id"])
            assert json.loads(second.recv(timeout=60))["EventName"] == "aws:DELETE_MESSAGE"

    def test_a_token_opens_one_connection(self, aws: Aws, chat: Any) -> None:
        room = chat.create_room(name="once")["arn"]
        token = chat.create_chat_token(roomIdentifier=room, userId="u1")["token"]
        with connected(aws, token):
            pass
        with pytest.raises(InvalidStatus), connected(aws, token):
            pass

    def test_tokens_and_moderation(self, chat: Any) -> None:
        room = chat.create_room(name="tokens", maximumMessageRatePerSecond=50)["arn"]
        token = chat.create_chat_token(
            roomIdentifier=room, userId="u1", capabilities=["SEND_MESSAGE"], attributes={"role": "member"}
        )
        assert token["token"]
        assert token["sessionExpirationTime"] > token["tokenExpirationTime"]
        assert chat.delete_message(roomIdentifier=room, id="message-0001", reason="rude")["id"]
        assert chat.send_event(roomIdentifier=room, eventName="poll")["id"]
        chat.disconnect_user(roomIdentifier=room, userId="u1")
        with pytest.raises(ClientError, match="ValidationException"):
            chat.create_room(maximumMessageRatePerSecond=101)
        assert chat.update_room(identifier=room, maximumMessageRatePerSecond=1)["maximumMessageRatePerSecond"] == 1
        chat.delete_room(identifier=room)
        with pytest.raises(ClientError, match="ResourceNotFoundException"):
            chat.create_chat_token(roomIdentifier=room, userId="u1")
