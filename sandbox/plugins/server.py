"""The process around a provider: port first, everything else after."""

import os
import signal
import sys
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NoReturn

import grpc

_PARENT_POLL_SECONDS = 0.5
_MESSAGE_BYTES = 400 * 1024 * 1024  # what the engine and the SDK allow
_THREADS = 64


class Deferred(grpc.GenericRpcHandler):  # type: ignore[misc]
    """Answers calls as soon as the provider is loaded; the port is open before that."""

    def __init__(self) -> None:
        self._loaded = threading.Event()
        self._handlers: list[Any] = []

    def add_generic_rpc_handlers(self, handlers: Any) -> None:
        self._handlers.extend(handlers)
        self._loaded.set()

    def service(self, details: Any) -> Any:
        self._loaded.wait()
        return next((found for handler in self._handlers if (found := handler.service(details))), None)


def serve(name: str, parent: int) -> NoReturn:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _leave)
    deferred = Deferred()
    limits = [("grpc.max_receive_message_length", _MESSAGE_BYTES), ("grpc.max_send_message_length", _MESSAGE_BYTES)]
    server = grpc.server(ThreadPoolExecutor(max_workers=_THREADS), handlers=[deferred], options=limits)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()
    try:
        _load(name, deferred)
    except BaseException:
        traceback.print_exc()
        os._exit(1)  # threads that wait for the provider would keep a broken process alive
    server.wait_for_termination()
    os._exit(0)


def _load(name: str, deferred: Deferred) -> None:
    from sandbox.plugins.providers import provider
    from sandbox.plugins.servicer import Servicer, register

    register(Servicer(provider(name)), deferred)


def _watch(parent: int) -> None:
    """An orphan must not go on creating things that no state remembers."""
    while os.getppid() == parent:
        time.sleep(_PARENT_POLL_SECONDS)
    os._exit(0)


def _leave(number: int, frame: Any) -> None:
    del number, frame
    os._exit(0)
