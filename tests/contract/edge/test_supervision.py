"""One owner, one Node, one workerd: configurations, restarts, leftovers."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psutil  # type: ignore[import-untyped]
import pytest

from sandbox.edge import ConfigRefused, Edge, EdgeConfig, EdgeDown, NodeInstallation
from sandbox.edge.install import InstallFailed
from sandbox.edge.processes import Identity, end_session
from tests.contract.edge.harness import NODE, publish, running, script, visit

HELLO = "export default { fetch() { return new Response('hello') } };"
BROKEN = "throw new Error('not today'); export default {}"


def test_a_configuration_that_does_not_start_leaves_the_earlier_one(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with running(tmp_path, EdgeConfig([script("hello", HELLO)]), route_to="hello") as edge:
            assert visit(edge).text == "hello"
            with pytest.raises(ConfigRefused, match="not today"):
                await edge.apply(EdgeConfig([script("hello", BROKEN)]))
            assert visit(edge).text == "hello"
            assert (await edge.health())["state"] == "ready"

    asyncio.run(scenario())


def test_the_inspection_starts_a_script_without_touching_the_edge(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with running(tmp_path, EdgeConfig()) as edge:
            generation = (await edge.health())["generation"]
            found = await edge.inspect(script("x", HELLO))
            assert found["exports"] == [{"name": "default", "kind": "object", "handlers": ["fetch"]}]
            with pytest.raises(ConfigRefused, match="not today"):
                await edge.inspect(script("x", BROKEN))
            assert (await edge.health())["generation"] == generation

    asyncio.run(scenario())


def test_the_same_port_and_data_after_a_restart(tmp_path: Path) -> None:
    async def scenario() -> tuple[int, float]:
        began = time.monotonic()
        async with running(tmp_path, EdgeConfig([script("hello", HELLO)])) as edge:
            took = time.monotonic() - began
            if edge.starts == 1 and not (tmp_path / "seen").exists():
                await publish(edge, "hello")
                (tmp_path / "seen").touch()
            assert visit(edge).text == "hello"
            return edge.port, took

    first, _ = asyncio.run(scenario())
    second, took = asyncio.run(scenario())
    assert first == second == json.loads((tmp_path / "edge.json").read_text())["port"]
    assert took < 20, "1 s on an idle machine"


def test_a_killed_node_comes_back_by_itself(tmp_path: Path) -> None:
    async def scenario() -> None:
        edge = Edge(tmp_path, installation=NodeInstallation(NODE), port=0)
        keeping = asyncio.create_task(edge.run(EdgeConfig([script("hello", HELLO)])))
        await edge.until_up()
        await publish(edge, "hello")
        for _ in range(2):
            starts = edge.starts
            os.kill(json.loads((tmp_path / "edge" / "pid.json").read_text())["pid"], signal.SIGKILL)
            async with asyncio.timeout(30):
                while edge.starts == starts:
                    await asyncio.sleep(0.02)
            assert visit(edge).text == "hello"
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
        assert not (tmp_path / "edge" / "pid.json").exists()

    asyncio.run(scenario())


def test_a_port_of_somebody_else_is_an_honest_error(tmp_path: Path) -> None:
    async def scenario() -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            edge = Edge(tmp_path, installation=NodeInstallation(NODE), port=taken.getsockname()[1])
            with pytest.raises(EdgeDown, match="belongs to somebody else"):
                await edge.start(EdgeConfig())

    asyncio.run(scenario())


def test_a_failed_installation_is_told_at_once_and_not_after_a_timeout(tmp_path: Path) -> None:
    class Broken(NodeInstallation):
        def ensure(self) -> None:
            raise InstallFailed("npm ci ended with 1")

    async def scenario() -> None:
        edge = Edge(tmp_path, installation=Broken(tmp_path / "node"), port=0)
        with pytest.raises(InstallFailed):
            await edge.run(EdgeConfig())
        with pytest.raises(EdgeDown, match="npm ci ended with 1"):
            await edge.apply(EdgeConfig())
        assert (await edge.health())["state"] == "down"

    asyncio.run(scenario())


def test_an_unrelated_process_is_never_ended(tmp_path: Path) -> None:
    stranger = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, start_new_session=True)
    identity = Identity.of(stranger.pid)
    try:
        assert end_session(identity, executables=[tmp_path]) == 0, "its executable is not ours"
        recycled = Identity(identity.pid, identity.started - 1, identity.boot)
        assert end_session(recycled, executables=[Path(psutil.Process(stranger.pid).exe())]) == 0, (
            "its pid was recycled"
        )
        other_boot = Identity(identity.pid, identity.started, "another boot")
        assert end_session(other_boot, executables=[Path(psutil.Process(stranger.pid).exe())]) == 0
        assert stranger.poll() is None
        assert end_session(identity, executables=[Path(psutil.Process(stranger.pid).exe())]) == 1
    finally:
        stranger.communicate()


def test_the_admin_interface_needs_its_token_and_no_browser(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with running(tmp_path, EdgeConfig()) as edge:
            node = psutil.Process(json.loads((tmp_path / "edge" / "pid.json").read_text())["pid"])
            ports = {found.laddr.port for found in node.net_connections(kind="tcp") if found.status == "LISTEN"}
            async with httpx.AsyncClient(trust_env=False) as http:
                answers = [await http.get(f"http://127.0.0.1:{port}/health") for port in ports]
                browser = [await http.get(f"http://127.0.0.1:{port}/health", headers={"origin": "x"}) for port in ports]
            assert 401 in [answer.status_code for answer in answers]
            assert 403 in [answer.status_code for answer in browser]
            assert not [answer for answer in answers + browser if answer.status_code == 200]
            assert edge.port not in ports, "the public port is workerd's"
            assert b"SP_TOKEN" not in b" ".join(part.encode() for part in node.cmdline())

    asyncio.run(scenario())


def test_an_installation_is_skipped_while_the_lock_file_is_the_same() -> None:
    NodeInstallation(NODE).ensure()
    began = time.monotonic()
    NodeInstallation(NODE).ensure()
    assert time.monotonic() - began < 0.5
    lock = (Path(__file__).parents[3] / "sandbox" / "edge" / "package-lock.json").read_text()
    assert '"resolved"' not in lock, "no registry host in the lock file"
