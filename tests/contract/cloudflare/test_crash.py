"""kill -9 at work: whatever was acknowledged is there afterwards."""

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil  # type: ignore[import-untyped]
import pytest

from tests.contract.cloudflare.harness import EU, Client, Emulator, unique, until

HELLO = "export default { async fetch(r, env) { return new Response(`hello ${await env.KV.get('0') ?? '-'}`) } };"


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Emulator]:
    emulator = Emulator(tmp_path / "home").start()
    yield emulator
    emulator.stop()


def edge_processes(emulator: Emulator) -> dict[str, psutil.Process]:
    """Node and workerd of this emulator by the name of their executable."""
    assert emulator.process is not None
    found = {}
    for process in psutil.Process(emulator.process.pid).children(recursive=True):
        with contextlib.suppress(psutil.Error):
            found[Path(process.exe()).name] = process
    return found


def ended(process: psutil.Process) -> bool:
    """A killed orphan may wait as a zombie for an init that never collects it."""
    try:
        return bool(process.status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


class Writers:
    """Writes objects, values and records as fast as they are acknowledged."""

    def __init__(self, emulator: Emulator) -> None:
        self._api = Client(emulator)
        self.bucket = self._api.bucket(unique("crash"), headers=EU)
        self.namespace = self._api.namespace(unique("crash"))
        self.acknowledged: dict[str, list[int]] = {"object": [], "value": [], "record": []}
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._write, args=(kind,), daemon=True) for kind in self.acknowledged]

    def start(self) -> "Writers":
        for thread in self._threads:
            thread.start()
        until(lambda: all(len(done) >= 5 for done in self.acknowledged.values()), what="first writes")
        return self

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self._api.close()

    def _write(self, kind: str) -> None:
        # slower than 200 calls a second, which Cloudflare would refuse
        for number in range(3000):
            if self._stop.wait(0.02):
                return
            try:
                answer = self._send(kind, number)
            except httpx.TransportError:
                continue
            if answer.is_success and answer.json()["success"]:
                self.acknowledged[kind].append(number)

    def _send(self, kind: str, number: int) -> httpx.Response:
        http, api = self._api.http, self._api
        if kind == "object":
            return http.put(f"{self.bucket}/objects/o/{number}", content=str(number) * 999, headers=EU)
        if kind == "value":
            return http.put(f"{self.namespace}/values/{number}", content=str(number))
        record = {"name": f"r{number}.localhost", "type": "TXT", "content": str(number)}
        return http.post(f"{api.zone}/dns_records", json=record)

    def lost(self, emulator: Emulator) -> list[str]:
        with httpx.Client(base_url=f"{emulator.url}/client/v4", headers=emulator.headers(), trust_env=False) as http:
            found = {
                "object": set(self._names(http, f"{self.bucket}/objects", "key", "o/")),
                "value": set(self._names(http, f"{self.namespace}/keys", "name", "")),
                "record": self._records(http),
            }
        return [
            f"{kind} {number}"
            for kind, done in self.acknowledged.items()
            for number in done
            if number not in found[kind]
        ]

    def _names(self, http: httpx.Client, path: str, field: str, prefix: str) -> Iterator[int]:
        size = {"per_page": 1000} if field == "key" else {"limit": 1000}
        for item in http.get(path, params=size, headers=EU, timeout=60).json()["result"]:
            yield int(item[field].removeprefix(prefix))

    def _records(self, http: httpx.Client) -> set[int]:
        listed = http.get(f"{self._api.zone}/dns_records", params={"per_page": 5000}).json()["result"]
        return {int(record["content"]) for record in listed if record["name"].startswith("r")}


def test_the_emulator_is_killed_at_work(running: Emulator) -> None:
    writers = Writers(running).start()
    node = edge_processes(running)["node"]
    running.kill()
    writers.stop()
    until(lambda: ended(node), what="the end of Node with its owner")
    running.start()
    assert writers.lost(running) == []


def test_node_and_workerd_are_killed_at_work(running: Emulator) -> None:
    writers = Writers(running).start()
    api = Client(running)
    script, host = unique("crash"), f"{unique('crash')}.localhost"
    binding = {"type": "kv_namespace", "name": "KV", "namespace_id": writers.namespace.rpartition("/")[2]}
    assert api.upload(script, HELLO, bindings=[binding]).status_code == 200
    api.serve(host, script)
    api.shows(host, "hello 0")
    before = edge_processes(running)
    os.kill(before["workerd"].pid, signal.SIGKILL)
    until(lambda: edge_processes(running).get("workerd") not in (None, before["workerd"]), what="another workerd")
    api.shows(host, "hello 0")
    before = edge_processes(running)
    os.kill(before["node"].pid, signal.SIGKILL)
    until(lambda: edge_processes(running).get("node") not in (None, before["node"]), what="another Node")
    assert ended(before["workerd"]), "Node's orphan"
    api.shows(host, "hello 0")
    writers.stop()
    api.close()
    assert writers.lost(running) == []


def test_everything_is_killed_at_once(running: Emulator) -> None:
    writers = Writers(running).start()
    processes = edge_processes(running)
    os.kill(processes["node"].pid, signal.SIGKILL)
    running.kill()
    writers.stop()
    assert not ended(processes["workerd"]), "the orphan still holds port and files"
    running.start()
    until(lambda: ended(processes["workerd"]), what="the end of the orphan")
    assert writers.lost(running) == []
