"""Webhooks: verified with the official SDK, tried again, replayed, and troubled on demand."""

import uuid
from datetime import timedelta
from typing import Any

import httpx
import pytest
import resend
from resend.exceptions import ResendError

from sandbox.control.client import Control
from tests.contract.control.process import until
from tests.contract.resend.conftest import publish
from tests.contract.resend.receiver import Receiver, Request

EVERYTHING: Any = [
    *("email.sent", "email.delivered", "email.delivery_delayed", "email.bounced", "email.complained", "email.failed"),
    *("email.suppressed", "domain.created", "domain.updated", "domain.deleted"),
]


@pytest.fixture
def path() -> str:
    return uuid.uuid4().hex


def listen(receiver: Receiver, path: str, events: Any = EVERYTHING) -> Any:
    return resend.Webhooks.create({"endpoint": receiver.url(path), "events": events})


def send(domain: dict[str, Any], **changes: Any) -> str:
    params = {"from": f"a@{domain['name']}", "to": "mara@customers.example", "subject": "s", "text": "t"}
    whole: Any = {**params, **changes}
    return str(resend.Emails.send(whole)["id"])


def arrived(receiver: Receiver, path: str, type: str, count: int = 1) -> list[Request]:
    def found() -> list[Request]:
        return [request for request in receiver.at(path) if f'"type":"{type}"' in request.body]

    until(lambda: len(found()) >= count)
    return found()


class TestDelivery:
    def test_signed_as_the_sdk_verifies(self, domain: dict[str, Any], receiver: Receiver, path: str) -> None:
        webhook = listen(receiver, path)
        id = send(domain, tags=[{"name": "tenant", "value": "t_1"}])
        (request,) = arrived(receiver, path, "email.delivered")
        event = request.verified(webhook["signing_secret"])
        assert event["type"] == "email.delivered"
        assert event["data"]["email_id"] == id
        assert event["data"]["to"] == ["mara@customers.example"]
        assert event["data"]["tags"] == {"tenant": "t_1"}
        with pytest.raises(ValueError, match="no matching signature"):
            request.verified("whsec_" + "A" * 32)
        assert [r.verified(webhook["signing_secret"])["type"] for r in receiver.at(path)] == [
            "email.sent",
            "email.delivered",
        ]

    def test_only_what_was_asked_for(self, domain: dict[str, Any], receiver: Receiver, path: str) -> None:
        listen(receiver, path, ["email.delivered"])
        send(domain)
        arrived(receiver, path, "email.delivered")
        assert len(receiver.at(path)) == 1

    def test_domain_events(self, team: str, name: str, receiver: Receiver, path: str, sim: httpx.Client) -> None:
        secret = listen(receiver, path)["signing_secret"]
        domain = resend.Domains.create({"name": name})
        publish(sim, domain)
        resend.Domains.verify(domain["id"])
        until(lambda: resend.Domains.get(domain["id"])["status"] == "verified")
        resend.Domains.remove(domain["id"])
        arrived(receiver, path, "domain.deleted")
        events = {r.id: r.verified(secret) for r in receiver.at(path)}.values()
        assert {(event["type"], event["data"]["status"]) for event in events} == {
            ("domain.created", "not_started"),
            ("domain.updated", "pending"),
            ("domain.updated", "verified"),
            ("domain.deleted", "verified"),
        }

    def test_tried_again_with_growing_pauses(
        self, domain: dict[str, Any], receiver: Receiver, path: str, control: Control
    ) -> None:
        webhook = listen(receiver, path, ["email.sent"])
        receiver.refusals[path] = 2
        send(domain)
        (first,) = arrived(receiver, path, "email.sent")
        message = until(lambda: _message(webhook, "attempting"))
        assert resend.Webhooks.get_event(webhook["id"], message["id"])["next_attempt_at"]
        control.advance(timedelta(seconds=6))
        arrived(receiver, path, "email.sent", 2)
        until(lambda: len(_attempts(webhook, message)) == 2)
        control.advance(timedelta(seconds=200))
        assert len(receiver.at(path)) == 2
        control.advance(timedelta(seconds=200))
        requests = arrived(receiver, path, "email.sent", 3)
        assert {request.id for request in requests} == {first.id}
        assert requests[2].verified(webhook["signing_secret"])["type"] == "email.sent"
        until(lambda: _message(webhook, "success"))
        assert [attempt["http_status_code"] for attempt in _attempts(webhook, message)] == [204, 500, 500]

    def test_given_up_after_the_last_pause_and_replayed_by_hand(
        self, domain: dict[str, Any], receiver: Receiver, path: str, control: Control
    ) -> None:
        webhook = listen(receiver, path, ["email.sent"])
        receiver.refusals[path] = 8
        send(domain)
        for count in range(1, 9):
            arrived(receiver, path, "email.sent", count)
            until(lambda: len(_attempts(webhook, _message(webhook))) == count)  # noqa: B023 -- called at once
            control.advance(timedelta(hours=11))
        message = until(lambda: _message(webhook, "failed"))
        assert resend.Webhooks.replay_event(webhook["id"], message["id"])["id"] == message["id"]
        requests = arrived(receiver, path, "email.sent", 9)
        assert requests[-1].id == message["id"]
        until(lambda: _message(webhook, "success"))

    def test_a_dead_endpoint_is_logged_without_a_status(
        self, domain: dict[str, Any], receiver: Receiver, path: str
    ) -> None:
        webhook = resend.Webhooks.create({"endpoint": "http://127.0.0.1:1/", "events": ["email.sent"]})
        send(domain)
        message = until(lambda: _message(webhook, "attempting"))
        assert _attempts(webhook, message)[0]["http_status_code"] == 0
        assert resend.Webhooks.get_event(webhook["id"], message["id"])["payload"]["type"] == "email.sent"


class TestTroubles:
    def test_duplicate(self, domain: dict[str, Any], receiver: Receiver, path: str, control: Control) -> None:
        listen(receiver, path, ["email.sent"])
        control.add_fault("resend", "webhook email.sent", "duplicate", times=1)
        send(domain)
        first, second = arrived(receiver, path, "email.sent", 2)
        assert (first.id, first.body) == (second.id, second.body)

    def test_reorder(self, domain: dict[str, Any], receiver: Receiver, path: str, control: Control) -> None:
        listen(receiver, path, ["email.sent", "email.delivered"])
        control.add_fault("resend", "webhook email.sent", "reorder", times=1, seconds=1)
        send(domain)
        arrived(receiver, path, "email.sent")
        assert ["delivered" in request.body for request in receiver.at(path)] == [True, False]

    def test_lost_and_found_by_replay(
        self, domain: dict[str, Any], receiver: Receiver, path: str, control: Control
    ) -> None:
        webhook = listen(receiver, path, ["email.sent", "email.delivered"])
        control.add_fault("resend", "webhook email.sent", "lost", times=1)
        send(domain)
        arrived(receiver, path, "email.delivered")
        assert len(receiver.at(path)) == 1
        message = _message(webhook, "pending")
        assert message["type"] == "email.sent"
        resend.Webhooks.replay_event(webhook["id"], message["id"])
        arrived(receiver, path, "email.sent")

    def test_forged(self, domain: dict[str, Any], receiver: Receiver, path: str, control: Control) -> None:
        webhook = listen(receiver, path, ["email.sent"])
        control.add_fault("resend", "webhook email.sent", "forged", times=1)
        send(domain)
        (request,) = arrived(receiver, path, "email.sent")
        with pytest.raises(ValueError, match="no matching signature"):
            request.verified(webhook["signing_secret"])


class TestEndpoints:
    def test_read_change_disable_delete(self, domain: dict[str, Any], receiver: Receiver, path: str) -> None:
        webhook = listen(receiver, path)
        got = resend.Webhooks.get(webhook["id"])
        assert (got["endpoint"], got["status"], got["events"]) == (receiver.url(path), "enabled", EVERYTHING)
        assert got["signing_secret"] == webhook["signing_secret"]
        assert "signing_secret" not in resend.Webhooks.list()["data"][0]
        resend.Webhooks.update({"webhook_id": webhook["id"], "status": "disabled", "events": ["email.sent"]})
        send(domain)
        assert resend.Webhooks.list_events(webhook["id"])["data"] == []
        assert resend.Webhooks.remove(webhook["id"])["deleted"] is True
        with pytest.raises(ResendError) as refusal:
            resend.Webhooks.get(webhook["id"])
        assert refusal.value.code == 404

    def test_both_secrets_hold_for_a_day_after_rotation(
        self, domain: dict[str, Any], receiver: Receiver, path: str, control: Control
    ) -> None:
        webhook = listen(receiver, path, ["email.sent"])
        new = resend.Webhooks.rotate_signing_secret(webhook["id"])["signing_secret"]
        assert new != webhook["signing_secret"]
        send(domain)
        (request,) = arrived(receiver, path, "email.sent")
        assert request.verified(new) == request.verified(webhook["signing_secret"])
        control.advance(timedelta(hours=25))
        send(domain)
        later = arrived(receiver, path, "email.sent", 2)[-1]
        assert later.verified(new)
        with pytest.raises(ValueError, match="no matching signature"):
            later.verified(webhook["signing_secret"])

    @pytest.mark.parametrize(
        "params", [{"endpoint": "no url"}, {"endpoint": ""}, {"events": []}, {"events": ["email.eaten"]}]
    )
    def test_a_wrong_field(self, team: str, params: Any) -> None:
        with pytest.raises(ResendError) as refusal:
            resend.Webhooks.create({"endpoint": "https://shop.example/hook", "events": ["email.sent"], **params})
        assert refusal.value.code == 422


def _message(webhook: Any, status: str | None = None) -> Any:
    events = resend.Webhooks.list_events(webhook["id"])["data"]
    return next((event for event in events if status in {None, event["status"]}), None)


def _attempts(webhook: Any, message: Any) -> list[Any]:
    return list(resend.Webhooks.list_event_attempts(webhook["id"], message["id"])["data"])
