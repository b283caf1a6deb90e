"""The process itself: quick to start, clean to stop, gone with its parent, strict about its secrets."""

import asyncio
import logging
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest

from sandbox.control.workers import Worker
from tests.contract.control.process import prepare, running, until


def test_starts_quickly_and_stops_cleanly(tmp_path: Path) -> None:
    started = time.monotonic()
    with running(tmp_path, "--only", "resend", "dns") as vendors:
        took = time.monotonic() - started
        assert vendors.end() == 0
        assert vendors.errors() == ""
    assert took < 10  # 0.6 s alone; the machine may be busy with other tests


def test_dies_with_its_parent(tmp_path: Path) -> None:
    prepare(tmp_path)
    inner = "import os, subprocess, sys; p = subprocess.Popen([*sys.argv[1:], '--parent', str(os.getpid())], "
    inner += "stdout=subprocess.PIPE); print(p.stdout.readline().decode(), flush=True); os._exit(0)"
    command = [sys.executable, "-m", "sandbox.vendors", "--folder", str(tmp_path), "--port", "0", "--only", "dns"]
    answer = subprocess.run([sys.executable, "-c", inner, *command], capture_output=True, check=True, timeout=90)
    pid = int(answer.stdout.split(b'"pid": ')[1].split(b"}")[0])
    deadline = time.monotonic() + 60
    while _runs(pid):
        assert time.monotonic() < deadline, "the orphan still runs"
        time.sleep(0.05)


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    os.kill(pid, 0)
    return state != "Z"


@pytest.mark.parametrize(("mode", "text"), [(0o644, '{"control_token": "x"}'), (0o600, "{}")])
def test_refuses_secrets_that_others_can_read_or_that_miss_the_token(tmp_path: Path, mode: int, text: str) -> None:
    path = tmp_path / "secrets.json"
    path.write_text(text)
    path.chmod(mode)
    command = [sys.executable, "-m", "sandbox.vendors", "--folder", str(tmp_path), "--port", "0", "--only", "dns"]
    answer = subprocess.run(command, capture_output=True, timeout=90, check=False)
    assert answer.returncode == 1
    assert b"secrets.json" in answer.stderr


def test_a_worker_that_crashes_is_logged_and_started_again(caplog: pytest.LogCaptureFixture) -> None:
    calls: list[int] = []

    async def work() -> None:
        calls.append(1)
        if len(calls) < 3:
            raise RuntimeError("broken")
        await asyncio.Event().wait()

    async def watch() -> Worker:
        worker = Worker("stripe", work)
        task = asyncio.create_task(worker.run(logging.getLogger("test")))
        async with asyncio.timeout(60):
            while len(calls) < 3:
                await asyncio.sleep(0.01)
        task.cancel()
        return worker

    worker = asyncio.run(watch())
    assert (worker.restarts, worker.last_error) == (2, "RuntimeError")
    assert caplog.text.count("worker stripe failed") == 2


def test_stops_while_a_request_hangs(tmp_path: Path) -> None:
    with running(tmp_path, "--only", "resend") as vendors:
        with vendors.control() as control:
            control.add_fault("resend", "*", "hang")
            answers: list[int] = []
            caller = threading.Thread(target=lambda: answers.append(_status(f"{vendors.url}/resend/domains")))
            caller.start()
            until(lambda: control.faults()[0].taken == 1)
        assert vendors.end() == 0
        caller.join(60)
        assert answers in ([0], [500])
        assert "Traceback" not in vendors.errors()


def _status(url: str) -> int:
    try:
        return httpx.get(url, timeout=60).status_code
    except httpx.TransportError:
        return 0
