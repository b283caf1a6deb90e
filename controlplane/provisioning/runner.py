"""Runs one engine action in a child process, watches it, and owns its end."""

import json
import os
import select
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from controlplane.core.clock import Deadline
from controlplane.core.errors import ProductError
from controlplane.core.telemetry import for_child
from controlplane.provisioning import processes
from controlplane.provisioning.nursery import INHERITED
from controlplane.settings import process_environment
from controlplane.vendors.pulumi_job import Job

OnEvent = Callable[[dict[str, Any]], None]
OnSilence = Callable[[], None]
PATIENCE = 60.0  # after the one SIGINT: longer than the slowest single resource that finishes
PRELOAD = 60.0
LINES, LINE_BYTES = 20_000, 1 << 24


class Crashed(ProductError):
    """The child ended without a result: nobody knows how far it came. Recovery comes first."""


@dataclass
class Child:
    pid: int
    control: int
    events: int

    def stop(self) -> None:
        with suppress(BrokenPipeError):
            os.write(self.control, b"stop\n")

    def close(self) -> None:
        os.close(self.control)
        os.close(self.events)


class Nursery:
    """The fork server of this worker: started when first needed, replaced when it died."""

    def __init__(self, root: str = "") -> None:
        self._root = root  # of the engine; empty: on PATH
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._door: socket.socket | None = None

    @property
    def pid(self) -> int:
        return self._process.pid if self._process else 0

    def warm(self) -> None:
        with self._lock:
            self._ready()

    def born(self, program: str) -> Child:
        with self._lock:
            door = self._ready()
            control_read, control_write = os.pipe()
            events_read, events_write = os.pipe()
            try:
                socket.send_fds(door, [program.encode()], [control_read, events_write])
                (pid,) = struct.unpack("!i", _exactly(door, 4))
            finally:
                os.close(control_read)
                os.close(events_write)
            return Child(pid, control_write, events_read)

    def close(self) -> None:
        with self._lock:
            if self._door:
                self._door.close()
                self._door = None
            if self._process:
                self._process.wait(10)

    def _ready(self) -> socket.socket:
        if self._door is None or self._process is None or self._process.poll() is not None:
            ours, theirs = socket.socketpair()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "controlplane.provisioning.nursery", str(theirs.fileno()), self._root],
                pass_fds=[theirs.fileno()],
                env=process_environment(*INHERITED),  # an allow list
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
            theirs.close()
            ours.settimeout(PRELOAD)
            self._door = ours
            if _exactly(ours, 6) != b"ready\n":
                raise Crashed("the fork server did not start")
        return self._door


def _exactly(door: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        part = door.recv(count - len(data))
        if not part:
            raise Crashed("the fork server is gone")
        data += part
    return data


def _wait() -> None:
    """Nothing was said for a moment, and nobody minds."""


def run(
    nursery: Nursery, job: Job, *, on_event: OnEvent, should_stop: Callable[[], bool], on_silence: OnSilence = _wait
) -> dict[str, Any]:
    """The child's result, or `Crashed`. Whatever happens, nothing of the child is left."""
    child = nursery.born(job.program)
    try:
        _write_all(child.control, replace(job, trace=for_child()).line())
        return _listen(child, on_event, on_silence, should_stop, Deadline(job.deadline))
    finally:
        child.close()
        processes.end(job.operation_id, child=child.pid)


def _listen(
    child: Child, on_event: OnEvent, on_silence: OnSilence, should_stop: Callable[[], bool], deadline: Deadline
) -> dict[str, Any]:
    patience: Deadline | None = None
    buffer, lines = b"", 0
    while True:
        if patience is None and (should_stop() or deadline.passed):
            child.stop()
            patience = Deadline(PATIENCE)
        if patience and patience.passed:
            raise Crashed("it did not end after being asked to")
        if not select.select([child.events], [], [], 0.25)[0]:
            on_silence()
            continue
        data = os.read(child.events, 1 << 16)
        if not data:
            raise Crashed("the child ended without a result")
        buffer += data
        *complete, buffer = buffer.split(b"\n")
        for line in complete:
            message = json.loads(line)
            if message.pop("kind") == "result":
                return dict(message)
            lines += 1
            if lines <= LINES:
                on_event(json.loads(line))


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
