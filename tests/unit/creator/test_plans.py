"""Plans and handlers fit each other, and no function may do more than its plan says."""

import json
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from hashlib import sha256
from importlib import import_module
from pathlib import Path

import pytest

from programs.creator import artifact, policies
from programs.creator.plan import Function
from tests.unit.creator.conftest import functions

ARNS = defaultdict(lambda: "arn:aws:x", log="arn:aws:logs:x", key="arn:aws:kms:x", region="r", account="1")
BY_NAME = pytest.mark.parametrize("function", functions(), ids=lambda each: each.name)


@BY_NAME
def test_a_handler_answers_exactly_its_routes(function: Function) -> None:
    module, _, _ = function.handler.rpartition(".")
    found = import_module(module)
    routes = getattr(found, "routes", None) or found.handle
    assert set(getattr(routes, "handlers", ())) == {route.key for route in function.routes}


@BY_NAME
def test_policies_name_what_they_allow(function: Function) -> None:
    for statement in json.loads(policies.of_function(function, ARNS, region="r"))["Statement"]:
        assert "*" not in statement["Resource"]
        assert all("*" not in action and not action.startswith("iam:") for action in statement["Action"])


@BY_NAME
def test_the_key_opens_only_through_services(function: Function) -> None:
    statements = json.loads(policies.of_function(function, ARNS, region="r"))["Statement"]
    keys = [one for one in statements if one["Action"][0].startswith("kms:")]
    assert len(keys) == bool(function.tables or function.secrets or function.queues)
    for key in keys:
        assert "dynamodb.r.amazonaws.com" in key["Condition"]["StringEquals"]["kms:ViaService"]


@pytest.fixture
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    artifact.archive.cache_clear()
    yield
    artifact.archive.cache_clear()


@pytest.mark.usefixtures("own_folder")
def test_the_artifact_is_one_file_under_the_name_of_its_content() -> None:
    made = artifact.archive()
    assert made.read_bytes() == artifact.packed()
    assert made.stem == sha256(made.read_bytes()).hexdigest()
    artifact.archive.cache_clear()
    assert artifact.archive() == made
    assert [*made.parent.iterdir()] == [made]
    made.parent.chmod(0o777)
    artifact.archive.cache_clear()
    with pytest.raises(PermissionError):
        artifact.archive()


def test_the_artifact_holds_what_handlers_import_and_nothing_else() -> None:
    files = artifact.files()
    assert "programs/creator/runtime/http.py" in files
    for name, path in files.items():
        text = path.read_text()
        assert "pulumi" not in text, name
        for line in text.splitlines():
            if line.startswith("from programs."):
                wanted = line.split()[1].replace(".", "/")
                assert f"{wanted}.py" in files or f"{wanted}/__init__.py" in files, f"{name} imports {wanted}"
