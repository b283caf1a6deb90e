"""A plugin as a process: its first line, its end, and what it loads."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2

from sandbox.plugins import NAMES
from sandbox.plugins.proto import plugin_pb2, provider_pb2, provider_pb2_grpc
from tests.contract.plugins.client import ROOT, Plugin, process, struct
from tests.contract.plugins.recorder import Recorder

PATIENCE = 60.0
SCRIPT = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-m", "sandbox.plugins", sys.argv[1], "127.0.0.1:1"],
                         stdout=subprocess.PIPE, text=True, start_new_session=True)
print(child.pid, child.stdout.readline().strip(), flush=True)
sys.stdin.read()
"""


def wait_for(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return False


def is_running(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_cleanly_and_silently(name: str, number: signal.Signals) -> None:
    plugin = process(name)
    assert plugin.stdout is not None
    port = plugin.stdout.readline()
    assert int(port) > 0
    plugin.send_signal(number)
    out, err = plugin.communicate(timeout=PATIENCE)
    assert (plugin.returncode, out, err) == (0, "", "")


@pytest.mark.parametrize("name", NAMES)
def test_it_ends_with_its_parent(name: str) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, name], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    pid, port = map(int, parent.stdout.readline().split())
    assert port > 0
    assert is_running(pid)
    os.kill(parent.pid, signal.SIGKILL)
    parent.communicate()
    assert wait_for(lambda: not is_running(pid))


@pytest.mark.parametrize("name", NAMES)
def test_the_port_comes_before_anything_heavy(name: str) -> None:
    """A bound on work instead of on time: the modules loaded when the port is printed."""
    code = (
        "import os, sys; from sandbox.plugins import server\n"
        "server._load = lambda name, deferred: os.write(2, ' '.join(sorted(sys.modules)).encode()) and os._exit(0)\n"
        f"server.serve({name!r}, os.getppid())"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE)
    assert int(ended.stdout) > 0
    loaded = set(ended.stderr.split())
    assert "grpc" in loaded
    assert not loaded & {"pulumi", "boto3", "botocore", "httpx", "google.protobuf", "sandbox.plugins.schema"}


def test_loading_the_tables_loads_no_sdk_and_no_vendor_library() -> None:
    code = (
        "import sys; from sandbox.plugins.providers import provider; from sandbox.plugins import NAMES\n"
        "for name in NAMES: provider(name).resources()\n"
        "heavy = {'pulumi', 'boto3', 'httpx', 'controlplane'}\n"
        "print(*sorted({module.split('.')[0] for module in sys.modules} & heavy))\n"
        "print(*sorted({module.split('.')[1] for module in sys.modules if module.startswith('sandbox.')}))"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ended.stdout.splitlines() == ["", "plugins"]


def test_a_provider_that_cannot_be_loaded_ends_the_process() -> None:
    code = (
        "import os; from sandbox.plugins import server\n"
        "server._load = lambda name, deferred: 1 / 0\n"
        "server.serve('aws', os.getppid())"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE)
    assert ended.returncode == 1
    assert "ZeroDivisionError" in ended.stderr


def test_the_usage_is_told() -> None:
    command = [sys.executable, "-m", "sandbox.plugins", "azure", "127.0.0.1:1"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE)
    assert ended.returncode == 1
    assert "cloudflare" in ended.stderr


class TestAttached:
    """One process that serves several provider instances, each on a connection of its own."""

    def connect(self, plugin: Plugin, token: str, recorder: Recorder) -> tuple[grpc.Channel, Any]:
        options = [("grpc.use_local_subchannel_pool", 1)]
        channel = grpc.insecure_channel(f"127.0.0.1:{plugin.port}", options=options)
        stub = provider_pb2_grpc.ResourceProviderStub(channel)
        stub.Attach(plugin_pb2.PluginAttach(address="127.0.0.1:1"))
        args = struct({"apiToken": token, "baseUrl": recorder.url})
        stub.Configure(provider_pb2.ConfigureRequest(args=args, acceptSecrets=True))
        return channel, stub

    def test_each_connection_has_its_own_configuration(self, cloudflare: Plugin, recorder: Recorder) -> None:
        token = "cloudflare:index/workersKvNamespace:WorkersKvNamespace"
        connections = [self.connect(cloudflare, key, recorder) for key in ("first", "second")]
        for _, stub in connections:
            known = struct({"accountId": "a1", "title": "t"})
            stub.Read(provider_pb2.ReadRequest(id="n1", type=token, urn=f"urn::p::{token}::n", properties=known))
        for channel, _ in connections:
            channel.close()
        seen = [request.headers["authorization"] for request in recorder.requests]
        assert seen == ["Bearer first", "Bearer second"]


class TestConfiguration:
    def test_credentials_come_from_the_environment(self, recorder: Recorder) -> None:
        env = {**os.environ, "CLOUDFLARE_API_TOKEN": "ambient"}
        plugin = Plugin("cloudflare", {"baseUrl": recorder.url}, env)
        try:
            plugin.create("cloudflare:index/workersKvNamespace:WorkersKvNamespace", {"accountId": "a1", "title": "x"})
        finally:
            plugin.close()
        assert recorder.requests[0].headers["authorization"] == "Bearer ambient"

    def test_missing_credentials_are_refused(self) -> None:
        env = {key: value for key, value in os.environ.items() if not key.startswith("CLOUDFLARE_")}
        with pytest.raises(grpc.RpcError, match="apiToken") as refused:
            Plugin("cloudflare", {}, env)
        assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED

    def test_an_unknown_argument_is_named(self, cloudflare: Plugin) -> None:
        news = struct({"apiToken": "t", "retries": "3", "version": "6.23.1"})
        answer = cloudflare.stub.CheckConfig(provider_pb2.CheckRequest(news=news))
        assert [failure.property for failure in answer.failures] == ["retries"]

    def test_a_plugin_tells_its_version_and_its_names(self, cloudflare: Plugin) -> None:
        assert cloudflare.stub.GetPluginInfo(empty_pb2.Empty()).version == "6.23.1"
        schema = cloudflare.stub.GetSchema(provider_pb2.GetSchemaRequest()).schema
        assert '"cloudflare:index/dnsRecord:DnsRecord"' in schema
