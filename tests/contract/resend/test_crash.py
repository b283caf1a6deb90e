"""kill -9 while mails are being sent: what was acknowledged is there, once, and is delivered after the restart."""

import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.contract.control.process import Vendors, running, until
from tests.contract.resend.conftest import TOKEN, publish
from tests.contract.resend.receiver import Receiver

KEY = {"authorization": "Bearer re_initial"}


@pytest.fixture
def fragile(tmp_path: Path) -> Iterator[Vendors]:
    with running(tmp_path, "--only", "resend", "dns") as vendors:
        yield vendors


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client(headers=KEY, trust_env=False, timeout=30) as opened:
        yield opened


class Sender(threading.Thread):
    """Sends numbered mails, each under its own idempotency key, and repeats one until it is acknowledged."""

    def __init__(self, vendors: Vendors, name: str) -> None:
        super().__init__()
        self.vendors, self.name_, self.acknowledged = vendors, name, {}  # type: ignore[var-annotated]
        self.enough = threading.Event()

    def run(self) -> None:
        number = 0
        with httpx.Client(headers=KEY, trust_env=False, timeout=30) as http:
            while not self.enough.is_set():
                number += self._send(http, number)

    def _send(self, http: httpx.Client, number: int) -> bool:
        body = {"from": f"a@{self.name_}", "to": f"p{number}@customers.example", "subject": "s", "text": "t"}
        try:
            answer = http.post(
                f"{self.vendors.url}/resend/emails", json=body, headers={"idempotency-key": f"mail-{number}"}
            )
        except httpx.TransportError:
            return False
        if answer.status_code == 200:
            self.acknowledged[number] = answer.json()["id"]
        return answer.status_code == 200


def verified_domain(vendors: Vendors, client: httpx.Client) -> str:
    with httpx.Client(base_url=vendors.url, headers=TOKEN, trust_env=False) as sim:
        sim.post("/resend/_sim/limits", json={"per_second": 100000}).raise_for_status()
        domain = client.post(f"{vendors.url}/resend/domains", json={"name": "crash.example"}).json()
        publish(sim, domain)
    one = f"{vendors.url}/resend/domains/{domain['id']}"
    client.post(f"{one}/verify").raise_for_status()
    until(lambda: client.get(one).json()["status"] == "verified")
    return str(domain["name"])


def mails(vendors: Vendors) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = httpx.get(f"{vendors.url}/resend/_sim/mailbox", headers=TOKEN).json()["mails"]
    return found


def test_no_mail_is_lost_or_doubled(fragile: Vendors, client: httpx.Client, receiver: Receiver) -> None:
    sender = Sender(fragile, verified_domain(fragile, client))
    hook = {"endpoint": receiver.url("crash"), "events": ["email.delivered"]}
    client.post(f"{fragile.url}/resend/webhooks", json=hook).raise_for_status()
    port = int(fragile.url.rpartition(":")[2])
    sender.start()
    try:
        for count in (15, 40, 65):
            until(lambda: len(sender.acknowledged) >= count)  # noqa: B023 -- called at once
            fragile.end(signal.SIGKILL)
            fragile.start(port=port)
        until(lambda: len(sender.acknowledged) >= 80)
    finally:
        sender.enough.set()
        sender.join()
    found = mails(fragile)
    by_recipient = {mail["to"][0]: mail["id"] for mail in found}
    assert len(by_recipient) == len(found)
    acknowledged = {f"p{number}@customers.example": id for number, id in sender.acknowledged.items()}
    assert {who: by_recipient.get(who) for who in acknowledged} == acknowledged
    until(lambda: {mail["last_event"] for mail in mails(fragile)} == {"delivered"}, seconds=60)
    until(lambda: len({request.id for request in receiver.at("crash")}) == len(found), seconds=60)
