"""One installation of the engine and of the test provider for all tests."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox.engine.install import Plugin, install
from tests.contract.engine.lab import OFFICIAL, Lab
from tests.contract.engine.provider import VERSIONS


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("engine")
    install(root, [Plugin(name, version, "tests.contract.engine.provider") for name, version in VERSIONS.items()])
    return root


@pytest.fixture(scope="session")
def make_lab(installation: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Lab]:
    os.environ.setdefault("GRPC_VERBOSITY", "ERROR")  # goaway lines of servers that the SDK drops

    def make(name: str) -> Lab:
        return Lab(tmp_path_factory.mktemp(name), root=Path(OFFICIAL or installation), home=installation)

    return make


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A program whose update failed is abandoned in the middle: the SDK leaves its event loop and sockets open."""
    for item in items:
        if "contract/engine" in str(item.path):
            item.add_marker(pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"))
            item.add_marker(pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning"))
            item.add_marker(pytest.mark.filterwarnings("ignore::ResourceWarning"))


@pytest.fixture(scope="session", autouse=True)
def _loaded_sdks() -> None:
    """Their lazy submodules are not safe to load in several threads at once."""
    import pulumi_aws
    import pulumi_cloudflare

    assert pulumi_aws.s3.Bucket
    assert pulumi_aws.config
    assert pulumi_cloudflare.R2Bucket
    assert sys.modules["pulumi_cloudflare"]
