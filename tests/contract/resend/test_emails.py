"""Sending, reading, scheduling and refusing mails with the official SDK."""

import asyncio
import base64
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import httpx
import pytest
import resend
from resend.exceptions import MissingRequiredFieldsError, ResendError, ValidationError

from sandbox.control.client import Control
from tests.contract.control.process import Vendors, until


def mail(domain: dict[str, Any], **changes: Any) -> Any:
    whole = {"from": f"Studio <hello@{domain['name']}>", "to": "mara@customers.example", "subject": "Ready"}
    return {**whole, "text": "Your site is ready.", **changes}


def state(id: str) -> str:
    return str(resend.Emails.get(id)["last_event"])


class TestSending:
    def test_sent_and_delivered_with_all_its_parts(self, domain: dict[str, Any]) -> None:
        parts = {
            "to": ["Mara <mara@customers.example>", "jo@customers.example"],
            "cc": "copy@customers.example",
            "bcc": ["blind@customers.example"],
            "reply_to": "support@studio.example",
            "html": "<p>Your site is ready.</p>",
            "headers": {"X-Entity-Ref-ID": "7"},
            "tags": [{"name": "tenant", "value": "t_1"}],
        }
        sent = resend.Emails.send(mail(domain, **parts))
        until(lambda: state(sent["id"]) == "delivered")
        got: Any = resend.Emails.get(sent["id"])
        assert got["object"] == "email"
        assert (got["to"], got["cc"], got["bcc"]) == (parts["to"], [parts["cc"]], parts["bcc"])
        assert (got["reply_to"], got["html"], got["text"]) == (
            [parts["reply_to"]],
            parts["html"],
            "Your site is ready.",
        )
        assert got["from"] == f"Studio <hello@{domain['name']}>"
        assert got["message_id"].startswith("<")
        assert got["tags"] == parts["tags"]

    def test_the_asynchronous_client_too(self, domain: dict[str, Any]) -> None:
        sent = asyncio.run(resend.Emails.send_async(mail(domain)))
        assert resend.Emails.get(sent["id"])["subject"] == "Ready"

    def test_attachments(self, domain: dict[str, Any], vendors: Vendors) -> None:
        content = b"%PDF-1.7 invoice"
        entries = [
            {"filename": "invoice.pdf", "content": base64.b64encode(content).decode()},
            {"filename": "logo.png", "content": list(b"\x89PNG"), "content_id": "logo"},
        ]
        sent = resend.Emails.send(mail(domain, attachments=entries))
        listed = resend.Emails.Attachments.list(sent["id"])["data"]
        assert [(a["filename"], a["size"], a["content_type"]) for a in listed] == [
            ("invoice.pdf", 16, "application/pdf"),
            ("logo.png", 4, "image/png"),
        ]
        one = resend.Emails.Attachments.get(sent["id"], listed[1]["id"])
        assert (one["content_disposition"], one["content_id"]) == ("inline", "logo")
        assert httpx.get(listed[0]["download_url"]).content == content

    def test_list_goes_through_all_pages_in_both_directions(self, domain: dict[str, Any]) -> None:
        ids = [resend.Emails.send(mail(domain, subject=f"No. {n}"))["id"] for n in range(5)][::-1]
        first = resend.Emails.list({"limit": 2})
        assert ([entry["id"] for entry in first["data"]], first["has_more"]) == (ids[:2], True)
        second = resend.Emails.list({"limit": 2, "after": ids[1]})
        assert ([entry["id"] for entry in second["data"]], second["has_more"]) == (ids[2:4], True)
        last = resend.Emails.list({"limit": 2, "after": ids[3]})
        assert ([entry["id"] for entry in last["data"]], last["has_more"]) == (ids[4:], False)
        back = resend.Emails.list({"limit": 2, "before": ids[2]})
        assert ([entry["id"] for entry in back["data"]], back["has_more"]) == (ids[:2], False)

    @pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 101}, {"after": "x"}, {"after": "x", "before": "y"}])
    def test_a_wrong_page_is_refused(self, team: str, query: Any) -> None:
        with pytest.raises(ValidationError):
            resend.Emails.list(query)

    def test_a_mail_of_another_team_is_not_found(self, domain: dict[str, Any]) -> None:
        sent = resend.Emails.send(mail(domain))
        resend.api_key = "re_initial"
        with pytest.raises(ResendError) as refusal:
            resend.Emails.get(sent["id"])
        assert (refusal.value.code, refusal.value.error_type) == (404, "not_found")


class TestRefusals:
    @pytest.mark.parametrize("field", ["from", "to", "subject", "text"])
    def test_a_missing_field(self, domain: dict[str, Any], field: str) -> None:
        params = mail(domain)
        del params[field]
        with pytest.raises(MissingRequiredFieldsError) as refusal:
            resend.Emails.send(params)
        assert (refusal.value.code, refusal.value.error_type) == (422, "missing_required_field")

    @pytest.mark.parametrize(
        "change",
        [
            {"from": "no address"},
            {"to": "no address"},
            {"to": [f"p{n}@customers.example" for n in range(51)]},
            {"cc": ["fine@customers.example", "bad@"]},
            {"subject": "two\nlines"},
            {"headers": {"X-Evil": "a\r\nBcc: all@customers.example"}},
            {"tags": [{"name": "with space", "value": "x"}]},
            {"scheduled_at": "yesterday-ish"},
            {"scheduled_at": "2001-01-01T00:00:00Z"},
            {"scheduled_at": "in 31 days"},
            {"replyTo": "wrong-case@customers.example"},
            {"template": {"id": "t"}},
        ],
        ids=lambda change: next(iter(change)),
    )
    def test_a_wrong_field(self, domain: dict[str, Any], change: dict[str, Any]) -> None:
        with pytest.raises(ValidationError) as refusal:
            resend.Emails.send(mail(domain, **change))
        assert refusal.value.code == 422

    @pytest.mark.parametrize(
        "attachment",
        [
            {"filename": "setup.exe", "content": "AAAA"},
            {"filename": "x.txt", "content": "*not base64*"},
            {"content": "AAAA"},
            {"filename": "x.txt", "path": "https://files.example/x.txt"},
        ],
        ids=["program", "encoding", "nameless", "remote"],
    )
    def test_a_wrong_attachment(self, domain: dict[str, Any], attachment: dict[str, Any]) -> None:
        with pytest.raises(ResendError) as refusal:
            resend.Emails.send(mail(domain, attachments=[attachment]))
        assert (refusal.value.code, refusal.value.error_type) == (422, "invalid_attachment")

    def test_too_large(self, domain: dict[str, Any]) -> None:
        content = base64.b64encode(bytes(31 * 1024 * 1024)).decode()
        with pytest.raises(ResendError) as refusal:
            resend.Emails.send(mail(domain, attachments=[{"filename": "x.bin", "content": content}]))
        assert refusal.value.error_type == "invalid_attachment"

    def test_an_unverified_domain(self, team: str, name: str) -> None:
        resend.Domains.create({"name": name})
        for sender in (name, f"sub.{name}", "somebody-else.example"):
            with pytest.raises(ResendError) as refusal:
                resend.Emails.send(mail({"name": sender}))
            assert (refusal.value.code, refusal.value.error_type) == (403, "validation_error")
            assert f"The {sender} domain is not verified" in refusal.value.message

    def test_the_testing_domain_writes_to_testers_only(self, team: str) -> None:
        params = mail({"name": "resend.dev"}, to="delivered@resend.dev")
        assert resend.Emails.send(params)["id"]
        with pytest.raises(ResendError, match="only send testing emails") as refusal:
            resend.Emails.send(mail({"name": "resend.dev"}))
        assert refusal.value.code == 403


class TestBatch:
    def test_all_or_nothing_by_default(self, domain: dict[str, Any]) -> None:
        good, bad = mail(domain), mail(domain, to="no address")
        with pytest.raises(ValidationError):
            resend.Batch.send([good, bad])
        assert resend.Emails.list()["data"] == []
        answer = resend.Batch.send([good, good])
        assert len(resend.Emails.list()["data"]) == len(answer["data"]) == 2

    def test_permissive_sends_the_good_ones(self, domain: dict[str, Any]) -> None:
        params = [mail(domain, to="no address"), mail(domain), mail(domain, attachments=[{"filename": "x"}])]
        answer = resend.Batch.send(params, {"batch_validation": "permissive"})
        assert [error["index"] for error in answer["errors"]] == [0, 2]
        assert [entry["id"] for entry in answer["data"]] == [entry["id"] for entry in resend.Emails.list()["data"]]

    @pytest.mark.parametrize("size", [0, 101])
    def test_size(self, domain: dict[str, Any], size: int) -> None:
        with pytest.raises(ValidationError):
            resend.Batch.send([mail(domain)] * size)


class TestScheduled:
    def test_goes_out_when_the_emulated_time_comes(self, domain: dict[str, Any], control: Control) -> None:
        sent = resend.Emails.send(mail(domain, scheduled_at="in 2 hours"))
        assert state(sent["id"]) == "scheduled"
        control.advance(timedelta(hours=2, seconds=1))
        until(lambda: state(sent["id"]) == "delivered")

    def test_moved_and_cancelled(self, domain: dict[str, Any], control: Control) -> None:
        moved = resend.Emails.send(mail(domain, scheduled_at="in 1 hour"))["id"]
        cancelled = resend.Emails.send(mail(domain, scheduled_at="in 1 hour"))["id"]
        later = (control.now() + timedelta(hours=5)).isoformat()
        assert resend.Emails.update({"id": moved, "scheduled_at": later})["id"] == moved
        assert resend.Emails.cancel(cancelled)["id"] == cancelled
        control.advance(timedelta(hours=2))
        assert (state(moved), state(cancelled)) == ("scheduled", "canceled")
        control.advance(timedelta(hours=4))
        until(lambda: state(moved) == "delivered")
        assert state(cancelled) == "canceled"

    def test_what_is_sent_cannot_be_changed(self, domain: dict[str, Any]) -> None:
        id = resend.Emails.send(mail(domain))["id"]
        with pytest.raises(ValidationError):
            resend.Emails.cancel(id)
        with pytest.raises(ValidationError):
            resend.Emails.update({"id": id, "scheduled_at": "in 1 hour"})

    def test_fails_when_the_domain_is_gone_by_then(self, domain: dict[str, Any], control: Control) -> None:
        id = resend.Emails.send(mail(domain, scheduled_at="in 1 hour"))["id"]
        resend.Domains.remove(domain["id"])
        assert state(id) == "scheduled"
        control.advance(timedelta(hours=2))
        until(lambda: state(id) == "failed")


class TestIdempotency:
    def test_the_same_request_is_sent_once(self, domain: dict[str, Any]) -> None:
        key = uuid.uuid4().hex
        answers = {resend.Emails.send(mail(domain), {"idempotency_key": key})["id"] for _ in range(3)}
        assert len(answers) == 1
        assert len(resend.Emails.list()["data"]) == 1

    def test_the_same_batch_is_sent_once(self, domain: dict[str, Any]) -> None:
        first, second = (resend.Batch.send([mail(domain)] * 2, {"idempotency_key": "batch"}) for _ in range(2))
        assert first["data"] == second["data"]
        assert len(resend.Emails.list()["data"]) == 2

    def test_another_body_is_a_conflict(self, domain: dict[str, Any]) -> None:
        resend.Emails.send(mail(domain), {"idempotency_key": "k"})
        with pytest.raises(ResendError) as refusal:
            resend.Emails.send(mail(domain, subject="Other"), {"idempotency_key": "k"})
        assert (refusal.value.code, refusal.value.error_type) == (409, "invalid_idempotent_request")

    def test_one_in_flight_is_a_conflict(self, domain: dict[str, Any], control: Control) -> None:
        control.add_fault("resend", "accept /emails", "slow", seconds=0.6, times=1)
        with ThreadPoolExecutor() as pool:
            slow = pool.submit(resend.Emails.send, mail(domain), {"idempotency_key": "k"})
            until(lambda: control.faults()[0].taken == 1)
            with pytest.raises(ResendError) as refusal:
                resend.Emails.send(mail(domain), {"idempotency_key": "k"})
            assert (refusal.value.code, refusal.value.error_type) == (409, "concurrent_idempotent_requests")
            accepted = slow.result()["id"]
        assert resend.Emails.send(mail(domain), {"idempotency_key": "k"})["id"] == accepted

    def test_forgotten_after_a_day(self, domain: dict[str, Any], control: Control) -> None:
        first = resend.Emails.send(mail(domain), {"idempotency_key": "k"})["id"]
        control.advance(timedelta(hours=23))
        assert resend.Emails.send(mail(domain), {"idempotency_key": "k"})["id"] == first
        control.advance(timedelta(hours=2))
        assert resend.Emails.send(mail(domain), {"idempotency_key": "k"})["id"] != first

    def test_a_refused_request_does_not_use_up_the_key(self, domain: dict[str, Any]) -> None:
        with pytest.raises(ValidationError):
            resend.Emails.send(mail(domain, to="no address"), {"idempotency_key": "k"})
        with pytest.raises(ResendError) as refusal:
            resend.Emails.send(mail(domain), {"idempotency_key": "x" * 257})
        assert refusal.value.error_type == "invalid_idempotency_key"
        assert resend.Emails.send(mail(domain), {"idempotency_key": "k"})["id"]

    def test_an_answer_lost_on_the_way_is_given_again(self, domain: dict[str, Any], control: Control) -> None:
        control.add_fault("resend", "POST /emails", "timeout_after", times=1)
        with pytest.raises(ResendError) as loss:
            resend.Emails.send(mail(domain), {"idempotency_key": "k"})
        assert loss.value.error_type == "HttpClientError"
        again = resend.Emails.send(mail(domain), {"idempotency_key": "k"})["id"]
        assert [entry["id"] for entry in resend.Emails.list()["data"]] == [again]
