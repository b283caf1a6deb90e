"""Live: a stream that is noticed and recorded, a room with order in it, and who is watching hears of it."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from socket import create_connection
from typing import Any

import httpx
import pytest
from websockets.sync.client import ClientConnection, connect

from tests.contract.aws.conftest import until
from tests.flow.creator.conftest import Creator


@pytest.fixture(scope="module")
def owner(creator: Creator) -> str:
    return creator.owner()


@contextmanager
def listening(creator: Creator, channel: str) -> Iterator[ClientConnection]:
    """As the site's own code does it, with what config.json says."""
    told = creator.report["outputs"]["config"]["realtime"]
    auth = {"host": told["host"], "x-api-key": told["key"]}
    header = base64.urlsafe_b64encode(json.dumps(auth).encode()).decode().rstrip("=")
    protocols: list[Any] = ["aws-appsync-event-ws", f"header-{header}"]
    place = create_connection(("127.0.0.1", creator.aws.port))
    with connect(f"ws://{told['socket']}/event/realtime", sock=place, subprotocols=protocols) as socket:
        socket.send(json.dumps({"type": "connection_init"}))
        heard(socket, "connection_ack")
        socket.send(json.dumps({"type": "subscribe", "id": "s", "channel": channel, "authorization": auth}))
        heard(socket, "subscribe_success")
        yield socket


def heard(socket: ClientConnection, kind: str) -> dict[str, Any]:
    while (message := json.loads(socket.recv(timeout=30)))["type"] != kind:
        assert message["type"] == "ka", message
    return dict(message)


def test_a_stream_is_announced_and_its_recording_listed(creator: Creator, owner: str) -> None:
    channel = creator.report["outputs"]["channel_arn"]
    ivs = creator.aws.client("ivs", creator.member())
    assert creator.call("GET", "/stream/status").json()["live"] is False
    with listening(creator, "/stream/state") as socket:
        creator.aws.sim("POST", "/streams", json={"channel": channel}).raise_for_status()
        event = json.loads(heard(socket, "data")["event"])
        assert (event["live"], event["playbackUrl"]) == (True, creator.report["outputs"]["playback_url"])
    assert creator.call("GET", "/stream/status").json()["streamId"] == event["streamId"]
    ivs.stop_stream(channelArn=channel)
    assert until(lambda: creator.call("GET", "/stream/status").json()["live"] is False, seconds=30)
    recording = until(lambda: recorded(creator, event["streamId"]), seconds=30)
    path = recording["url"].removeprefix("https://anna.example")
    host = {"host": creator.report["outputs"]["distribution_domain"]}
    assert httpx.get(f"{creator.aws.url}{path}", headers=host, trust_env=False).text.startswith("#EXTM3U")

    old = ivs.list_stream_keys(channelArn=channel)["streamKeys"][0]["arn"]
    assert creator.call("POST", "/stream/key/rotate", token=creator.token(creator.sign_up("lena"))).status_code == 403
    fresh = creator.call("POST", "/stream/key/rotate", token=owner).json()
    [key] = ivs.list_stream_keys(channelArn=channel)["streamKeys"]
    assert key["arn"] != old
    assert ivs.get_stream_key(arn=key["arn"])["streamKey"]["value"] == fresh["streamKey"]


def recorded(creator: Creator, stream: str) -> dict[str, Any] | None:
    items = creator.call("GET", "/stream/recordings").json()["items"]
    return next((row for row in items if row["streamId"] == stream), None)


def test_what_is_said_is_kept_and_can_be_taken_back(creator: Creator, owner: str) -> None:
    token = creator.token(creator.sign_up("mia"))
    entry = creator.call("POST", "/chat/token", token=token, json={"streamId": "s1"}).json()
    assert (entry["roomArn"], entry["canWrite"]) == (creator.report["outputs"]["room_arn"], True)
    edge = f"ws://edge.ivschat.eu-central-1.localhost:{creator.aws.port}/"
    place = create_connection(("127.0.0.1", creator.aws.port))
    with connect(edge, sock=place, subprotocols=[entry["token"]]) as room:
        until(lambda: is_reviewed(creator), seconds=30)  # a function that is cold is passed over
        for text in ("Hallo", "S P A M", "spam!"):
            room.send(json.dumps({"Action": "SEND_MESSAGE", "RequestId": text, "Content": text}))
        heard = [json.loads(room.recv(timeout=20)) for _ in range(3)]
        assert [message.get("Content") for message in heard] == ["Hallo", "S P A M", None]
        assert until(lambda: len(said(creator)) == 2, seconds=40)
        first = said(creator)[heard[0]["Id"]]
        assert (first["message"], first["username"]) == ("Hallo", "mia")
        assert creator.call("DELETE", f"/chat/messages/{first['messageId']}", token=token).status_code == 403
        assert creator.call("DELETE", f"/chat/messages/{first['messageId']}", token=owner).status_code == 204
        assert json.loads(room.recv(timeout=20))["EventName"] == "aws:DELETE_MESSAGE"
    first = said(creator)[heard[0]["Id"]]
    assert (first["message"], first["deleted"]) == ("", True)
    assert creator.call("POST", "/chat/users/nobody/disconnect", token=owner).status_code == 204


def said(creator: Creator) -> dict[str, dict[str, Any]]:
    items = creator.call("GET", "/chat/messages?streamId=s1").json()["items"]
    return {row["messageId"]: row for row in items}


def is_reviewed(creator: Creator) -> bool:
    function = creator.aws.client("lambda", creator.member())
    answer = function.invoke(FunctionName="creator-chat-review", Payload=b'{"Content": "spam"}')
    return bool(json.loads(answer["Payload"].read())["ReviewResult"] == "DENY")


def test_a_vote_is_heard(creator: Creator, owner: str) -> None:
    body = {"question": "Was kommt?", "options": ["A", "B"], "closesAt": 2**33}
    poll = creator.call("POST", "/polls", token=owner, json=body).json()["pollId"]
    with listening(creator, f"/polls/{poll}") as socket:
        assert creator.call("POST", f"/polls/{poll}/vote", token=owner, json={"choices": [1]}).status_code == 200
        assert json.loads(heard(socket, "data")["event"])["counts"] == [0, 1]


def test_visits_are_counted_through_the_cdn(creator: Creator, owner: str) -> None:
    host = {"host": creator.report["outputs"]["distribution_domain"], "user-agent": "Mozilla/5.0"}
    visit = {"type": "pageview", "path": "/shop", "ref": "search.example", "w": 1200}
    for more in ({}, {}, {"dnt": "1"}):
        sent = httpx.post(
            f"{creator.aws.url}/api/analytics/collect", headers={**host, **more}, json=visit, trust_env=False
        )
        assert sent.status_code == 204, sent.text
    [*_, today] = creator.call("GET", "/analytics/summary", token=owner).json()["days"]
    assert (today["pageview"], today["visitors"]) == (2, 1)
    store = creator.aws.client("s3", creator.member())
    bucket = f"cr-anna-{creator.account}-analytics"
    assert until(lambda: store.list_objects_v2(Bucket=bucket, Prefix="visits/").get("Contents"), seconds=20)
