"""Polls: one vote each, and counts that match the votes."""

import time
from typing import Any

import boto3
import pytest

from programs.creator.modules.polls import privacy
from tests.unit.creator.conftest import REGION, Site


@pytest.fixture(autouse=True)
def told(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLL_OPTIONS", "3")
    monkeypatch.setenv("LIVE_RESULTS", "no")


def asked(site: Site, **more: Any) -> str:
    body = {"question": "Was als Nächstes?", "options": ["A", "B", "C"], "closesAt": int(time.time()) + 60, **more}
    answer = site.call("POST", "/polls", body, token=site.person("owner", "admin"))
    assert answer.status == 201, answer.body
    return str(answer.body["pollId"])


def voted(site: Site, poll: str, who: str, *choices: int) -> int:
    return site.call("POST", f"/polls/{poll}/vote", {"choices": list(choices)}, token=site.person(who)).status


def counts(site: Site, poll: str) -> Any:
    site.call("PATCH", f"/polls/{poll}", {"status": "closed"}, token=site.person("owner", "admin"))
    return site.call("GET", f"/polls/{poll}").body["counts"]


def test_a_second_vote_is_refused_and_not_counted(site: Site) -> None:
    poll = asked(site)
    assert [voted(site, poll, "a", 1), voted(site, poll, "a", 2), voted(site, poll, "b", 1)] == [200, 409, 200]
    assert counts(site, poll) == [0, 2, 0]


def test_results_wait_for_the_end(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    poll = asked(site)
    assert "counts" not in site.call("GET", f"/polls/{poll}").body
    monkeypatch.setenv("LIVE_RESULTS", "yes")
    assert site.call("GET", f"/polls/{poll}").body["counts"] == [0, 0, 0]


def test_a_closed_poll_takes_no_vote(site: Site) -> None:
    poll = asked(site)
    assert counts(site, poll) == [0, 0, 0]
    assert voted(site, poll, "a", 1) == 410


def test_a_poll_ends_by_itself(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    poll, now = asked(site), time.time()
    monkeypatch.setattr("programs.creator.modules.polls.handlers.polls.time.time", lambda: now + 61)
    assert voted(site, poll, "a", 1) == 410
    assert site.call("GET", f"/polls/{poll}").body["status"] == "closed"


@pytest.mark.parametrize("choices", [[3], [0, 1], [1, 1], [], [-1]])
def test_choices_are_checked(site: Site, choices: list[int]) -> None:
    assert voted(site, asked(site), "a", *choices) == 400


def test_several_choices_where_they_are_wanted(site: Site) -> None:
    poll = asked(site, mode="multi")
    assert voted(site, poll, "a", 2, 0) == 200
    assert counts(site, poll) == [1, 0, 1]


def test_only_premium_members_vote_in_their_polls(site: Site) -> None:
    poll = asked(site, audience="premium")
    assert voted(site, poll, "a", 1) == 403
    body = {"choices": [1]}
    assert site.call("POST", f"/polls/{poll}/vote", body, token=site.person("b", "member", "premium")).status == 200


def test_only_the_creator_asks(site: Site) -> None:
    assert site.call("POST", "/polls", {}, token=site.person("a")).status == 403
    assert site.call("POST", "/polls", {}).status == 401


def test_listings_go_on_where_they_stopped_and_only_there(site: Site) -> None:
    made = {asked(site) for _ in range(21)}
    first = site.call("GET", "/polls").body
    second = site.call("GET", f"/polls?next={first['next']}").body
    assert {row["pollId"] for page in (first, second) for row in page["items"]} == made
    assert site.call("GET", f"/polls?status=closed&next={first['next']}").status == 400
    assert site.call("GET", "/polls?next=AAAA").status == 400


def test_erasing_takes_the_votes_and_leaves_the_counts(site: Site) -> None:
    poll = asked(site)
    assert voted(site, poll, "a", 1) == 200
    assert [vote["choices"] for vote in privacy.export("a", "")] == [[1]]
    assert privacy.erase("a", "") == {"votes": 1}
    assert boto3.client("dynamodb", REGION).scan(TableName="poll-votes")["Count"] == 0
    assert counts(site, poll) == [0, 1, 0]
