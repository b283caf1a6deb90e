"""What receiving sides do, and the suppression list that grows from it."""

import uuid
from datetime import timedelta
from typing import Any

import httpx
import pytest
import resend
from resend.exceptions import ResendError

from sandbox.control.client import Control
from tests.contract.control.process import until
from tests.contract.resend.receiver import Receiver


@pytest.fixture
def address() -> str:
    return f"p{uuid.uuid4().hex[:10]}@customers.example"


def send(domain: dict[str, Any], to: Any) -> str:
    params: Any = {"from": f"a@{domain['name']}", "to": to, "subject": "s", "text": "t"}
    return str(resend.Emails.send(params)["id"])


def becomes(id: str, state: str) -> None:
    until(lambda: resend.Emails.get(id)["last_event"] == state)


class TestTestAddresses:
    @pytest.mark.parametrize(
        ("address", "state"),
        [
            ("delivered@resend.dev", "delivered"),
            ("bounced@resend.dev", "bounced"),
            ("bounced+order-1@resend.dev", "bounced"),
            ("complained@resend.dev", "complained"),
            ("suppressed@resend.dev", "suppressed"),
        ],
    )
    def test_each_and_none_is_suppressed_for_it(self, domain: dict[str, Any], address: str, state: str) -> None:
        becomes(send(domain, address), state)
        assert resend.Suppressions.list()["data"] == []


class TestRules:
    @pytest.mark.parametrize(
        ("behaviour", "state", "origin"),
        [
            ("bounce", "bounced", "bounce"),
            ("complain", "complained", "complaint"),
            ("fail", "failed", None),
            ("suppress", "suppressed", None),
        ],
    )
    def test_behaviours(
        self, domain: dict[str, Any], sim: httpx.Client, address: str, behaviour: str, state: str, origin: str | None
    ) -> None:
        sim.post("/resend/_sim/receivers", json={"address": address, "behaviour": behaviour}).raise_for_status()
        becomes(send(domain, address), state)
        listed = resend.Suppressions.list()["data"]
        assert [(entry["email"], entry["origin"]) for entry in listed] == ([(address, origin)] if origin else [])

    @pytest.mark.parametrize(("behaviour", "state"), [("delay", "delivered"), ("soft_bounce", "bounced")])
    def test_later_by_the_emulated_clock(
        self, domain: dict[str, Any], sim: httpx.Client, control: Control, address: str, behaviour: str, state: str
    ) -> None:
        rule = {"address": address, "behaviour": behaviour, "seconds": 3600}
        sim.post("/resend/_sim/receivers", json=rule).raise_for_status()
        id = send(domain, address)
        becomes(id, "delivery_delayed")
        control.advance(timedelta(hours=2))
        becomes(id, state)
        assert resend.Suppressions.list()["data"] == []

    def test_by_pattern_listed_and_removed(self, domain: dict[str, Any], sim: httpx.Client) -> None:
        pattern = f"*@{uuid.uuid4().hex[:8]}.example"
        sim.post("/resend/_sim/receivers", json={"address": pattern, "behaviour": "fail"}).raise_for_status()
        becomes(send(domain, f"anna{pattern[1:]}"), "failed")
        assert pattern in [rule["address"] for rule in sim.get("/resend/_sim/receivers").json()["rules"]]
        assert sim.delete(f"/resend/_sim/receivers/{pattern}").status_code == 204
        becomes(send(domain, f"anna{pattern[1:]}"), "delivered")

    def test_stuck(self, domain: dict[str, Any], control: Control, address: str) -> None:
        control.add_fault("resend", f"deliver {address}", "stuck", times=1)
        id = send(domain, address)
        until(lambda: control.faults()[0].taken == 1)
        assert resend.Emails.get(id)["last_event"] == "sent"


class TestSuppressions:
    def test_a_bounce_is_remembered_told_and_refused_next_time(
        self, domain: dict[str, Any], sim: httpx.Client, receiver: Receiver, address: str
    ) -> None:
        path = uuid.uuid4().hex
        events: Any = ["email.bounced", "email.suppressed", "email.sent", "suppression.added"]
        secret = resend.Webhooks.create({"endpoint": receiver.url(path), "events": events})["signing_secret"]
        sim.post("/resend/_sim/receivers", json={"address": address, "behaviour": "bounce"}).raise_for_status()
        first = send(domain, address)
        becomes(first, "bounced")
        second = send(domain, address)
        becomes(second, "suppressed")
        until(lambda: len(receiver.at(path)) == 4)
        told = {
            (e["type"], e["data"].get("email_id")): e["data"] for e in (r.verified(secret) for r in receiver.at(path))
        }
        assert told["email.bounced", first]["bounce"]["type"] == "Permanent"
        assert told["email.suppressed", second]["suppressed"]["type"] == "OnAccountSuppressionList"
        assert ("email.sent", second) not in told
        assert told["suppression.added", None]["source_id"] == first

    def test_by_hand(self, domain: dict[str, Any], address: str) -> None:
        added = resend.Suppressions.add({"email": address.upper()})
        got = resend.Suppressions.get(address)
        assert (got["id"], got["origin"], got["source_id"]) == (added["id"], "manual", None)
        assert resend.Suppressions.list({"origin": "bounce"})["data"] == []
        becomes(send(domain, address), "suppressed")
        assert resend.Suppressions.remove(added["id"])["deleted"] is True
        with pytest.raises(ResendError) as refusal:
            resend.Suppressions.get(address)
        assert refusal.value.code == 404
        becomes(send(domain, address), "delivered")

    def test_in_batches(self, team: str) -> None:
        emails = [f"p{number}@customers.example" for number in range(3)]
        added = resend.Suppressions.Batch.add({"emails": emails})["data"]
        assert len(added) == len(resend.Suppressions.list()["data"]) == 3
        removed = resend.Suppressions.Batch.remove({"ids": [added[0]["id"]]})["data"]
        assert [entry["id"] for entry in removed] == [added[0]["id"]]
        resend.Suppressions.Batch.remove({"emails": emails})
        assert resend.Suppressions.list()["data"] == []

    def test_other_recipients_still_get_the_mail(self, domain: dict[str, Any], sim: httpx.Client, address: str) -> None:
        resend.Suppressions.add({"email": address})
        id = send(domain, [address, "mara@customers.example"])
        becomes(id, "delivered")
        page = httpx.get(f"{sim.base_url}/resend/mailbox/{id}").text
        assert [page.count(f"<td>{event}</td>") for event in ("sent", "suppressed", "delivered")] == [1, 1, 1]
