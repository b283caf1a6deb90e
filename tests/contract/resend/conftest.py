"""One emulator for all tests of a worker; each test works with domains and teams of its own."""

import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import resend

from sandbox.control.client import Control
from tests.contract.control.process import Vendors, running, until
from tests.contract.resend.receiver import Receiver, listening

TOKEN = {"authorization": "Bearer control-token"}


@pytest.fixture(scope="session")
def vendors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vendors]:
    with running(tmp_path_factory.mktemp("resend"), "--only", "resend", "dns") as started:
        yield started


@pytest.fixture
def control(vendors: Vendors) -> Iterator[Control]:
    with vendors.control() as client:
        yield client
        client.lift_all_faults()


@pytest.fixture(scope="session")
def sim(vendors: Vendors) -> Iterator[httpx.Client]:
    """The control routes of the emulator and the registrar."""
    with httpx.Client(base_url=vendors.url, headers=TOKEN, trust_env=False, timeout=60) as client:
        client.post("/resend/_sim/limits", json={"per_second": 100000}).raise_for_status()
        yield client


@pytest.fixture
def team(vendors: Vendors, sim: httpx.Client) -> str:
    """A team of its own for this test, and the SDK set to its key."""
    token = str(sim.post("/resend/_sim/teams").raise_for_status().json()["token"])
    resend.api_url, resend.api_key = f"{vendors.url}/resend", token
    return token


@pytest.fixture
def name() -> str:
    return f"mail.d{uuid.uuid4().hex[:10]}.example"


@pytest.fixture
def domain(team: str, name: str, sim: httpx.Client) -> dict[str, Any]:
    """A verified domain of the test's own team."""
    created = resend.Domains.create({"name": name, "region": "eu-west-1"})
    publish(sim, created)
    resend.Domains.verify(created["id"])
    until(lambda: resend.Domains.get(created["id"])["status"] == "verified")
    return dict(created)


@pytest.fixture(scope="session")
def receiver() -> Iterator[Receiver]:
    with listening() as server:
        yield server


def publish(sim: httpx.Client, domain: Any, *, only: str | None = None) -> None:
    for record in domain["records"]:
        if only in {None, record["record"]}:
            sim.post("/dns/records", json=as_dns(domain["name"], record)).raise_for_status()


def withdraw(sim: httpx.Client, domain: Any, *, only: str | None = None) -> None:
    for record in domain["records"]:
        if only in {None, record["record"]}:
            entry = as_dns(domain["name"], record)
            sim.delete("/dns/records", params={"name": entry["name"], "type": entry["type"]}).raise_for_status()


def as_dns(domain: str, record: Any) -> dict[str, Any]:
    """Names are relative to the registrable domain: the last two labels here."""
    root = ".".join(domain.split(".")[-2:])
    entry = {"name": f"{record['name']}.{root}", "type": record["type"], "value": record["value"]}
    return {**entry, "priority": record["priority"]} if "priority" in record else entry
