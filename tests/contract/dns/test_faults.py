"""A DNS that is slow, silent, wrong or broken on demand."""

import time

import dns.exception
import dns.message
import dns.query
import dns.rcode
import httpx
import pytest

from sandbox.control.client import Control
from tests.contract.control.process import Vendors

NAME = "faulty.example"


@pytest.fixture(scope="module", autouse=True)
def _record(http: httpx.Client) -> None:
    http.post("/dns/records", json={"name": NAME, "type": "A", "value": "192.0.2.1"}).raise_for_status()


def ask(vendors: Vendors, *, tcp: bool = False, timeout: float = 3) -> dns.message.Message:
    transport = dns.query.tcp if tcp else dns.query.udp
    return transport(dns.message.make_query(NAME, "A"), "127.0.0.1", port=vendors.dns_port, timeout=timeout)


def values(message: dns.message.Message) -> list[str]:
    return [value.to_text() for rrset in message.answer for value in rrset]


@pytest.mark.parametrize("kind", ["timeout", "drop", "hang"])
def test_silence(vendors: Vendors, control: Control, kind: str) -> None:
    control.add_fault("dns", f"query {NAME} A", kind, times=1)
    with pytest.raises(dns.exception.Timeout):
        ask(vendors, timeout=0.2)
    assert values(ask(vendors)) == ["192.0.2.1"]


@pytest.mark.parametrize(
    ("kind", "rcode"),
    [
        ("servfail", dns.rcode.SERVFAIL),
        ("error", dns.rcode.SERVFAIL),
        ("refused", dns.rcode.REFUSED),
        ("nxdomain", dns.rcode.NXDOMAIN),
    ],
)
def test_refusals(vendors: Vendors, control: Control, kind: str, rcode: dns.rcode.Rcode) -> None:
    control.add_fault("dns", f"query {NAME} *", kind, times=1)
    assert ask(vendors).rcode() == rcode
    assert ask(vendors).rcode() == dns.rcode.NOERROR


def test_a_lie(vendors: Vendors, control: Control) -> None:
    with control.fault("dns", f"query {NAME} A", "lie", detail={"values": ["203.0.113.66"]}):
        assert values(ask(vendors)) == ["203.0.113.66"]
    assert values(ask(vendors)) == ["192.0.2.1"]


def test_truncated_over_udp_the_truth_over_tcp(vendors: Vendors, control: Control) -> None:
    control.add_fault("dns", f"query {NAME} A", "truncate")
    assert values(ask(vendors)) == []
    assert ask(vendors).flags & dns.flags.TC
    assert values(ask(vendors, tcp=True)) == ["192.0.2.1"]


def test_delay(vendors: Vendors, control: Control) -> None:
    control.add_fault("dns", "query *", "delay", seconds=0.3, times=1)
    started = time.monotonic()
    assert values(ask(vendors)) == ["192.0.2.1"]
    assert time.monotonic() - started >= 0.3


def test_garbage(vendors: Vendors, control: Control) -> None:
    control.add_fault("dns", f"query {NAME} A", "garbage", times=1)
    with pytest.raises(dns.exception.DNSException):
        ask(vendors, tcp=True)


def test_flap(vendors: Vendors, control: Control) -> None:
    control.add_fault("dns", f"query {NAME} A", "flap")
    assert [ask(vendors).rcode() for _ in range(4)] == [2, 0, 2, 0]


def test_another_name_is_not_struck(vendors: Vendors, control: Control) -> None:
    control.add_fault("dns", "query other.example A", "timeout")
    assert values(ask(vendors)) == ["192.0.2.1"]
