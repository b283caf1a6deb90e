"""Locks of others, and passphrases that are wrong or missing."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from pulumi import automation as auto

from tests.contract.engine import programs
from tests.contract.engine.actions import Actions, created
from tests.contract.engine.lab import Lab
from tests.contract.engine.replay import Replay


def _foreign_lock(lab: Lab) -> None:
    path = lab.folder / "backend/.pulumi/locks/organization/proj/dev/11111111-2222-3333-4444-555555555555.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    holder = {"pid": 999999, "username": "someone", "hostname": "elsewhere", "timestamp": "2026-01-01T00:00:00Z"}
    path.write_text(json.dumps(holder))


def test_a_lock_of_somebody_else(make_lab: Callable[[str], Lab]) -> None:
    lab = make_lab("locks")
    replay = Replay(lab)
    stack = created(lab, tier="pro")
    act = Actions(stack)
    _foreign_lock(lab)
    replay("up_locked", act.up())
    replay("preview_locked", act.preview())
    replay("preview_refresh_locked", act.preview_refresh())
    replay("refresh_locked", act.refresh())
    replay("destroy_locked", act.destroy())
    replay("import_locked", lambda _: stack.import_stack(stack.export_stack()))
    replay("cancel_locked", lambda _: stack.cancel())
    assert not lab.locks()
    assert not replay.differences, replay.report()


@pytest.mark.parametrize(("name", "passphrase"), [("wrongpass", "wrong"), ("nopass", None)])
def test_passphrases(make_lab: Callable[[str], Lab], name: str, passphrase: str | None) -> None:
    lab = make_lab(name)
    replay = Replay(lab)
    created(lab, tier="pro")
    before = lab.checkpoint()
    stack = lab.stack("dev", programs.mixed, auto.select_stack, passphrase=passphrase)
    replay(f"{name}_up", Actions(stack).up())
    replay(f"{name}_config", lambda _: stack.get_all_config())
    replay(f"{name}_export", lambda _: stack.export_stack())
    replay(f"{name}_outputs", lambda _: stack.outputs(), brief=False)
    replay(f"{name}_destroy", Actions(stack).destroy())
    assert lab.checkpoint() == before
    assert not replay.differences, replay.report()


FALLBACK = {"PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER": "true"}


def _salt(lab: Lab) -> str:
    latest = lab.checkpoint() or {}
    return str(latest["secrets_providers"]["state"]["salt"])


def test_an_empty_work_folder(make_lab: Callable[[str], Lab]) -> None:
    """The settings file with the salt is lost: taken from the state when asked, else a new one."""
    lab = make_lab("salts")
    lab.run(Actions(lab.stack("dev", programs.mixed, work="w1")).up())
    first = _salt(lab)
    same = lab.run(Actions(lab.stack("dev", programs.mixed, work="w2", env=FALLBACK)).up())
    assert (same.exception, _salt(lab)) == ("", first)
    wrong = lab.stack("dev", programs.mixed, work="w3", env=FALLBACK, passphrase="wrong")
    assert "failed to decrypt: incorrect passphrase" in lab.run(Actions(wrong).up()).calls[0].stderr
    lost = lab.stack("dev", programs.mixed, work="w4", passphrase="wrong")
    assert "failed to decrypt: incorrect passphrase" in lab.run(Actions(lost).up()).calls[0].stderr
    assert _salt(lab) == first
    renewed = lab.run(Actions(lab.stack("dev", programs.mixed, work="w5")).up())
    assert renewed.exception == ""
    assert _salt(lab) != first
    outputs = lab.stack("dev", programs.mixed, work="w5").outputs()
    assert outputs["token"].value == "very-secret"


def test_the_official_ciphertexts_can_be_read(tmp_path: Path) -> None:
    from sandbox.engine.state.secrets import SecretsManager

    vector = json.loads((Path(__file__).parent / "recorded" / "crypto_vector.json").read_text())
    manager = SecretsManager.open(vector["salt"], vector["passphrase"])
    assert manager.crypter.decrypt(vector["property_ciphertext"]) == vector["property_plaintext_json"]
    config = SecretsManager.open(vector["config_salt"], vector["passphrase"])
    assert config.crypter.decrypt(vector["config_secure"]) == vector["config_plaintext"]
