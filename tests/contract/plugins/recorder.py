"""A small HTTP server that remembers documents by path, records every request and misbehaves on demand."""

import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PATIENCE = 60.0
_COLLECTIONS = ("/routes", "/dns_records", "/custom_hostnames", "/namespaces", "/buckets")


@dataclass
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Recorder:
    url: str = ""
    requests: list[Request] = field(default_factory=list)
    documents: dict[str, Any] = field(default_factory=dict)
    faults: list[str] = field(
        default_factory=list
    )  # taken one per request: drop_after, 500_after, 429, garbage_after ...

    def calls(self) -> list[str]:
        return [f"{request.method} {request.path}" for request in self.requests]

    def await_requests(self, number: int) -> None:
        deadline = time.monotonic() + PATIENCE
        while len(self.requests) < number:
            assert time.monotonic() < deadline, f"{len(self.requests)} requests instead of {number}"
            time.sleep(0.01)

    def forget(self) -> None:
        self.requests.clear()
        self.documents.clear()
        self.faults.clear()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    recorder: Recorder

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {key.lower(): value for key, value in self.headers.items()}
        request = Request(self.command, self.path.removeprefix("/client/v4"), headers, body)
        self.recorder.requests.append(request)
        fault = self.recorder.faults.pop(0) if self.recorder.faults else ""
        status, _, pause = fault.partition(" ")
        if status in {"429", "500"}:
            headers = {"retry-after": pause or "0"} if status == "429" else {}
            return self._answer(int(status), _errors(int(status), "injected"), headers)
        code, answer = self._effect(request)
        if fault == "drop_after":
            self.close_connection = True
            return None
        if fault == "500_after":
            return self._answer(500, _errors(10001, "injected"), {})
        if fault == "garbage_after":
            return self._answer(200, "<html>", {})
        return self._answer(code, answer, {})

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _handle

    def _effect(self, request: Request) -> tuple[int, Any]:
        path, documents = request.path.split("?")[0], self.recorder.documents
        if request.method == "POST" and path.endswith(_COLLECTIONS):
            return self._create(path, request.json)
        if request.method in {"PUT", "PATCH", "POST"}:
            documents[path] = {**documents.get(path, {}), **(request.json if request.body.startswith(b"{") else {})}
            return 200, _result(documents[path])
        if request.method == "DELETE":
            return (200, _result(None)) if documents.pop(path, None) is not None else (404, _errors(10006, "not found"))
        if path.endswith(_COLLECTIONS):
            return 200, _result([doc for key, doc in documents.items() if key.startswith(path + "/")])
        return (200, _result(documents[path])) if path in documents else (404, _errors(10006, "not found"))

    def _create(self, path: str, wanted: Any) -> tuple[int, Any]:
        documents = self.recorder.documents
        if any({**doc, **wanted} == doc for key, doc in documents.items() if key.startswith(path + "/")):
            return 409, _errors(81058, "an identical object exists")
        id = wanted["name"] if path.endswith("/buckets") else f"{len(documents):032x}"
        documents[f"{path}/{id}"] = {**wanted, "id": id}
        return 200, _result(documents[f"{path}/{id}"])

    def _answer(self, status: int, answer: Any, headers: dict[str, str]) -> None:
        body = (answer if isinstance(answer, str) else json.dumps(answer)).encode()
        self.send_response(status)
        for key, value in {"content-type": "application/json", "content-length": str(len(body)), **headers}.items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        del format, args


def _result(result: Any) -> dict[str, Any]:
    return {"success": True, "errors": [], "messages": [], "result": result}


def _errors(code: int, message: str) -> dict[str, Any]:
    return {"success": False, "errors": [{"code": code, "message": message}], "messages": [], "result": None}


@contextmanager
def recording() -> Iterator[Recorder]:
    recorder = Recorder()
    handler = type("Handler", (_Handler,), {"recorder": recorder})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    recorder.url = f"http://127.0.0.1:{server.server_address[1]}/client/v4"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield recorder
    finally:
        server.shutdown()
        server.server_close()


def parts(request: Request) -> dict[str, tuple[str, bytes]]:
    """The head and the content of each part of a multipart request, by name."""
    boundary = request.headers["content-type"].split("boundary=")[1].encode()
    found = {}
    for chunk in request.body.split(b"--" + boundary)[1:-1]:
        head, content = chunk.strip(b"\r\n").split(b"\r\n\r\n", 1)
        name = re.search(rb'name="([^"]+)"', head)
        assert name is not None
        found[name.group(1).decode()] = (head.decode(), content)
    return found
