"""The engine on its own: it needs nothing of the product, and its cheap commands nothing heavy."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract.engine.lab import OFFICIAL

ROOT = Path(__file__).parents[3]
_MODULES = """
import pkgutil, sys, importlib
import sandbox.engine
for module in pkgutil.walk_packages(sandbox.engine.__path__, "sandbox.engine."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
print(*sorted(sys.modules))
"""
_CHEAP = """
import sys
from sandbox.engine.cli.main import run
run(["version"])
import sandbox.engine.cli.stacks, sandbox.engine.cli.outputs, sandbox.engine.cli.history
print(*sorted(sys.modules))
"""


def _modules(program: str) -> set[str]:
    words = [sys.executable, "-c", program]
    return set(subprocess.run(words, check=True, capture_output=True, text=True, cwd=ROOT).stdout.split())


def test_it_needs_nothing_of_the_product() -> None:
    loaded = _modules(_MODULES)
    assert "sandbox.engine.update" in loaded
    others = {name for name in loaded if name.startswith("sandbox.") and not name.startswith("sandbox.engine")}
    assert not others
    assert not loaded & {"controlplane", "tenants", "programs", "tests"}
    assert "pulumi.automation" not in loaded


def test_cheap_commands_load_nothing_heavy() -> None:
    assert not _modules(_CHEAP) & {"grpc", "google.protobuf", "cryptography", "asyncio", "yaml", "socket", "uuid"}


@pytest.mark.skipif(bool(OFFICIAL), reason="about this engine's own package")
def test_it_can_be_installed_alone(tmp_path: Path) -> None:
    """Under another name, without this repository on the path."""
    target = tmp_path / "alone" / "pulumi_stand_in"
    sources = ROOT / "sandbox" / "engine"
    for path in sources.rglob("*.py"):
        copy = target / path.relative_to(sources)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    words = [sys.executable, "-m", "pulumi_stand_in", "install", str(tmp_path / "out")]
    subprocess.run(words, check=True, capture_output=True, cwd=target.parent)
    command = tmp_path / "out" / "bin" / "pulumi"
    found = subprocess.run([command, "version"], check=True, capture_output=True, text=True, cwd=tmp_path)
    assert found.stdout == "v3.272.0\n"
    assert str(target.parent) in command.read_text()
