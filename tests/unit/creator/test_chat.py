"""Chat: the table follows the log, what was taken back stays taken back, and bad words are whole words."""

import json
import time
from pathlib import Path
from typing import Any

import boto3
import pytest

from programs.creator.modules.ivs_chat import privacy
from programs.creator.modules.ivs_chat.handlers import chat, messages, review
from programs.creator.modules.user_auth.handlers import people
from tests.unit.creator.conftest import REGION, Site

FIRST, SECOND = "message00001", "message00002"
LOG = "/aws/vendedlogs/ivschat/creator"


class Room:
    """The vendor's room: moto has none."""

    def __init__(self) -> None:
        self.told: list[tuple[str, dict[str, Any]]] = []

    def __getattr__(self, operation: str) -> Any:
        def call(**about: Any) -> dict[str, Any]:
            self.told.append((operation, about))
            return {"token": "t", "tokenExpirationTime": _Moment()}

        return call


class _Moment:
    def isoformat(self) -> str:
        return "2027-01-01T00:00:00+00:00"


@pytest.fixture(autouse=True)
def room(site: Site, monkeypatch: pytest.MonkeyPatch) -> Room:
    del site
    logs = boto3.client("logs", REGION)
    logs.create_log_group(logGroupName=LOG)
    logs.create_log_stream(logGroupName=LOG, logStreamName="room")
    told = {"ROOM": "arn:room", "CHAT_ENDPOINT": "wss://edge", "CHAT_LOG": LOG, "CHAT_DAYS": "30", "PREMIUM_ONLY": "no"}
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    found = Room()
    monkeypatch.setattr(chat, "client", lambda _: found)
    people.create("ada", email="ada@fan.example", username="ada", locale="de")
    people.update("ada", status="active")
    return found


def say(id: str, text: str, at: float = 0.0, who: str = "ada") -> None:
    moment = time.time() + at
    sent = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(moment)) + f".{int(moment * 1000) % 1000:03}Z"
    sender = {"UserId": who, "Attributes": {"username": who, "streamId": "s1"}}
    line = {"type": "MESSAGE", "payload": {"Id": id, "Content": text, "SendTime": sent, "Sender": sender}}
    event = {"timestamp": int(moment * 1000), "message": json.dumps(line)}
    boto3.client("logs", REGION).put_log_events(logGroupName=LOG, logStreamName="room", logEvents=[event])


def said(site: Site, **query: Any) -> list[dict[str, Any]]:
    messages.catch_up()
    more = "".join(f"&{name}={value}" for name, value in query.items())
    found: list[dict[str, Any]] = site.call("GET", f"/chat/messages?streamId=s1{more}").body["items"]
    return found


def test_the_log_is_read_once(site: Site) -> None:
    say(FIRST, "eins", -2)
    say(SECOND, "zwei", -1)
    assert [row["message"] for row in said(site)] == ["zwei", "eins"]
    assert len(said(site)) == 2
    [newest] = said(site, limit=1)
    assert [row["message"] for row in said(site, before=newest["at"])] == ["eins"]
    assert site.call("GET", "/chat/messages?limit=x").status == 400


def test_two_messages_of_one_moment_both_stay(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "crc32", lambda _: 0)
    moment = int(time.time())
    monkeypatch.setattr("tests.unit.creator.test_chat.time.time", lambda: moment)
    say(FIRST, "eins")
    say(SECOND, "zwei")
    assert {row["messageId"] for row in said(site)} == {row["messageId"] for row in said(site)} == {FIRST, SECOND}


def test_what_is_taken_back_stays_so(site: Site, room: Room) -> None:
    say(FIRST, "grob")
    owner = site.person("owner", "admin")
    assert site.call("DELETE", f"/chat/messages/{FIRST}", token=site.person("ada")).status == 403
    assert site.call("DELETE", f"/chat/messages/{FIRST}", token=owner).status == 204
    [row] = said(site)
    assert (row["message"], row["deleted"]) == ("", True)
    assert room.told[-1][0] == "delete_message"
    say(SECOND, "auch")
    assert len(said(site)) == 2
    assert site.call("DELETE", f"/chat/messages/{SECOND}", token=owner).status == 204
    assert [row["deleted"] for row in said(site)] == [True, True]


def test_the_name_in_the_room_is_ours(site: Site, room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = site.call("POST", "/chat/token", {"streamId": "s1"}, token=site.person("ada")).body
    assert (entry["token"], entry["canWrite"]) == ("t", True)
    _, asked = room.told[-1]
    assert asked["attributes"] == {"username": "ada", "role": "member", "streamId": "s1"}
    assert asked["capabilities"] == ["SEND_MESSAGE"]
    monkeypatch.setenv("PREMIUM_ONLY", "yes")
    assert site.call("POST", "/chat/token", {}, token=site.person("ada")).body["canWrite"] is False
    assert site.call("POST", "/chat/token", {}, token=site.person("ada", "premium")).body["canWrite"] is True
    assert site.call("POST", "/chat/token", {}, token=site.person("nobody")).status == 403


def test_only_the_creator_shows_the_door(site: Site, room: Room) -> None:
    assert site.call("POST", "/chat/users/ada/disconnect", token=site.person("ada")).status == 403
    assert site.call("POST", "/chat/users/ada/disconnect", token=site.person("owner", "admin")).status == 204
    assert room.told[-1] == ("disconnect_user", {"roomIdentifier": "arn:room", "userId": "ada", "reason": "moderation"})


@pytest.mark.parametrize(
    ("text", "denied"),
    [
        ("So ein Mist!", True),
        ("MIST", True),
        ("Optimist", False),
        ("böses  wort", True),
        ("ｍｉｓｔ", True),
        ("gut", False),
    ],
)
def test_blocked_are_whole_words(monkeypatch: pytest.MonkeyPatch, text: str, denied: bool) -> None:
    monkeypatch.setenv("BLOCKED_WORDS", "Mist\nböses Wort\n")
    assert review.handle({"Content": text})["ReviewResult"] == ("DENY" if denied else "ALLOW")


def test_the_review_imports_nothing_that_takes_time() -> None:
    lines = Path(review.__file__).read_text().splitlines()
    imported = {line.split()[1] for line in lines if line.startswith(("import ", "from "))}
    assert imported <= {"re", "unicodedata", "collections.abc", "typing", "programs.creator.runtime.settings"}


def test_erasing_leaves_a_gap(site: Site) -> None:
    say(FIRST, "eins")
    say(SECOND, "zwei", who="ben")
    said(site)
    assert [row["message"] for row in privacy.export("ada", "")] == ["eins"]
    assert privacy.erase("ada", "") == {"messages": 1}
    assert privacy.export("ada", "") == []
    assert {row["username"] for row in said(site)} == {"", "ben"}
