"""The SDK's generated messages, loaded without the SDK: importing `pulumi` costs most of a second.

The package borrows the folder of the generated modules, so `from sandbox.plugins.proto import provider_pb2` works.
"""

from importlib.util import find_spec
from pathlib import Path

_sdk = find_spec("pulumi")
if _sdk is None or _sdk.origin is None:
    raise ImportError("the plugins need the package `pulumi` for its generated protocol messages")
__path__.append(str(Path(_sdk.origin).parent / "runtime" / "proto"))
