"""Plans and handlers fit each other, and no function may do more than its plan says."""

import json
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from hashlib import sha256
from importlib import import_module
from inspect import signature
from pathlib import Path

import pulumi
import pytest

from programs.creator import artifact, policies
from programs.creator.plan import Auth, Function, Kind
from programs.creator.program import SHARED
from programs.creator.registry import MODULES, Module
from tests.unit.creator.conftest import functions

ROOT, PERSON = Path(artifact.__file__).parent, Auth.PERSON
ARNS = defaultdict(lambda: "arn:aws:x", log="arn:aws:logs:x", key="arn:aws:kms:x", region="r", account="1")
BY_NAME = pytest.mark.parametrize("function", functions(), ids=lambda each: each.name)


@BY_NAME
def test_a_handler_answers_exactly_its_routes(function: Function) -> None:
    module, _, _ = function.handler.rpartition(".")
    found = import_module(module)
    routes = getattr(found, "routes", None) or found.handle
    answered = {key for key in getattr(routes, "handlers", ()) if not key.startswith("platform ")}  # asked by us alone
    assert answered == {route.key for route in function.routes}


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


MODULE = pytest.mark.parametrize("module", MODULES.values(), ids=lambda each: each.name)


def test_a_module_is_a_folder_and_a_line() -> None:
    folders = {path.parent.name for path in (ROOT / "modules").glob("*/spec.py")}
    assert folders == {module.folder for module in MODULES.values()}
    assert folders == {path.name for path in (ROOT / "modules").iterdir() if path.is_dir() and path.name[0] != "_"}


@MODULE
def test_what_the_line_says_is_in_the_folder(module: Module) -> None:
    files = {path.name for path in (ROOT / "modules" / module.folder).iterdir()}
    assert {"spec.py", "plan.py", "component.py"} <= files
    assert ("privacy.py" in files, "payments.py" in files) == (module.has_privacy, module.sells)
    assert ("handlers" in files) == bool(module.plan().FUNCTIONS)
    assert set(module.shared) <= set(SHARED)
    assert issubclass(module.load(), pulumi.ComponentResource)


@MODULE
def test_every_module_with_a_door_is_tried_when_it_opens(module: Module) -> None:
    """The smoke test asks each of them; what it expects is a status of a route that is there."""
    keys = {route.key for function in module.plan().FUNCTIONS for route in function.routes}
    probes = module.plan().PROBES
    assert probes or not keys
    assert {probe.route for probe in probes} <= {*keys, "GET /"}
    closed = {route.key for function in module.plan().FUNCTIONS for route in function.routes if route.auth is PERSON}
    assert all(probe.status == 401 for probe in probes if probe.route in closed)


@MODULE
def test_whoever_keeps_something_of_persons_gives_it_out_and_up(module: Module) -> None:
    """By what the tables hold: their kind, and keys or indexes that name a person."""
    naming = {"userId", "voterId", "ownerUserId", "email"}
    keeping = {table.name for table in module.plan().TABLES if naming & set(table.attributes())}
    keeping |= {table.name for table in module.plan().TABLES if table.kind is Kind.PERSONAL}
    if module.name == "user-auth":  # the account itself goes last, by the function that calls all the others
        assert keeping == {"users"}
        return
    assert keeping <= set(module.privacy("TABLES"))
    if module.has_privacy:
        adapter = import_module(f"{module.package}.privacy")
        assert len(signature(adapter.export).parameters) == 2
        assert signature(adapter.erase).return_annotation == dict[str, int]


@BY_NAME
def test_only_people_reach_what_is_theirs(function: Function) -> None:
    """Open are reading, coming in, and what is believed by a seal of its own."""
    opened = {route.key for route in function.routes if route.auth is not PERSON and not route.key.startswith("GET ")}
    assert opened <= OPEN


OPEN = {f"POST /auth/{name}" for name in "signup confirm resend login recover refresh logout forgot reset".split()}
OPEN |= {"POST /contact", "POST /newsletter/subscribe", "POST /newsletter/unsubscribe", "POST /donations/checkout"}
OPEN |= {"POST /analytics/collect", "POST /sponsor/{id}/view", "POST /webhooks/stripe"}
