from collections.abc import Iterator

import pytest

from tests.contract.cloudflare.harness import Client, Emulator


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    running = Emulator(tmp_path_factory.mktemp("cloudflare") / "home").start()
    yield running
    running.stop()


@pytest.fixture
def api(emulator: Emulator) -> Iterator[Client]:
    client = Client(emulator)
    yield client
    client.home.faults.lift_all()
    client.close()
