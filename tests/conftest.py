"""One set of tests: the heavy files start first, so that no worker is left alone with one of them at the end."""

import pytest

pytest_plugins = (
    "tests.fixtures.servers",
    "tests.fixtures.http",
    "tests.fixtures.product",
    "tests.fixtures.shop",
    "tests.fixtures.world",
    "tests.fixtures.browser",
)

ENGINES = ("embedded", "official")


def pytest_addoption(parser: pytest.Parser) -> None:
    text = "which `pulumi` runs the programs of the flow tests: ours, or the official one on PATH"
    parser.addoption("--engine", choices=ENGINES, default=ENGINES[0], help=text)


HEAVIEST_FIRST = ("flow", "contract", "integration", "unit")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: HEAVIEST_FIRST.index(item.path.relative_to(item.config.rootpath / "tests").parts[0]))
