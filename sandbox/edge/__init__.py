"""The edge of the sandbox: workerd, run by miniflare in one Node process, with exactly the scripts that were uploaded.

Who owns what: the vendors' process owns one `Edge`, made by the Cloudflare emulator, whose store is the only truth.
The Node process (`sidecar.mjs`) keeps KV values and R2 objects on disk and nothing else: its configuration is sent to
it after each start, so no secret of a Worker is written to a file in clear. Its public port is a direct socket of the
generated front Worker; a second one, guarded by a token of this run, gives the emulator's REST API the same KV and R2
stores that the Workers' bindings use.

It ends when its standard input closes, that is with its owner, however that one ends. A Node process that was killed
leaves workerd behind, holding port and files: `processes.py` proves such leftovers by session, start time and
executable before it ends them.

`<home>/edge.json` tells other processes the public address: {"url": "http://127.0.0.1:8787", "port": 8787}.
"""

from sandbox.edge.install import NodeInstallation
from sandbox.edge.supervisor import ConfigRefused, Edge, EdgeConfig, EdgeDown

__all__ = ["ConfigRefused", "Edge", "EdgeConfig", "EdgeDown", "NodeInstallation"]
