"""Nothing from outside reaches an internal Worker, forges what the edge says, or picks another site."""

import asyncio
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from sandbox.edge import Edge, EdgeConfig
from tests.contract.edge.harness import raw, running, script, service, visit

CORE = """
export default { async fetch(request, env) {
  if (new URL(request.url).pathname === "/add") return new Response(String(await env.INTERNAL.add(2, 3)));
  return Response.json({ url: request.url, cf: request.cf ?? null, headers: Object.fromEntries(request.headers) });
} };
"""
INTERNAL = """
import { WorkerEntrypoint } from "cloudflare:workers";
export default class extends WorkerEntrypoint {
  fetch() { return new Response("internal reached", { status: 200 }); }
  add(a, b) { return a + b; }
}
"""
FORGED = {
    "MF-Route-Override": "internal",
    "MF-Original-URL": "http://internal.localhost/",
    "MF-CF-Blob": '{"country":"evil"}',
    "MF-Original-Hostname": "internal.localhost",
    "CF-Connecting-IP": "6.6.6.6",
    "CF-Ray": "evil",
    "X-Forwarded-For": "6.6.6.6",
    "X-Forwarded-Host": "internal.localhost",
    "X-Real-IP": "6.6.6.6",
    "True-Client-IP": "6.6.6.6",
}


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    config = EdgeConfig([script("core", CORE, service("INTERNAL", "internal")), script("internal", INTERNAL)])
    with asyncio.Runner() as runner:
        context = running(Path(tmp_path_factory.mktemp("edge")), config, route_to="core")
        yield runner.run(context.__aenter__())
        runner.run(context.__aexit__(None, None, None))


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_header_changes_nothing(edge: Edge, name: str) -> None:
    page = visit(edge, "/p?q=1", headers={name: FORGED[name]}).json()
    assert page["url"].startswith("http://a.localhost")
    assert page["url"].endswith("/p?q=1")
    assert FORGED[name] not in page["headers"].values()
    assert "evil" not in str(page["cf"])
    assert page["headers"]["cf-connecting-ip"] == "127.0.0.1"


def test_the_internal_worker_is_reached_by_its_binding_only(edge: Edge) -> None:
    assert visit(edge, "/add").text == "5"
    for host in ("internal", "internal.localhost", "__data", "__front", "127.0.0.1"):
        assert "internal reached" not in visit(edge, host=host, headers=FORGED).text


def test_an_address_is_no_site(edge: Edge) -> None:
    assert visit(edge, host=f"127.0.0.1:{edge.port}").text == "error code: 1001"


@pytest.mark.parametrize(
    "request_",
    [
        b"GET http://internal/ HTTP/1.1\r\nHost: a.localhost\r\nConnection: close\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a.localhost\r\nHost: internal\r\nConnection: close\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a.localhost@internal\r\nConnection: close\r\n\r\n",
        b"CONNECT internal:80 HTTP/1.1\r\nHost: internal:80\r\nConnection: close\r\n\r\n",
    ],
)
def test_a_crooked_request_line_or_host_reaches_no_other_worker(edge: Edge, request_: bytes) -> None:
    answer = raw(edge, request_)
    assert b"internal reached" not in answer
    assert not answer or answer.startswith(b"HTTP/1.1 ")


def test_cookies_bodies_and_repeated_headers_pass(edge: Edge) -> None:
    page = visit(edge, method="POST", content="x" * 10, headers={"cookie": "a=1; b=2", "x-custom": "1, 2"}).json()
    assert (page["headers"]["cookie"], page["headers"]["x-custom"]) == ("a=1; b=2", "1, 2")
    assert page["headers"]["x-forwarded-proto"] == "http"


def test_workers_reach_servers_on_loopback(tmp_path: Path) -> None:
    """The product's API, Stripe and Resend stand there in the sandbox."""

    class Hello(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(f"{self.path} {self.headers['authorization']}".encode())

        def log_message(self, format: str, *args: object) -> None:
            del format, args

    async def scenario() -> str:
        address = f"http://127.0.0.1:{server.server_port}/v1"
        source = (
            f"export default {{ fetch() {{ return fetch('{address}', {{ headers: {{ authorization: 'x' }} }}) }} }};"
        )
        async with running(tmp_path, EdgeConfig([script("caller", source)]), route_to="caller") as edge:
            return await asyncio.to_thread(lambda: visit(edge).text)

    with ThreadingHTTPServer(("127.0.0.1", 0), Hello) as server:
        serving = Thread(target=server.serve_forever)
        serving.start()
        answered = asyncio.run(scenario())
        server.shutdown()
        serving.join()
    assert answered == "/v1 x"
