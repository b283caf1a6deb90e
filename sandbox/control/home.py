"""The state that all processes of a sandbox share, opened from its folder."""

import json
import stat
from pathlib import Path

from sandbox.dns.table import DnsTable
from sandbox.kit import Clock, Faults, Store
from sandbox.kit.home import Home


def open_home(folder: Path, *, url: str) -> Home:
    return Home(
        folder=folder,
        url=url,
        secrets=read_secrets(folder),
        clock=Clock(folder / "clock.json"),
        faults=Faults(Store(folder / "faults" / "state.sqlite")),
        dns=DnsTable(Store(folder / "dns" / "state.sqlite")),
    )


def read_secrets(folder: Path) -> dict[str, str]:
    path = folder / "secrets.json"
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise PermissionError(f"{path.name} must be readable by its owner only (mode 0600)")
    secrets: dict[str, str] = json.loads(path.read_text())
    if not secrets.get("control_token"):
        raise ValueError(f"{path.name} has no control_token")
    return secrets
