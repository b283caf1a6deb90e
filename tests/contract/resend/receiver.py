"""A web server that takes webhooks, as the product would, and can be told to refuse them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import resend


@dataclass(frozen=True)
class Request:
    path: str
    headers: dict[str, str]
    body: str

    @property
    def id(self) -> str:
        return self.headers["svix-id"]

    def verified(self, secret: str) -> Any:
        """The event, if the official SDK accepts the signature."""
        names = {"id": "svix-id", "timestamp": "svix-timestamp", "signature": "svix-signature"}
        headers: Any = {short: self.headers[full] for short, full in names.items()}
        return resend.Webhooks.verify({"payload": self.body, "headers": headers, "webhook_secret": secret})


@dataclass
class Receiver:
    port: int = 0
    requests: list[Request] = field(default_factory=list)
    refusals: dict[str, int] = field(default_factory=dict)  # path -> how many more are answered with 500

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}/{path}"

    def at(self, path: str) -> list[Request]:
        return [request for request in self.requests if request.path == f"/{path}"]


@contextmanager
def listening() -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["content-length"])
            raw = self.rfile.read(length)
            if len(raw) < length:  # the sender was killed while it spoke
                return
            receiver.requests.append(Request(self.path, {k.lower(): v for k, v in self.headers.items()}, raw.decode()))
            left = receiver.refusals.get(self.path.strip("/"), 0)
            receiver.refusals[self.path.strip("/")] = left - 1
            self.send_response(500 if left > 0 else 204)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
