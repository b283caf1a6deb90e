"""The warm server that children are forked from: it has the SDKs imported and has never opened a channel.

It speaks one word on a socket: a program and two descriptors in (control to read from, events to write to), a process
id out.
Its environment is an allow list, it opens no seal and no database, and it ends when the worker does.
"""

import ctypes
import gc
import json
import os
import resource
import select
import socket
import struct
import sys
from contextlib import suppress
from dataclasses import asdict
from functools import cache
from importlib import import_module
from typing import Any

from controlplane.core import telemetry
from programs import registry

PR_SET_DUMPABLE = 4
INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "PYTHONPATH", "SSL_CERT_FILE", "SSL_CERT_DIR")


def main() -> None:
    door = socket.socket(fileno=int(sys.argv[1]))
    _protect()
    _preload()
    door.sendall(b"ready\n")
    while True:
        readable, _, _ = select.select([door], [], [], 1.0)
        _reap()
        if readable and not _serve(door):
            return


def _preload() -> None:
    import_module("controlplane.vendors.pulumi")
    import_module("controlplane.vendors.pulumi_command").installed(sys.argv[2])
    for program in registry.PROGRAMS.values():
        import_module(program.build.partition(":")[0])
    _freeze()


def _freeze() -> None:
    """No collection touches these pages any more: children go on sharing them."""
    gc.collect()
    gc.freeze()


def _serve(door: socket.socket) -> bool:
    word, descriptors, _flags, _address = socket.recv_fds(door, 64, 2)
    if not word:
        return False  # the worker is gone; children notice at their own pipes
    control, events = descriptors
    pid = os.fork()
    if pid == 0:
        door.close()
        _child(control, events)
    os.close(control)
    os.close(events)
    door.sendall(struct.pack("!i", pid))
    _warm(word.decode())
    return True


@cache
def _warm(name: str) -> None:
    """What the child has to import now, the next one for this program shall find."""
    registry.program(name).warm()
    _freeze()


def _child(control_descriptor: int, events_descriptor: int) -> None:
    """Never returns: a program that is stuck in a thread must not keep the process."""
    code = 1
    gc.disable()  # half of the time of an update would go into walking the SDKs' objects; its memory ends with it
    try:
        os.setsid()
        with os.fdopen(control_descriptor, "r") as control, os.fdopen(events_descriptor, "w") as events:
            _perform(control, events)
            code = 0
    finally:
        os._exit(code)


def _perform(control: Any, events: Any) -> None:
    from controlplane.vendors import pulumi
    from controlplane.vendors.pulumi_job import Job

    def emit(line: dict[str, Any]) -> None:
        with suppress(BrokenPipeError):  # the worker died: what is in flight is finished all the same
            events.write(json.dumps(line) + "\n")
            events.flush()

    job = Job(**json.loads(control.readline()))
    program = registry.program(job.program)
    if job.release and str(program.release()) != job.release:
        emit({"kind": "result", "ok": False, "error_class": "release", "error": f"{program.release()} is installed"})
        return
    with telemetry.in_child(f"pulumi {job.action}", job.trace, operation=job.operation_id, stack=job.stack):
        run = pulumi.Run(job, program, emit)
        pulumi.watch(run, job, control)
        result = run.perform()
    emit({"kind": "result", **asdict(result)})


def _protect() -> None:
    """No core dump and no other process may look into this memory."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


def _reap() -> None:
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


if __name__ == "__main__":
    main()
