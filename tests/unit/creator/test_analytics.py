"""Counting visits without knowing who."""

import boto3
import pytest

from tests.unit.creator.conftest import REGION, Site

VISIT = {"type": "pageview", "path": "/shop"}
AGENT = {"user-agent": "Mozilla/5.0"}


class Stream:
    """What goes into the bucket."""

    def __init__(self) -> None:
        self.records: list[str] = []

    def put_record(self, *, DeliveryStreamName: str, Record: dict[str, bytes]) -> None:
        assert DeliveryStreamName == "visits"
        self.records.append(Record["Data"].decode())


@pytest.fixture(autouse=True)
def stream(site: Site, monkeypatch: pytest.MonkeyPatch) -> Stream:
    del site
    for name, value in {"FIREHOSE": "visits", "ANALYTICS_DAYS": "400", "SAMPLE": "1.0"}.items():
        monkeypatch.setenv(name, value)
    found = Stream()
    monkeypatch.setattr("programs.creator.modules.analytics.handlers.analytics.client", lambda _: found)
    return found


def today(site: Site) -> dict[str, int]:
    found = site.call("GET", "/analytics/summary", token=site.person("owner", "admin")).body
    assert len(found["days"]) == 7
    last: dict[str, int] = found["days"][-1]
    return last


def test_a_visitor_is_counted_once_a_day(site: Site) -> None:
    for ip in ("192.0.2.1", "192.0.2.1", "192.0.2.2"):
        site.ip = ip
        assert site.call("POST", "/analytics/collect", VISIT, headers=AGENT).status == 204
    assert site.call("POST", "/analytics/collect", {"type": "play", "path": "/"}, headers=AGENT).status == 204
    found = today(site)
    assert (found["pageview"], found["visitors"], found["play"]) == (3, 2, 1)


@pytest.mark.parametrize("wish", ["dnt", "sec-gpc"])
def test_who_does_not_want_it_is_not_counted(site: Site, stream: Stream, wish: str) -> None:
    assert site.call("POST", "/analytics/collect", VISIT, headers={**AGENT, wish: "1"}).status == 204
    assert (today(site)["pageview"], stream.records) == (0, [])


def test_nothing_of_a_person_is_kept(site: Site, stream: Stream) -> None:
    site.call("POST", "/analytics/collect", {**VISIT, "ref": "search.example", "w": 800}, headers=AGENT)
    tables = boto3.client("dynamodb", REGION)
    kept = [tables.scan(TableName=name)["Items"] for name in ("analytics-daily", "processed-events")]
    for place in (str(kept), str(stream.records)):
        assert "192.0.2.1" not in place
        assert "Mozilla" not in place
    assert "search.example" in stream.records[0]


@pytest.mark.parametrize(
    "wrong", [{"type": "steal"}, {"path": "shop"}, {"path": "/a?mail=x"}, {"path": "/" + "x" * 3000}]
)
def test_input_is_checked(site: Site, wrong: dict[str, str]) -> None:
    assert site.call("POST", "/analytics/collect", {**VISIT, **wrong}).status == 400


def test_only_the_creator_reads(site: Site) -> None:
    assert site.call("GET", "/analytics/summary", token=site.person("ada")).status == 403
    owner = site.person("owner", "admin")
    assert site.call("GET", "/analytics/summary?from=2026-01-01&to=2026-12-31", token=owner).status == 400


def test_pages_are_ranked(site: Site) -> None:
    for path in ("/", "/shop", "/shop"):
        site.call("POST", "/analytics/collect", {**VISIT, "path": path}, headers=AGENT)
    found = site.call("GET", "/analytics/summary", token=site.person("owner", "admin")).body["paths"]
    assert found == [{"path": "/shop", "views": 2}, {"path": "/", "views": 1}]


def test_nobody_fills_the_table_with_pages(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("programs.creator.modules.analytics.handlers.analytics.PAGES", 2)
    for path in ("/a", "/b", "/c", "/a"):
        assert site.call("POST", "/analytics/collect", {**VISIT, "path": path}, headers=AGENT).status == 204
    found = site.call("GET", "/analytics/summary", token=site.person("owner", "admin")).body
    assert found["paths"] == [{"path": "/a", "views": 2}, {"path": "/b", "views": 1}]
    assert found["days"][-1]["pageview"] == 4


def test_behind_the_cdn_the_visitor_is_not_the_cdn(site: Site) -> None:
    for visitor in ("198.51.100.1", "198.51.100.2"):
        headers = {**AGENT, "x-forwarded-for": f"10.0.0.1, {visitor}, 192.0.2.1"}
        site.call("POST", "/analytics/collect", VISIT, headers=headers)
    assert today(site)["visitors"] == 2
