from collections.abc import Iterator

import dns.resolver
import httpx
import pytest

from sandbox.control.client import Control
from tests.contract.control.process import Vendors, running


@pytest.fixture(scope="session")
def vendors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vendors]:
    with running(tmp_path_factory.mktemp("dns"), "--only", "dns") as started:
        yield started


@pytest.fixture
def control(vendors: Vendors) -> Iterator[Control]:
    with vendors.control() as client:
        yield client
        client.lift_all_faults()


@pytest.fixture(scope="session")
def http(vendors: Vendors) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=vendors.url, trust_env=False, timeout=60) as client:
        yield client


@pytest.fixture(scope="session")
def resolver(vendors: Vendors) -> dns.resolver.Resolver:
    found = dns.resolver.Resolver(configure=False)
    found.nameservers, found.port = ["127.0.0.1"], vendors.dns_port
    found.lifetime = found.timeout = 3
    return found
