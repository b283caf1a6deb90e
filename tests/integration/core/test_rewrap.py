"""Moving sealed values to a new key, on the host."""

import subprocess
import sys

from controlplane import sealed
from controlplane.core.ids import new_id
from controlplane.gateways import Gateways
from tests.integration.identity.test_commands import environment


def keys(gateways: Gateways, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "controlplane", "keys", *words]
    return subprocess.run(command, env=environment(gateways), capture_output=True, text=True, check=False, timeout=60)


def test_everything_moves_to_the_new_key_and_the_active_one_is_refused(gateways: Gateways) -> None:
    gateways.secrets.get("pepper", new_id)
    old = gateways.seal.active
    refused = keys(gateways, "rewrap", "--kid", old)
    assert refused.returncode == 2
    assert "active key" in refused.stderr
    assert keys(gateways, "rotate", "seal").returncode == 0
    moved = keys(gateways, "rewrap", "--kid", old)
    assert (moved.returncode, "nothing is left" in moved.stdout) == (0, True)
    [kids] = [kids for label, kids in sealed.counts(gateways).items() if label.startswith("kept_secrets") and kids]
    assert old not in kids
    assert sum(kids.values()) >= 1
