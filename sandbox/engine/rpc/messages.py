"""The SDK's own generated messages and stubs, without the SDK.

`import pulumi.runtime.proto` would run `pulumi/__init__` and with it the whole SDK (0.2 s). This process needs only the
generated modules, so the two packages above them are entered as empty ones that know their folder.
"""

import os
import sys
from types import ModuleType


def _enter_packages() -> list[str]:
    if "pulumi" in sys.modules:  # somebody (a test) has the real SDK loaded: then that one is used
        return []
    for folder in sys.path:
        path = os.path.join(folder, "pulumi")
        if os.path.isdir(os.path.join(path, "runtime", "proto")):
            names = ["pulumi", "pulumi.runtime", "pulumi.runtime.proto"]
            for name in names:
                package = ModuleType(name)
                package.__path__ = [os.path.join(folder, *name.split("."))]
                sys.modules[name] = package
            return names
    raise ImportError("the pulumi SDK is not installed: its generated protocol messages are needed")


_ENTERED = _enter_packages()

import grpc  # noqa: E402
import grpc.aio  # noqa: E402
from google.protobuf import empty_pb2, struct_pb2  # noqa: E402
from pulumi.runtime.proto import (  # noqa: E402
    callback_pb2,
    callback_pb2_grpc,
    engine_pb2,
    engine_pb2_grpc,
    events_pb2,
    events_pb2_grpc,
    language_pb2,
    language_pb2_grpc,
    plugin_pb2,
    provider_pb2,
    provider_pb2_grpc,
    resource_pb2,
    resource_pb2_grpc,
    status_pb2,
)

for _name in _ENTERED:  # a later `import pulumi` in this process must find the real one
    del sys.modules[_name]

LIMITS = [
    ("grpc.max_send_message_length", 400 << 20),
    ("grpc.max_receive_message_length", 400 << 20),
    ("grpc.enable_http_proxy", 0),  # only loopback is ever dialled
]

__all__ = [
    "LIMITS",
    "callback_pb2",
    "callback_pb2_grpc",
    "empty_pb2",
    "engine_pb2",
    "engine_pb2_grpc",
    "events_pb2",
    "events_pb2_grpc",
    "grpc",
    "language_pb2",
    "language_pb2_grpc",
    "plugin_pb2",
    "provider_pb2",
    "provider_pb2_grpc",
    "resource_pb2",
    "resource_pb2_grpc",
    "status_pb2",
    "struct_pb2",
]
