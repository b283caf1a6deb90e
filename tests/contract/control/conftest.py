from collections.abc import Iterator

import httpx
import pytest

from sandbox.control.client import Control
from tests.contract.control.process import Vendors, running


@pytest.fixture(scope="session")
def vendors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vendors]:
    with running(tmp_path_factory.mktemp("control"), "--only", "resend", "dns") as started:
        yield started


@pytest.fixture
def control(vendors: Vendors) -> Iterator[Control]:
    with vendors.control() as client:
        yield client
        client.lift_all_faults()


@pytest.fixture(scope="session")
def http(vendors: Vendors) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=vendors.url, trust_env=False, timeout=60) as client:
        token = {"authorization": "Bearer control-token"}
        client.post("/resend/_sim/limits", headers=token, json={"per_second": 100000}).raise_for_status()
        yield client
