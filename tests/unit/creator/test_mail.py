"""Mail that must arrive, whatever the transport says today."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
import pytest

from programs.creator.components.mail.handlers import mailer
from programs.creator.runtime import mail, outbox
from programs.creator.runtime.mail import Mail, Undeliverable
from tests.unit.creator.conftest import REGION, Site

LETTER = Mail("owner@creator.example", "Frage", "Wann ist die Premiere?", reply_to="dora@fan.example")
Answered = tuple[int, dict[str, str]]


class Transport:
    """Answers as it was told, then takes everything; knows its keys as Resend does: one team, whoever sends."""

    def __init__(self) -> None:
        self.answers: list[Answered] = []
        self.taken: dict[str, Any] = {}
        told = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                key = self.headers["idempotency-key"]
                refused: Answered | None = (409, {}) if told.taken.get(key, body) != body else None
                status, headers = told.answers.pop(0) if told.answers else refused or (200, {})
                if status == 200:
                    told.taken[key] = body
                self.send_response(status)
                for name, each in headers.items():
                    self.send_header(name, each)
                self.end_headers()
                self.wfile.write(b'{"id": "m"}')

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def transport(site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[Transport]:
    del site
    made = Transport()
    told = {"MAIL_TRANSPORT": "resend", "MAIL_FROM": "a <post@mail.anna.example>"}
    told["RESEND_ENDPOINT"] = f"http://127.0.0.1:{made.server.server_address[1]}"
    told["QUEUE_MAIL"] = boto3.client("sqs", REGION).create_queue(QueueName="mail")["QueueUrl"]
    for name, text in told.items():
        monkeypatch.setenv(name, text)
    yield made
    made.server.shutdown()
    made.server.server_close()


def carried(transport: Transport) -> list[dict[str, Any]]:
    """What the queue gives the mailer, until nothing is left that may be seen."""
    queue, answers = boto3.client("sqs", REGION), []
    url = queue.get_queue_url(QueueName="mail")["QueueUrl"]
    wanted = {"QueueUrl": url, "AttributeNames": ["ApproximateReceiveCount"]}
    while found := queue.receive_message(**wanted).get("Messages"):
        one = found[0]
        record = {"messageId": one["MessageId"], "receiptHandle": one["ReceiptHandle"], "body": one["Body"]}
        answers.append(mailer.handle({"Records": [record | {"attributes": one["Attributes"]}]}))
        if not answers[-1]["batchItemFailures"]:
            queue.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])
    return answers


def kept(transport: Transport) -> int:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    queue = boto3.client("sqs", REGION)
    url = queue.get_queue_url(QueueName="mail")["QueueUrl"]
    found = queue.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return sum(int(found[name]) for name in names)


@pytest.mark.parametrize("status", [401, 403, 409, 429, 500, 503])
def test_what_is_not_taken_waits_and_arrives_once(
    transport: Transport, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    monkeypatch.setattr(mailer, "FIRST", 0)
    transport.answers = [(status, {}), (503, {})]
    outbox.post(LETTER)
    assert (len(transport.taken), kept(transport)) == (0, 1)
    first, second = carried(transport)
    assert len(first["batchItemFailures"]) == 1
    assert second == {"batchItemFailures": []}
    [body] = transport.taken.values()
    assert (body["to"], body["text"], body["reply_to"]) == ([LETTER.to], LETTER.text, LETTER.reply_to)
    assert kept(transport) == 0


def test_each_try_waits_longer(transport: Transport) -> None:
    waits = []

    class Queue:
        def change_message_visibility(self, **about: Any) -> None:
            waits.append(about["VisibilityTimeout"])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mailer, "client", lambda _: Queue())
        for seen in (1, 2, 3, 9, 100):
            mailer._later({"attributes": {"ApproximateReceiveCount": str(seen)}, "receiptHandle": "x"})
    assert waits == [4, 8, 16, 900, 900]
    assert transport.taken == {}


def test_two_creators_may_be_told_the_same(transport: Transport, monkeypatch: pytest.MonkeyPatch) -> None:
    """To the transport they are one team: a key of one of them is known there when the other comes with it."""
    for tenant in ("one", "two"):
        monkeypatch.setenv("TENANT_ID", tenant)
        outbox.post(Mail(f"{tenant}@creator.example", "Frage", "x", key="order/1"))
    assert len(transport.taken) == 2
    assert kept(transport) == 0


def test_what_will_never_be_taken_is_said_at_once(transport: Transport) -> None:
    transport.answers = [(422, {})]
    with pytest.raises(Undeliverable):
        outbox.post(LETTER)
    assert kept(transport) == 0


def test_a_code_that_is_over_is_not_sent_any_more(transport: Transport) -> None:
    transport.answers = [(503, {})]
    outbox.post(Mail("a@fan.example", "Code", "123456", until=int(time.time()) - 1))
    assert carried(transport) == [{"batchItemFailures": []}]
    assert transport.taken == {}


def test_who_has_a_queue_already_waits_as_long_as_it_is_told(
    transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    transport.answers = [(429, {"retry-after": "1"}), (429, {"retry-after": "3600"}), (429, {})]
    mail.send(LETTER)
    assert pauses == [1, mail.LONGEST, 1]
    assert len(transport.taken) == 1
