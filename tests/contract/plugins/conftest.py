"""One plugin process per provider and module, and the clouds they talk to."""

from collections.abc import Iterator

import pytest

from tests.contract.plugins.client import Plugin
from tests.contract.plugins.recorder import Recorder, recording


@pytest.fixture(scope="module")
def recorded() -> Iterator[Recorder]:
    with recording() as recorder:
        yield recorder


@pytest.fixture
def recorder(recorded: Recorder) -> Recorder:
    recorded.forget()
    return recorded


@pytest.fixture(scope="module")
def cloudflare(recorded: Recorder) -> Iterator[Plugin]:
    plugin = Plugin("cloudflare", {"apiToken": "token-of-the-test", "baseUrl": recorded.url})
    yield plugin
    plugin.close()
