"""One line per request in the log: when, what, how it ended. Never a body, a query or a header."""

import asyncio
import logging
import time
from pathlib import Path
from urllib.parse import quote

from starlette.types import ASGIApp, Message, Receive, Scope, Send


def open_log(path: Path) -> logging.Logger:
    log = logging.getLogger("sandbox")
    handler = logging.FileHandler(path, delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False
    return log


class RequestLog:
    def __init__(self, app: ASGIApp, *, log: logging.Logger) -> None:
        self._app, self._log = app, log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        outcome, started = ["cut"], time.perf_counter()
        path = quote(scope["path"])  # a line break in a path is no line break in the log

        async def note(message: Message) -> None:
            if message["type"] == "http.response.start":
                outcome[0] = str(message["status"])
            await send(message)

        try:
            await self._app(scope, receive, note)
        except ConnectionAbortedError:
            outcome[0] = "cut by a fault"
            raise
        except Exception:
            outcome[0] = "crashed"
            self._log.exception("%s %s", scope["method"], path)
            raise
        finally:
            took = (time.perf_counter() - started) * 1000
            self._log.info("%s %s -> %s in %.0f ms", scope["method"], path, outcome[0], took)


class OnlyCrashes(logging.Filter):
    """The server reports connections that a fault or the end of the process cut as crashes: they are none."""

    def filter(self, record: logging.LogRecord) -> bool:
        kind = record.exc_info[0] if record.exc_info else None
        return not (kind and issubclass(kind, (ConnectionAbortedError, asyncio.CancelledError)))
