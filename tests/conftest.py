"""One set of tests: the heavy files start first, so that no worker is left alone with one of them at the end."""

from functools import cache

import pytest
import structlog
from httpx._transports import default as transports
from hypothesis import settings

from controlplane.core.log import plain_console

pytest_plugins = (
    "tests.fixtures.servers",
    "tests.fixtures.http",
    "tests.fixtures.product",
    "tests.fixtures.host",
    "tests.fixtures.shop",
    "tests.fixtures.world",
    "tests.fixtures.browser",
)

settings.register_profile("steady", deadline=None)  # a busy machine is no slow program
settings.load_profile("steady")

# Else each client of a test reads all certificates of the machine before its one call: 25 ms for what takes one.
transports.create_ssl_context = cache(transports.create_ssl_context)

structlog.configure(processors=[*structlog.get_config()["processors"][:-1], plain_console()])

ENGINES = ("embedded", "official")


def pytest_addoption(parser: pytest.Parser) -> None:
    text = "which `pulumi` runs the programs of the flow tests: ours, or the official one on PATH"
    parser.addoption("--engine", choices=ENGINES, default=ENGINES[0], help=text)


HEAVIEST_FIRST = ("flow/platform", "flow/creator", "flow/operating", "flow/site", "flow", "contract", "integration", "")
# What the files of these share takes longer to build than to use.
TOGETHER = ("flow/creator", "flow/operating", "flow/site", "integration/accounts")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A file is one piece of work for the parallel workers; of some folders the folder is."""
    where = {item: item.path.relative_to(item.config.rootpath / "tests").as_posix() for item in items}
    items.sort(key=lambda item: next(n for n, start in enumerate(HEAVIEST_FIRST) if where[item].startswith(start)))
    for item in items:
        shared = next((folder for folder in TOGETHER if where[item].startswith(folder)), where[item])
        item.add_marker(pytest.mark.xdist_group(shared))
