"""What a killed create left is put into the state under its real id; what was about to be replaced goes afterwards."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from controlplane.core.errors import NeedsPerson
from controlplane.provisioning import recovery
from controlplane.provisioning.work import Work

URN = "urn:pulumi:t::p::aws:kms/key:Key::key"
KIND = "aws:kms/key:Key"


def worker(**decided: str) -> Work:
    operation = SimpleNamespace(id="op", wanted={"pending": decided})
    return cast(Work, SimpleNamespace(operation=operation))


def pending(urn: str = URN, kind: str = KIND, type: str = "creating") -> dict[str, Any]:
    return {"type": type, "resource": {"urn": urn, "type": kind, "custom": True, "inputs": {"description": "creator"}}}


def state(*resources: dict[str, Any]) -> dict[str, Any]:
    return {"deployment": {"resources": list(resources)}}


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids that the vendor lists under the name."""
    ids: list[str] = []
    monkeypatch.setattr(recovery, "FINDERS", {KIND: lambda _work, _inputs: iter(ids)})
    return ids


def adopted(before: dict[str, Any], entry: dict[str, Any], work: Work | None = None) -> list[tuple[str, bool]]:
    found = recovery.adopt(work or worker(), before, [entry])["deployment"]["resources"]
    return [(each["id"], bool(each.get("delete"))) for each in found]


def test_what_is_there_is_adopted_with_what_it_was_asked_for(there: list[str]) -> None:
    there.append("k1")
    found = recovery.adopt(worker(), state(), [pending()])["deployment"]
    assert found["resources"] == [{**pending()["resource"], "outputs": {"description": "creator"}, "id": "k1"}]
    assert found["pending_operations"] == []


def test_what_is_not_there_is_left_out(there: list[str]) -> None:
    assert adopted(state(), pending()) == []


def test_a_replacement_is_adopted_beside_what_it_replaces(there: list[str]) -> None:
    old = {"urn": URN, "type": KIND, "id": "old"}
    there.extend(("old", "new"))
    assert adopted(state(old), pending()) == [("old", True), ("new", False)]


def test_what_the_state_knows_is_not_adopted_again(there: list[str]) -> None:
    there.append("old")
    assert adopted(state({"urn": URN, "type": KIND, "id": "old"}), pending()) == [("old", False)]


def test_other_interrupted_steps_stay_for_the_refresh(there: list[str]) -> None:
    entry = pending(type="updating")
    assert recovery.adopt(worker(), state(), [entry])["deployment"]["pending_operations"] == [entry]


def test_a_person_decides_what_cannot_be_looked_up(there: list[str]) -> None:
    strange = pending(kind="aws:x/y:Z")
    with pytest.raises(NeedsPerson, match="cannot be looked up"):
        adopted(state(), strange)
    assert adopted(state(), strange, worker(**{URN: "by-hand"})) == [("by-hand", False)]
    assert adopted(state(), strange, worker(**{URN: ""})) == []


def test_what_a_retried_update_would_create_is_looked_up_unless_it_may_be_repeated(there: list[str]) -> None:
    asked = {**pending()["resource"], "provider": "urn:provider::1", "parent": None}
    policy = {**asked, "type": "aws:iam/rolePolicy:RolePolicy"}
    done: list[str] = []

    def act(_work: Work, _stack: object, action: str) -> dict[str, Any]:
        done.append(action)
        return {"state": state({"urn": "urn:provider", "type": "pulumi:providers:aws"})}

    assert not recovery.take_in(worker(), cast(Any, None), act, [{"op": "update"}, {"op": "create", "asked": policy}])
    assert done == []
    assert not recovery.take_in(worker(), cast(Any, None), act, [{"op": "create", "asked": asked}])
    assert (done, there) == (["export"], [])  # asked for, and not there


@pytest.mark.parametrize("type", ["creating", "updating"])
def test_what_the_object_does_not_tell_is_done_again(type: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A function that nobody published answers no visitor; whether it came that far cannot be read from it."""
    kind, inputs = "aws:cloudfront/function:Function", {"name": "creator-viewer", "publish": True}
    monkeypatch.setattr(recovery, "FINDERS", {kind: lambda _work, _inputs: iter(["creator-viewer"])})
    asked = {"urn": URN, "type": kind, "custom": True, "inputs": inputs}
    before = state() if type == "creating" else state({**asked, "id": "creator-viewer", "outputs": inputs})
    [found] = recovery.adopt(worker(), before, [{"type": type, "resource": asked}])["deployment"]["resources"]
    assert found["inputs"] == found["outputs"] == {"name": "creator-viewer", "publish": False}
