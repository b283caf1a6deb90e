"""One emulator process for all tests of this folder, the official SDK, and a receiver of webhooks."""

import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
import stripe

from tests.contract.stripe.conformance import differences
from tests.contract.stripe.shop import Shop

SECRETS = {"stripe_secret_key": "sk_test_emulated", "control_token": "control"}


class Sandbox:
    """A process of its own, started as in production, that can be killed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        secrets = folder / "secrets.json"
        secrets.write_text(json.dumps(SECRETS))
        secrets.chmod(0o600)
        self.start()

    def start(self) -> None:
        command = [
            sys.executable,
            "-m",
            "sandbox.vendors",
            "--folder",
            str(self.folder),
            "--port",
            "0",
            "--only",
            "stripe",
        ]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout
        ready = json.loads(self.process.stdout.readline())
        self.url = ready["ready"]

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=60)

    def stop(self) -> None:
        self.process.terminate()
        self.process.communicate(timeout=60)

    @property
    def base(self) -> str:
        return f"{self.url}/stripe"

    def client(self, key: str = SECRETS["stripe_secret_key"], retries: int = 0) -> stripe.StripeClient:
        return stripe.StripeClient(key, base_addresses={"api": self.base}, max_network_retries=retries)

    def raw(self, path: str) -> Any:
        headers = {"authorization": f"Bearer {SECRETS['stripe_secret_key']}"}
        return httpx.get(f"{self.base}{path}", headers=headers, trust_env=False).json()

    def raw_pages(self, path: str) -> Iterator[Any]:
        page = self.raw(f"{path}?limit=100")
        yield from page["data"]
        while page["has_more"]:
            page = self.raw(f"{path}?limit=100&starting_after={page['data'][-1]['id']}")
            yield from page["data"]

    def sim(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        answer = self.sim_answer(method, path, body)
        assert answer.status_code < 300, answer.text
        return answer.json()

    def sim_answer(self, method: str, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
        headers = {"authorization": f"Bearer {SECRETS['control_token']}"}
        return httpx.request(method, f"{self.base}/_sim{path}", json=body, headers=headers, trust_env=False)

    def raw_attempts(self, event: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.sim("GET", f"/attempts?event={event}")["attempts"]
        return found

    def page(self, method: str, path: str) -> httpx.Response:
        return httpx.request(method, f"{self.base}{path}", trust_env=False)

    def control(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        headers = {"authorization": f"Bearer {SECRETS['control_token']}"}
        answer = httpx.request(method, f"{self.url}/control{path}", json=body, headers=headers, trust_env=False)
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    def fault(self, operation: str, kind: str, **options: Any) -> Any:
        return self.control("POST", "/faults", {"vendor": "stripe", "operation": operation, "kind": kind, **options})


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    running = Sandbox(tmp_path_factory.mktemp("sandbox"))
    pauses = {"webhook_backoff": [0.1, 0.2, 0.3, *[1] * 20], "seconds_to_settle": None}
    running.sim("POST", "/settings", pauses)
    yield running
    try:
        assert unfit(running) == []
    finally:
        running.stop()


def unfit(sandbox: Sandbox) -> list[str]:
    """Every object of every event of the whole run, held against the SDK's classes."""
    found: set[str] = set()
    for event in sandbox.raw_pages("/v1/events"):
        found.update(re.sub(r"\[\d+\]", "[]", difference) for difference in differences(event))
    return sorted(found)


@pytest.fixture(scope="session")
def client(sandbox: Sandbox) -> stripe.StripeClient:
    return sandbox.client()


@pytest.fixture
def shop(client: stripe.StripeClient) -> Shop:
    product = client.v1.products.create({"name": "Site"})
    recurring = {"interval": "month"}
    price = client.v1.prices.create(
        {"product": product.id, "currency": "eur", "unit_amount": 2900, "recurring": recurring}
    )
    return Shop(client, product.id, price.id)


@dataclass
class Receiver:
    """The merchant's own server: it answers webhooks as the test wishes, and thanks a buyer who comes back."""

    status: int = 200
    got: list[tuple[str, bytes]] = field(default_factory=list)
    url: str = ""

    @property
    def thanks(self) -> str:
        """Where a buyer comes back to."""
        return self.url.replace("/hooks", "/done?session={CHECKOUT_SESSION_ID}")

    def types(self) -> list[str]:
        return [json.loads(body)["type"] for _, body in self.got]

    def events(self, type: str) -> list[dict[str, Any]]:
        return [event for _, body in self.got if (event := json.loads(body))["type"] == type]


@pytest.fixture
def everything(client: stripe.StripeClient, receiver: Receiver) -> Iterator[Any]:
    """An endpoint that hears every event."""
    made = client.v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["*"]})
    yield made
    client.v1.webhook_endpoints.delete(made.id)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    state = Receiver()

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(b"<title>Thank you</title>")

        def do_POST(self) -> None:
            length = int(self.headers["content-length"])
            body = self.rfile.read(length)
            if len(body) < length:  # the sender was killed while it spoke
                return
            if state.status == 200:
                state.got.append((self.headers["stripe-signature"], body))
            self.send_response(state.status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    state.url = f"http://127.0.0.1:{server.server_port}/hooks"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield state
    server.shutdown()
    server.server_close()
    thread.join()
