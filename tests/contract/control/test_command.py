"""The fault and clock verbs, as a person types them."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox.control.client import Control
from tests.contract.control.process import SECRETS, Vendors


def sandbox(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "controlplane", "sandbox", "--folder", str(folder), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture
def folder(vendors: Vendors) -> Path:
    port = int(vendors.url.rsplit(":", 1)[1])
    ports = dict.fromkeys(("api", "aws", "edge", "dns", "postgres", "redis"), 0) | {"vendors": port}
    (vendors.folder / "ports.json").write_text(json.dumps(ports))
    return vendors.folder


def said(folder: Path, *words: str) -> Any:
    done = sandbox(folder, *words)
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def test_a_fault_is_added_listed_injected_logged_and_lifted(folder: Path, control: Control, vendors: Vendors) -> None:
    fault = said(folder, "fault", "add", "resend", "GET /domains", "error", "--status", "503", "--times", "2")
    assert [one["id"] for one in said(folder, "fault", "list")] == [fault["id"]]
    key = {"authorization": f"Bearer {SECRETS['resend_api_key']}"}
    assert httpx.get(f"{vendors.url}/resend/domains", headers=key, timeout=60).status_code == 503
    [injected] = [one for one in said(folder, "fault", "log") if one["fault"] == fault["id"]]
    assert injected["operation"] == "GET /domains"
    said(folder, "fault", "lift", fault["id"])
    told = said(folder, "fault", "add", "dns", "query a.example A", "lie", "--detail", '{"values": ["192.0.2.1"]}')
    assert told["detail"] == {"values": ["192.0.2.1"]}
    said(folder, "fault", "lift", "all")
    assert control.faults() == []


def test_what_is_not_there_or_not_known_is_said_in_a_line(folder: Path, tmp_path: Path) -> None:
    for words, text in (
        (("fault", "lift", "fault_0"), "there is no fault fault_0"),
        (("fault", "add", "paypal", "*", "error"), "422"),
        (("fault", "add", "resend", "*", "earthquake"), "resend has no fault earthquake"),
        (("fault", "add", "edge", "*.localhost", "delay"), "edge has no fault delay"),
        (("fault", "add", "dns", "*", "lie", "--detail", "127.0.0.1"), "a JSON object"),
        (("clock", "advance", "soon"), "for example 31d"),
    ):
        done = sandbox(folder, *words)
        assert done.returncode != 0
        assert text in done.stderr
        assert "Traceback" not in done.stderr
    assert "There is no sandbox" in sandbox(tmp_path, "fault", "list").stderr
    assert not any(tmp_path.iterdir())


def test_every_kind_says_what_it_does(folder: Path) -> None:
    kinds = said(folder, "fault", "kinds")
    assert {"delay", "timeout_after", "hang", "garbage"} <= set(kinds["generic"])
    assert {"partial", "duplicate", "reorder"} <= set(kinds["aws"])
    assert set(kinds["edge"]) == {"outage"}
    assert all(text for group in kinds.values() for text in group.values())


def test_the_clock_advances_and_returns(folder: Path, control: Control) -> None:
    before = control.now()
    assert said(folder, "clock", "advance", "31d") > before.isoformat()
    said(folder, "clock", "reset")
    assert (control.now() - before).days == 0
