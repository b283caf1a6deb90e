"""Interpreters for handlers, forked from one that has imported what handlers import: a cold start costs a tenth.

Stands where the backend's Lambda runtime had `subprocess`; what is not Python is started as before.
"""

import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

STARTED_IN = 60.0


class Interpreter:
    """As much of a `Popen` as the backend uses. It is no child of this process: its end is the end of a pipe."""

    def __init__(self, pid: int, stdin: int, stdout: int, stderr: int, life: int) -> None:
        self.pid = pid
        self.stdin = os.fdopen(stdin, "w", buffering=1, encoding="utf-8")
        self.stdout = os.fdopen(stdout, encoding="utf-8", errors="replace")
        self.stderr = os.fdopen(stderr, encoding="utf-8", errors="replace")
        self._life = os.fdopen(life, "rb", buffering=0)

    def poll(self) -> int | None:
        return 0 if self._is_over(0) else None

    def wait(self, timeout: float | None = None) -> int:
        if not self._is_over(timeout):
            raise subprocess.TimeoutExpired("handler", timeout or 0.0)
        return 0

    def terminate(self) -> None:
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        self._send(signal.SIGKILL)

    def _is_over(self, timeout: float | None) -> bool:
        """Not by `select`, which knows a thousand descriptors: twenty platforms have more."""
        watcher = select.poll()
        watcher.register(self._life, select.POLLIN | select.POLLHUP)
        return bool(watcher.poll(None if timeout is None else timeout * 1000))

    def _send(self, number: signal.Signals) -> None:
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)


class Interpreters:
    """The server that they are forked from is started when somebody makes a function."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._server: subprocess.Popen[bytes] | None = None
        self._door: socket.socket | None = None

    def warm(self) -> None:
        """Somebody will need one soon."""
        with self._lock:
            self._ready()

    def __getattr__(self, name: str) -> Any:
        return getattr(subprocess, name)

    def Popen(self, command: Sequence[str], **options: Any) -> Any:
        if command[0] != sys.executable:
            return subprocess.Popen(command, **options)
        return self._fork({"script": command[1], "folder": options["cwd"], "environment": options["env"]})

    def _fork(self, told: dict[str, Any]) -> Interpreter:
        pipes = [os.pipe() for _ in range(4)]  # its input, output, errors, and life
        (stdin, ours), *others = pipes
        theirs = [stdin, *(write for _, write in others)]
        try:
            with self._lock:
                door = self._ready()
                socket.send_fds(door, [json.dumps(told).encode()], theirs)
                (pid,) = struct.unpack("!i", door.recv(4))
        finally:
            for end in theirs:
                os.close(end)
        return Interpreter(pid, ours, *(read for read, _ in others))

    def _ready(self) -> socket.socket:
        if self._door is None or self._server is None or self._server.poll() is not None:
            self._door, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            self._door.settimeout(STARTED_IN)
            command = [sys.executable, "-m", "sandbox.aws.interpreter", str(theirs.fileno())]
            self._server = subprocess.Popen(command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL)
            theirs.close()
        return self._door
