"""The newsletter: a second yes, one letter each, and a way out."""

import json
import re
import uuid
from typing import Any

import boto3
import pytest

from programs.creator.modules.newsletter import privacy
from programs.creator.modules.newsletter.handlers import feedback, newsletter, sender
from programs.creator.runtime import once
from programs.creator.runtime.errors import Problem
from programs.creator.runtime.mail import Mail, Undeliverable
from tests.unit.creator.conftest import REGION, Site

ADA, BEN = "ada@fan.example", "ben@fan.example"
LETTER = {"subject": "Neues", "html": "<p>Hallo</p>", "text": "Hallo"}


@pytest.fixture(autouse=True)
def queue(site: Site, mails: list[Mail], monkeypatch: pytest.MonkeyPatch) -> str:
    url = str(boto3.client("sqs", REGION).create_queue(QueueName="news")["QueueUrl"])
    monkeypatch.setenv("QUEUE_NEWS", url)
    monkeypatch.setenv("NEWS_FROM", "Anna <news@mail.anna.example>")
    return url


def subscribed(site: Site, address: str) -> str:
    """The link in the mail."""
    assert site.call("POST", "/newsletter/subscribe", {"email": address}).status == 202
    found = re.search(r"/newsletter/confirm\S+", site.mails[-1].text)
    assert found
    assert site.mails[-1].to == address
    return found[0]


def confirmed(site: Site, *addresses: str) -> None:
    for address in addresses:
        assert site.call("GET", subscribed(site, address)).status == 302
    site.mails.clear()


def started(site: Site, key: str = "") -> str:
    headers = {"idempotency-key": key or str(uuid.uuid4())}
    token = site.person("owner", "admin")
    answer = site.call("POST", "/newsletter/campaigns", LETTER, token=token, headers=headers)
    assert answer.status == 202, answer.body
    return str(answer.body["campaignId"])


def run(queue: str) -> list[Any]:
    """Hands what is in the queue to the sender until nothing is left; what failed."""
    client, failed = boto3.client("sqs", REGION), []
    while found := client.receive_message(QueueUrl=queue, MaxNumberOfMessages=1).get("Messages"):
        records = [{"messageId": each["MessageId"], "body": each["Body"]} for each in found]
        failed += sender.handle({"Records": records})["batchItemFailures"]
        client.delete_message(QueueUrl=queue, ReceiptHandle=found[0]["ReceiptHandle"])
    return failed


def status(site: Site, address: str) -> str:
    return str(privacy.export("", address)[0]["status"])


class TestSubscribing:
    def test_only_the_link_in_the_mail_subscribes(self, site: Site) -> None:
        link = subscribed(site, ADA)
        assert status(site, ADA) == "pending"
        assert site.call("GET", f"{link[:-1]}{'0' if link[-1] != '0' else '1'}").status == 400
        assert site.call("GET", "/newsletter/confirm").status == 400
        assert [site.call("GET", link).status for _ in range(2)] == [302, 302]
        assert status(site, ADA) == "confirmed"

    def test_who_is_subscribed_stays_a_secret(self, site: Site) -> None:
        confirmed(site, ADA)
        assert site.call("POST", "/newsletter/subscribe", {"email": ADA}).status == 202
        assert site.mails == []

    def test_an_address_is_not_asked_again_and_again(self, site: Site) -> None:
        subscribed(site, ADA)
        assert site.call("POST", "/newsletter/subscribe", {"email": ADA}).status == 202
        assert len(site.mails) == 1

    def test_an_old_link_does_not_bring_back_who_left(self, site: Site, queue: str) -> None:
        link = subscribed(site, ADA)
        site.call("GET", link)
        started(site)
        run(queue)
        leave = site.mails[-1].headers["List-Unsubscribe"].strip("<>").split("/api")[1]
        assert site.call("POST", leave).status == 200
        assert site.call("GET", link).status == 302
        assert status(site, ADA) == "unsubscribed"


class TestLetters:
    def test_each_confirmed_address_gets_one(self, site: Site, queue: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sender, "PAGE", 2)
        confirmed(site, *(f"fan{number}@fan.example" for number in range(5)))
        subscribed(site, BEN)
        site.mails.clear()
        campaign = started(site)
        assert run(queue) == []
        assert sorted(mail.to for mail in site.mails) == [f"fan{number}@fan.example" for number in range(5)]
        [shown] = site.call("GET", "/newsletter/campaigns", token=site.person("o", "admin")).body["items"]
        assert (shown["campaignId"], shown["sent"]) == (campaign, 5)

    def test_a_message_delivered_twice_sends_once(self, site: Site, queue: str) -> None:
        confirmed(site, ADA)
        campaign = started(site)
        run(queue)
        boto3.client("sqs", REGION).send_message(QueueUrl=queue, MessageBody=json.dumps({"campaignId": campaign}))
        run(queue)
        assert [mail.to for mail in site.mails] == [ADA]

    def test_a_repeated_request_is_one_letter(self, site: Site, queue: str) -> None:
        confirmed(site, ADA)
        key = str(uuid.uuid4())
        assert started(site, key) == started(site, key)
        run(queue)
        assert len(site.mails) == 1

    def test_a_transport_that_is_down_is_tried_again(
        self, site: Site, queue: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        confirmed(site, ADA)
        campaign = started(site)

        def fail(_: Mail) -> str:
            raise Problem("unavailable", "down")

        with monkeypatch.context() as patch:
            patch.setattr(sender, "send", fail)
            assert len(run(queue)) == 1
        boto3.client("sqs", REGION).send_message(QueueUrl=queue, MessageBody=json.dumps({"campaignId": campaign}))
        assert run(queue) == []
        assert [mail.to for mail in site.mails] == [ADA]

    def test_one_bad_address_holds_nobody_up(self, site: Site, queue: str, monkeypatch: pytest.MonkeyPatch) -> None:
        confirmed(site, ADA, BEN)
        started(site)
        keep = sender.send

        def send(mail: Mail) -> str:
            if mail.to == ADA:
                raise Undeliverable("unavailable", "no such address")
            return keep(mail)

        monkeypatch.setattr(sender, "send", send)
        assert run(queue) == []
        assert [mail.to for mail in site.mails] == [BEN]
        assert status(site, ADA) == "bounced"

    def test_only_the_creator_writes(self, site: Site) -> None:
        headers = {"idempotency-key": str(uuid.uuid4())}
        answer = site.call("POST", "/newsletter/campaigns", LETTER, token=site.person("a"), headers=headers)
        assert answer.status == 403


def told(kind: str, *addresses: str, permanent: bool = True) -> None:
    """As SES tells the topic, and the topic the function."""
    recipients = [{"emailAddress": address} for address in addresses]
    details: dict[str, dict[str, Any]] = {
        "Bounce": {
            "bounce": {"bounceType": "Permanent" if permanent else "Transient", "bouncedRecipients": recipients}
        },
        "Complaint": {"complaint": {"complainedRecipients": recipients}},
        "Delivery": {"delivery": {"recipients": list(addresses)}},
    }
    message = json.dumps({"eventType": kind, **details[kind]})
    feedback.handle({"Records": [{"Sns": {"Message": message}}]})


class TestFeedback:
    def test_what_cannot_arrive_and_who_complains_get_no_more(self, site: Site, queue: str) -> None:
        confirmed(site, ADA, BEN)
        told("Delivery", ADA)
        told("Bounce", ADA, permanent=False)
        assert status(site, ADA) == "confirmed"
        told("Bounce", ADA.upper(), "stranger@fan.example")
        told("Complaint", BEN)
        told("Complaint", BEN)  # told twice is told once
        started(site)
        run(queue)
        assert site.mails == []
        assert {status(site, ADA), status(site, BEN)} == {"bounced"}

    def test_it_outlives_the_subscriber_without_saying_who(self, site: Site) -> None:
        confirmed(site, ADA, BEN)
        told("Complaint", ADA)
        for address in (ADA, BEN):
            assert privacy.erase("", address) == {"subscriptions": 1}
        kept = boto3.client("dynamodb", REGION).scan(TableName="subscribers")["Items"]
        assert sorted(row["reason"]["S"] for row in kept) == ["complained", "erased"]
        assert "fan.example" not in str(kept)
        assert site.call("POST", "/newsletter/subscribe", {"email": ADA}).status == 202
        assert site.mails == []
        once.forget(f"news#{newsletter._hash(BEN)}")  # a while later
        subscribed(site, BEN)  # who asks anew, after being erased, is asked


def test_erasing_forgets_the_subscription(site: Site, queue: str) -> None:
    confirmed(site, ADA)
    started(site)
    assert privacy.erase("", ADA) == {"subscriptions": 1}
    run(queue)
    assert site.mails == []
    assert privacy.export("", ADA) == []
