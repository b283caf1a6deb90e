"""Every AWS resource type from preview to deletion, on an emulator that knows it."""

from collections.abc import Iterator

import pytest

from sandbox.plugins.providers import provider
from tests.contract.plugins import clouds
from tests.contract.plugins.client import Doc, Plugin, lifecycle
from tests.contract.plugins.examples import EXAMPLES, MINISTACK, MOTO, REGION, Example, World

SERVICES = sorted(provider("aws").config["endpoints"].item.fields)  # type: ignore[union-attr]


def config(url: str, **more: object) -> Doc:
    endpoints = dict.fromkeys(SERVICES, url)
    return {
        "region": REGION,
        "accessKey": "testing",
        "secretKey": "testing",
        "endpoints": [endpoints],
        "s3UsePathStyle": True,
        "skipCredentialsValidation": True,
        "defaultTags": {"tags": {"product": "creator"}},
        **more,
    }


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, World]]:
    folder = tmp_path_factory.mktemp("clouds")
    with clouds.moto(folder) as moto, clouds.ministack(folder) as ministack:
        plugins = {MOTO: Plugin("aws", config(moto)), MINISTACK: Plugin("aws", config(ministack))}
        yield {name: World(plugin) for name, plugin in plugins.items()}
        for plugin in plugins.values():
            plugin.close()


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.type)
def test_lifecycle(worlds: dict[str, World], example: Example) -> None:
    world = worlds[example.on]
    second = world.fill(example.second)
    lifecycle(world.plugin, example.token, world.fill(example.first), second, stays=example.stays)
