"""Every AWS resource type from preview to deletion, on two implementations that do not know of each other."""

from collections.abc import Iterator
from contextlib import suppress

import boto3
import pytest

from sandbox.plugins.providers import provider
from tests.contract.plugins import clouds
from tests.contract.plugins.client import Doc, Plugin, lifecycle
from tests.contract.plugins.examples import EXAMPLES
from tests.contract.plugins.examples.needs import NEEDS
from tests.contract.plugins.examples.places import MOTO, REGION, SANDBOX
from tests.contract.plugins.world import Example, World

SERVICES = sorted(provider("aws").config["endpoints"].item.fields)  # type: ignore[union-attr]

KEYS = {"accessKey": clouds.SECRETS["aws_access_key_id"], "secretKey": clouds.SECRETS["aws_secret_access_key"]}


def config(url: str, **more: object) -> Doc:
    endpoints = dict.fromkeys(SERVICES, url)
    return {
        "region": REGION,
        **KEYS,
        "endpoints": [endpoints],
        "s3UsePathStyle": True,
        "skipCredentialsValidation": True,
        "defaultTags": {"tags": {"product": "creator"}},
        **more,
    }


def world(url: str) -> World:
    """With an organization, whose root no resource makes."""
    keys = {"aws_access_key_id": KEYS["accessKey"], "aws_secret_access_key": KEYS["secretKey"]}
    organizations = boto3.client("organizations", endpoint_url=url, region_name="us-east-1", **keys)
    with suppress(organizations.exceptions.AlreadyInOrganizationException):
        organizations.create_organization(FeatureSet="ALL")
    root = organizations.list_roots()["Roots"][0]["Id"]
    return World(Plugin("aws", config(url)), "aws", NEEDS, {"root": root})


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, World]]:
    folder = tmp_path_factory.mktemp("clouds")
    with clouds.moto(folder) as moto, clouds.sandbox(folder) as sandbox:
        found = {MOTO: world(moto), SANDBOX: world(sandbox)}
        yield found
        for each in found.values():
            each.plugin.close()


def test_every_type_has_an_example() -> None:
    assert {example.token("aws") for example in EXAMPLES} == {each.token for each in provider("aws").resources()}


PLACES = [(example, place) for example in EXAMPLES for place in ((SANDBOX,) if example.on else (SANDBOX, MOTO))]


@pytest.mark.parametrize(("example", "place"), PLACES, ids=lambda each: getattr(each, "type", each))
def test_lifecycle(worlds: dict[str, World], example: Example, place: str) -> None:
    """On our stand-in, and, where it knows the type, on an implementation that we did not write."""
    world = worlds[place]
    second = world.fill(example.second)
    first = world.fill(example.first)
    ended = lifecycle(
        world.plugin, example.token("aws"), first, second, stays=example.stays, unreadable=example.unreadable
    )
    assert set(provider("aws").resource(ended.type).outputs) - set(ended.plain) <= set(example.lacks)
