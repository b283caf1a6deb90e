"""After a kill -9: every object of the program is found again by what it was asked for with, and nothing else is."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from controlplane.core.errors import ProductError
from controlplane.settings import Aws as AwsSettings
from controlplane.vendors.aws import Aws
from controlplane.vendors.aws_finders import FINDERS
from controlplane.vendors.aws_lookups import repeatable
from controlplane.vendors.aws_member import Member
from tests.contract.aws.conftest import SECRETS
from tests.flow.creator.conftest import Creator

PROGRAM = Path(__file__).parents[3] / "programs" / "creator"
NAMING = (
    "name", "bucket", "domainName", "description", "routeKey", "integrationUri", "statementId", "emailIdentity",
    "configurationSetName", "endpoint", "eventSourceArn", "origins",
)  # fmt: skip


@pytest.fixture(scope="module")
def member(creator: Creator) -> Iterator[Member]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", SECRETS["aws_access_key_id"])
        patch.setenv("AWS_SECRET_ACCESS_KEY", SECRETS["aws_secret_access_key"])
        yield Aws(AwsSettings(endpoint_url=creator.aws.url, region="eu-central-1")).member(creator.account)


def made(creator: Creator) -> list[dict[str, Any]]:
    state = json.loads((creator.folder / "backend/.pulumi/stacks/creator/dev.json").read_text())
    resources = state["checkpoint"]["latest"]["resources"]
    return [each for each in resources if each.get("custom") and each["type"].startswith("aws:")]


def test_what_was_made_is_found_under_its_id(creator: Creator, member: Member) -> None:
    wrong, seen = [], set()
    for each in made(creator):
        if FINDERS[each["type"].removeprefix("aws:")] is not repeatable:
            seen.add(each["type"])
            found = look(member, each["type"], each["inputs"])
            wrong += [(each["urn"], each["id"], found)] if found != [each["id"]] else []
    assert not wrong
    assert len(seen) > 30


def test_what_was_not_made_is_not_found(creator: Creator, member: Member) -> None:
    one_of_each = {each["type"]: each["inputs"] for each in made(creator)}
    assert {token for token, inputs in one_of_each.items() if look(member, token, elsewhere(inputs))} == set()


def look(member: Member, token: str, inputs: dict[str, Any]) -> list[str]:
    try:
        return list(FINDERS[token.removeprefix("aws:")](member, inputs))
    except ProductError as error:
        return [str(error)]


def elsewhere(inputs: dict[str, Any]) -> dict[str, Any]:
    changed = {name: f"{value}x" if isinstance(value, str) else [] for name, value in inputs.items() if name in NAMING}
    return {**inputs, **changed}


def test_there_is_a_finder_for_every_type_of_the_program() -> None:
    """By the names in the source: also what no stack of the tests has chosen."""
    text = "".join(file.read_text() for file in PROGRAM.rglob("*.py"))
    used = {tuple(each) for each in re.findall(r"aws\.([a-z_0-9]+)\.([A-Z][A-Za-z0-9]+)\(", text)}
    used = {(group.rstrip("_"), name) for group, name in used if not name.endswith("Args")}
    known = {(token.partition("/")[0], token.partition(":")[2]) for token in FINDERS}
    assert used <= known
