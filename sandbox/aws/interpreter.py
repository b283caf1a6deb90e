"""The server of `interpreters`: told a script, its folder and environment and four descriptors, it forks one for it.

It knows nothing of the sandbox, as no handler may, and ends when its door is closed.
"""

import gc
import json
import os
import runpy
import signal
import socket
import struct
import sys
from contextlib import suppress
from functools import cache
from importlib import import_module
from typing import Any, NoReturn

COMMON = ("dynamodb", "secretsmanager", "cognito-idp", "s3")
MESSAGE = 1 << 18
IGNORED = (signal.SIGINT, signal.SIGCHLD)  # whoever is ended by its function leaves nothing to wait for


def main() -> None:
    for number in IGNORED:
        signal.signal(number, signal.SIG_IGN)
    door = socket.socket(fileno=int(sys.argv[1]))
    _preload()
    while _serve(door):
        pass


def _preload() -> None:
    """Files that describe services are read once; sessions are made by each handler, with its own credentials."""
    import_module("boto3.dynamodb.types")
    import_module("botocore.handlers")
    loader = import_module("botocore.loaders").JSONFileLoader
    loader.load_file = cache(loader.load_file)
    session = import_module("botocore.session").Session()
    for service in COMMON:
        session.create_client(service, region_name="eu-central-1", aws_access_key_id="-", aws_secret_access_key="-")
    del session
    gc.collect()
    gc.freeze()


def _serve(door: socket.socket) -> bool:
    word, descriptors, _flags, _address = socket.recv_fds(door, MESSAGE, 4)
    if not word:
        return False
    pid = os.fork()
    if pid == 0:
        door.close()
        _become(json.loads(word), descriptors)
    for descriptor in descriptors:
        os.close(descriptor)
    door.send(struct.pack("!i", pid))
    return True


def _become(told: dict[str, Any], descriptors: list[int]) -> NoReturn:
    """The last descriptor is only held: whoever has its other end sees when this process is gone."""
    code = 1
    try:
        for ignored in IGNORED:
            signal.signal(ignored, signal.SIG_DFL)
        for number, descriptor in enumerate(descriptors[:3]):
            os.dup2(descriptor, number)
            os.close(descriptor)
        sys.stdin, sys.stdout, sys.stderr = os.fdopen(0), os.fdopen(1, "w"), os.fdopen(2, "w", buffering=1)
        os.chdir(told["folder"])
        os.environ.clear()
        os.environ.update(told["environment"])
        sys.argv, sys.path[0] = [told["script"]], os.path.dirname(told["script"])
        for name in [name for name in sys.modules if name.partition(".")[0] == "sandbox"]:
            del sys.modules[name]
        runpy.run_path(told["script"], run_name="__main__")
        code = 0
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        with suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
