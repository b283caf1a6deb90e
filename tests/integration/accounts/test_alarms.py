"""An alarm in a creator's account becomes a condition of its tenant, and ends with it. Signed by the stand-in's SNS."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlmodel import select

from controlplane.accounts.models import Account
from controlplane.audit.service import tenant_recorder
from controlplane.core.ids import new_id
from controlplane.gateways import Gateways
from controlplane.inbox import tasks
from controlplane.inbox.models import EventState, InboxEvent
from tenants import service as tenants
from tenants.conditions import Concern
from tests.contract.aws.conftest import Aws
from tests.fixtures.http import Door
from tests.fixtures.polling import poll
from tests.integration.accounts.conftest import ordered, woken, work


@pytest.fixture
def box() -> Iterator[tuple[str, list[bytes]]]:
    """What SNS posts, as it came."""
    got: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/webhooks/aws", got
    server.shutdown()
    server.server_close()


def creator(gateways: Gateways, account: Account | None) -> str:
    with gateways.db.transaction() as session:
        new = tenants.NewTenant(
            id=new_id(), order_id=new_id(), customer_id="customer", product="creator", slug=f"anna-{new_id()[-8:]}",
            name="Anna", locale="de", spec={"owner_email": "anna@customer.example"},
        )  # fmt: skip
        tenant, _ = tenants.start(session, new, now=gateways.now(), record=tenant_recorder(session))
        if account:
            row = session.get_one(Account, account.id)
            row.tenant_id = tenant.id
            session.add(row)
    return tenant.id


def told(gateways: Gateways, http: TestClient, message: bytes) -> int:
    answer = http.post("/webhooks/aws", content=message)
    with gateways.db.transaction() as session:
        rows = session.exec(select(InboxEvent.id).where(InboxEvent.state == EventState.WAITING)).all()
    for row in rows:
        tasks.handle(gateways, row)
    return answer.status_code


def site(gateways: Gateways, tenant: str) -> tuple[str, str]:
    with gateways.db.transaction() as session:
        found = tenants.conditions(session, tenant)[Concern.SITE]
    return found.reason, found.detail


def test_from_alarm_to_condition(
    gateways: Gateways, aws: Aws, build_app: Callable[[Gateways], FastAPI], box: tuple[str, list[bytes]]
) -> None:
    url, got = box
    http = Door(build_app(gateways), gateways).anonymous()

    def hand_over(at: int) -> int:
        poll(lambda: len(got) > at)
        return told(gateways, http, got[at])

    account = work(gateways, ordered(gateways))
    tenant = creator(gateways, account)
    member = aws.assume(str(account.account_id))
    topics, watch = aws.client("sns", member), aws.client("cloudwatch", member)
    topic = topics.create_topic(Name="creator-alarms")["TopicArn"]
    topics.subscribe(TopicArn=topic, Protocol="http", Endpoint=url)
    assert hand_over(0) == 200
    confirmed = topics.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"][0]["SubscriptionArn"]
    assert confirmed.startswith(topic)

    watch.put_metric_alarm(
        AlarmName="creator-api-5xx", Namespace="N", MetricName="M", Statistic="Sum", Period=60, EvaluationPeriods=1,
        Threshold=1, ComparisonOperator="GreaterThanThreshold", AlarmActions=[topic], OKActions=[topic],
    )  # fmt: skip
    watch.set_alarm_state(AlarmName="creator-api-5xx", StateValue="ALARM", StateReason="test")
    assert hand_over(1) == 200
    assert site(gateways, tenant) == ("alarm", "creator-api-5xx")
    assert http.post("/webhooks/aws", content=got[1]).json() == {"new": False}

    watch.set_alarm_state(AlarmName="creator-api-5xx", StateValue="OK", StateReason="test")
    assert hand_over(2) == 200
    assert site(gateways, tenant) == ("", "")
    told_of_too_much_traffic(aws, member, url, hand_over)
    assert site(gateways, tenant) == ("alarm", "creator-site-traffic")
    assert [each.split(b":")[1] for each in woken(gateways)] == [tenant.encode()]  # its use is counted at once

    changed = {**json.loads(got[1]), "Message": "{}"}
    assert http.post("/webhooks/aws", content=json.dumps(changed).encode()).status_code == 401
    elsewhere = {**json.loads(got[1]), "SigningCertURL": "https://sns.example.com/x.pem"}
    assert http.post("/webhooks/aws", content=json.dumps(elsewhere).encode()).status_code == 401
    assert http.post("/webhooks/aws", content=b"[]").status_code == 422


def told_of_too_much_traffic(aws: Aws, member: boto3.Session, url: str, hand_over: Callable[[int], int]) -> None:
    """From what is measured, where the site is measured: nobody sets the state by hand."""
    watch, topics = (aws.client(name, member, "us-east-1") for name in ("cloudwatch", "sns"))
    topic = topics.create_topic(Name="creator-alarms")["TopicArn"]
    topics.subscribe(TopicArn=topic, Protocol="http", Endpoint=url)
    assert hand_over(3) == 200
    watch.put_metric_alarm(
        AlarmName="creator-site-traffic", Namespace="AWS/CloudFront", MetricName="BytesDownloaded", Statistic="Sum",
        Period=86_400, EvaluationPeriods=1, Threshold=18e9, ComparisonOperator="GreaterThanOrEqualToThreshold",
        AlarmActions=[topic], OKActions=[topic],
    )  # fmt: skip
    watch.put_metric_data(Namespace="AWS/CloudFront", MetricData=[{"MetricName": "BytesDownloaded", "Value": 19e9}])
    assert hand_over(4) == 200
