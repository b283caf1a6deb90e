"""The AWS emulators of other people, each a process of its own with its own folders."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SECRETS = {
    "control_token": "control-token",
    "aws_access_key_id": "AKIASANDBOXPLATFORM0",
    "aws_secret_access_key": "sandbox-secret-access-key",
}
PATIENCE = 120.0
_ROOT = Path(__file__).parents[3]
_BIN = Path(sys.executable).parent


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def moto(folder: Path) -> Iterator[str]:
    port = free_port()
    command = [str(_BIN / "moto_server"), "-H", "127.0.0.1", "-p", str(port)]
    with _running(command, folder, {}, f"http://127.0.0.1:{port}", "/moto-api/") as url:
        yield url


@contextmanager
def sandbox(folder: Path) -> Iterator[str]:
    """The stand-in of this project: ministack, and what ministack lacks."""
    home = folder / "sandbox"
    home.mkdir(parents=True)
    secrets = home / "secrets.json"
    secrets.touch(0o600)
    secrets.write_text(json.dumps(SECRETS))
    kept = {key: os.environ[key] for key in ("PATH", "LANG") if key in os.environ}
    command = [sys.executable, "-m", "sandbox.aws", "--folder", str(home), "--port", "0", "--parent", str(os.getpid())]
    with open(home / "errors", "w") as errors:
        server = subprocess.Popen(
            command, cwd=_ROOT, env={**kept, "HOME": str(home)}, stdout=subprocess.PIPE, stderr=errors, text=True
        )
        try:
            assert server.stdout is not None
            yield json.loads(server.stdout.readline())["ready"]
        finally:
            server.terminate()
            server.communicate()


@contextmanager
def _running(command: list[str], folder: Path, settings: dict[str, str], url: str, health: str) -> Iterator[str]:
    home = folder / Path(command[0]).name
    home.mkdir(parents=True)
    kept = {key: os.environ[key] for key in ("PATH", "LANG") if key in os.environ}
    env = {**kept, "HOME": str(home), "TMPDIR": str(home), **settings}
    with open(home / "log", "w") as log:
        server = subprocess.Popen(command, cwd=home, env=env, stdout=log, stderr=log, start_new_session=True)
        try:
            _wait(server, url + health, home / "log")
            yield url
        finally:
            server.terminate()
            try:
                server.wait(5)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
            shutil.rmtree(home, ignore_errors=True)


def _wait(server: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except urllib.error.HTTPError as error:
            error.close()
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"no answer from {url}: {log.read_text()[-2000:]}")
