"""A security token service that writes down what it is asked."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

_NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"


@dataclass
class Sts:
    url: str = ""
    account: str = "111122223333"
    calls: list[dict[str, str]] = field(default_factory=list)


def _answer(sts: Sts, form: dict[str, str], key: str) -> str:
    action = form["Action"]
    if action == "AssumeRole":
        keys = f"<AccessKeyId>OF-{form['RoleArn'].rsplit('/', 1)[-1]}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>"
        lasting = "<SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration>"
        body = f"<Credentials>{keys}{lasting}</Credentials>"
    else:
        body = f"<Account>{sts.account}</Account><Arn>arn:aws:iam::{sts.account}:{key}</Arn><UserId>{key}</UserId>"
    return f'<{action}Response xmlns="{_NAMESPACE}"><{action}Result>{body}</{action}Result></{action}Response>'


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    sts: Sts

    def do_POST(self) -> None:
        form = dict(parse_qsl(self.rfile.read(int(self.headers["content-length"])).decode()))
        key = self.headers["authorization"].split("Credential=")[1].split("/")[0]
        self.sts.calls.append({**form, "key": key})
        body = _answer(self.sts, form, key).encode()
        self.send_response(200)
        self.send_header("content-type", "text/xml")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        del format, args


@contextmanager
def token_service() -> Iterator[Sts]:
    sts = Sts()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"sts": sts}))
    server.daemon_threads = True
    sts.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield sts
    finally:
        server.shutdown()
        server.server_close()
