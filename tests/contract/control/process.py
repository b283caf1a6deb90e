"""The vendors' process as a test starts it: in a folder of its own, on free ports, killed at the end."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.control.client import Control

SECRETS = {"control_token": "control-token", "resend_api_key": "re_initial", "stripe_secret_key": "sk_test_initial"}


@dataclass
class Vendors:
    folder: Path
    arguments: tuple[str, ...] = ()
    url: str = ""
    dns_port: int = 0
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self, *, port: int = 0) -> None:
        command = [sys.executable, "-m", "sandbox.vendors", "--folder", str(self.folder), "--port", str(port)]
        with (self.folder / "errors.txt").open("ab") as errors:
            self.process = subprocess.Popen([*command, *self.arguments], stdout=subprocess.PIPE, stderr=errors)
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, (self.folder / "errors.txt").read_text()
        ready = json.loads(line)
        self.url, self.dns_port = ready["ready"], ready["dns_port"]

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        assert self.process is not None
        assert self.process.stdout is not None
        self.process.send_signal(how)
        code = self.process.wait(timeout=60)
        self.process.stdout.close()
        return code

    def control(self) -> Control:
        return Control(self.url, SECRETS["control_token"])

    def errors(self) -> str:
        return (self.folder / "errors.txt").read_text()


def prepare(folder: Path) -> None:
    path = folder / "secrets.json"
    path.touch(mode=0o600)
    path.write_text(json.dumps(SECRETS))


@contextmanager
def running(folder: Path, *arguments: str) -> Iterator[Vendors]:
    prepare(folder)
    vendors = Vendors(folder, arguments)
    vendors.start()
    try:
        yield vendors
    finally:
        if vendors.process is not None and vendors.process.poll() is None:
            vendors.end()


def until(holds: Callable[[], Any], *, seconds: float = 60) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.03)
    return found
