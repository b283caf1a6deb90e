"""A letter: one row, at most one message, and whatever became of it."""

import base64
import hashlib
import hmac
import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from controlplane.core.errors import Refused
from controlplane.delivery import sending, service
from controlplane.delivery.models import Email, EmailState, Suppression
from controlplane.inbox import tasks as inbox
from controlplane.inbox.models import InboxEvent
from tests.fixtures.shop import MAIL_HOOK, Shop


def ask(shop: Shop, dedup: str = "tenant_live:1", to: str = "") -> Email:
    to = to or f"{time.time_ns()}@example.com"
    with shop.gateways.db.transaction() as session:
        service.request_email(
            session,
            shop.gateways,
            kind="tenant_live",
            to=to,
            locale="de",
            data={"name": "Anna", "url": "https://anna.example"},
            dedup=dedup,
        )
    return shop.rows(Email)[-1]


def mailbox(shop: Shop, email: Email) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = shop.vendors.sim("GET", f"/mailbox?to={email.to}", vendor="resend")["mails"]
    return found


def tell(shop: Shop, email: Email, kind: str, **data: Any) -> httpx.Response:
    row = shop.rows(Email)[0]
    about = {"email_id": row.vendor_id, "tags": {"email": email.id, "env": "test"}, **data}
    body = json.dumps({"type": f"email.{kind}", "created_at": "now", "data": about}).encode()
    identity, stamp = f"msg_{kind}", str(int(time.time()))
    key = base64.b64decode(MAIL_HOOK.removeprefix("whsec_"))
    digest = hmac.new(key, f"{identity}.{stamp}.".encode() + body, hashlib.sha256).digest()
    signature = f"v1,{base64.b64encode(digest).decode()}"
    headers = {"svix-id": identity, "svix-timestamp": stamp, "svix-signature": signature}
    return shop.client.post("/webhooks/resend", content=body, headers=headers)


class TestSending:
    def test_asked_twice_and_sent_by_two_workers_is_one_message(self, shop: Shop) -> None:
        email = ask(shop)
        ask(shop, to=email.to)
        assert len(shop.rows(Email)) == 1
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(lambda _: sending.run(shop.gateways, email.id), range(3)))
        row = shop.rows(Email)[0]
        assert row.state == EmailState.SENT
        assert row.vendor_id
        mails = mailbox(shop, email)
        assert [mail["subject"] for mail in mails] == ["Anna ist erreichbar"]
        assert "https://anna.example" in mails[0]["text"]

    def test_a_lost_answer_is_asked_for_again_and_sends_nothing_twice(self, shop: Shop) -> None:
        email = ask(shop)
        shop.vendors.fault("POST /emails", "timeout_after", vendor="resend", times=3)
        sending.run(shop.gateways, email.id)
        assert shop.rows(Email)[0].state == EmailState.QUEUED
        shop.clock.advance(minutes=5)
        sending.run(shop.gateways, email.id)
        assert shop.rows(Email)[0].state == EmailState.SENT
        assert len(mailbox(shop, email)) == 1

    def test_after_a_day_nobody_knows_and_a_person_looks(self, shop: Shop) -> None:
        email = ask(shop)
        shop.vendors.fault("POST /emails", "timeout_after", vendor="resend", times=3)
        sending.run(shop.gateways, email.id)
        shop.clock.advance(hours=24)
        sending.run(shop.gateways, email.id)
        assert shop.rows(Email)[0].state == EmailState.PARKED
        assert len(mailbox(shop, email)) == 1

    def test_a_letter_that_is_refused_for_good_is_parked(self, shop: Shop) -> None:
        email = ask(shop)
        shop.vendors.fault("POST /emails", "error", vendor="resend", status=422, code="validation_error")
        with pytest.raises(Refused) as refused:
            sending.run(shop.gateways, email.id)
        sending.failed(shop.gateways, email.id, refused.value)  # as the queue does
        assert shop.rows(Email)[0].state == EmailState.PARKED
        assert mailbox(shop, email) == []

    def test_the_sweep_finds_a_letter_whose_sender_died(self, shop: Shop) -> None:
        email = ask(shop)
        assert sending._claim(shop.gateways, email.id)
        with shop.gateways.db.transaction() as session:
            assert service.due(session, now=shop.gateways.now()) == []
            shop.clock.advance(minutes=2)
            assert [wakeup.row_id for wakeup in service.due(session, now=shop.gateways.now())] == [email.id]


class TestWhatBecameOfIt:
    def test_the_vendor_s_last_word_counts(self, shop: Shop) -> None:
        email = ask(shop)
        sending.run(shop.gateways, email.id)
        deadline = time.monotonic() + 60
        seen = shop.gateways.resend.email(shop.rows(Email)[0].vendor_id)
        while seen and seen.last_event != "delivered" and time.monotonic() < deadline:
            time.sleep(0.05)
            seen = shop.gateways.resend.email(seen.id)
        assert tell(shop, email, "delivery_delayed").status_code == 200  # late news
        inbox.handle(shop.gateways, shop.rows(InboxEvent)[0].id)
        assert shop.rows(Email)[0].state == EmailState.DELIVERED

    def test_who_bounced_gets_nothing_more(self, shop: Shop) -> None:
        address = f"{time.time_ns()}@example.com"
        shop.vendors.sim("POST", "/receivers", {"address": address, "behaviour": "bounce"}, vendor="resend")
        email = ask(shop, to=address)
        sending.run(shop.gateways, email.id)
        deadline = time.monotonic() + 60
        seen = shop.gateways.resend.email(shop.rows(Email)[0].vendor_id)
        while seen and seen.last_event != "bounced" and time.monotonic() < deadline:
            time.sleep(0.05)
            seen = shop.gateways.resend.email(seen.id)
        tell(shop, email, "bounced", bounce={"type": "Permanent"})
        inbox.handle(shop.gateways, shop.rows(InboxEvent)[0].id)
        assert shop.rows(Email)[0].state == EmailState.BOUNCED
        assert address not in shop.rows(Suppression)[0].model_dump_json()

        second = ask(shop, dedup="tenant_live:2", to=address)
        sending.run(shop.gateways, second.id)
        assert shop.rows(Email)[1].state == EmailState.SUPPRESSED

    def test_letters_of_others_are_not_ours(self, shop: Shop) -> None:
        email = ask(shop)
        sending.run(shop.gateways, email.id)
        assert tell(shop, email, "delivered", tags={"env": "other"}).status_code == 200
        assert [row.state for row in shop.rows(InboxEvent)] == ["foreign"]
