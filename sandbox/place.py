"""One sandbox: its folder, its ports and the secrets it invented, all kept so that the next start continues."""

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.ports import first_free, free_port, is_free

FIRST_PORTS = {"api": 8700, "vendors": 8710, "aws": 8720, "edge": 8730, "dns": 0, "postgres": 0, "redis": 0}


@dataclass(frozen=True)
class Place:
    folder: Path
    ports: dict[str, int]
    secrets: dict[str, str]

    @classmethod
    def open(cls, folder: Path, *, recognisable: bool = True) -> "Place":
        folder = folder.resolve()
        folder.mkdir(parents=True, exist_ok=True, mode=0o755)
        ports = _kept(folder / "ports.json", lambda: _new_ports(recognisable))
        place = cls(folder, {name: int(port) for name, port in ports.items()}, _kept(folder / "secrets.json", _invent))
        for name, value in _invent().items():  # a newer sandbox may need more than the one that made this folder
            if name not in place.secrets:
                place.keep_secret(name, value)
        return place

    def move_away(self) -> list[str]:
        """Ports that somebody else took since the last start are exchanged: two sandboxes never meet."""
        taken = [name for name, port in self.ports.items() if not is_free(port)]
        for name in taken:
            self.ports[name] = first_free(FIRST_PORTS[name]) if FIRST_PORTS[name] else free_port()
        if taken:
            _write(self.folder / "ports.json", self.ports)
        return taken

    def url(self, part: str) -> str:
        return f"http://127.0.0.1:{self.ports[part]}"

    @property
    def public_url(self) -> str:
        return f"http://localhost:{self.ports['api']}"

    @property
    def vendors_url(self) -> str:
        return self.url("vendors")

    def log(self, name: str) -> Path:
        logs = self.folder / "logs"
        logs.mkdir(exist_ok=True)
        return logs / f"{name}.log"

    def keep_secret(self, name: str, value: str) -> None:
        self.secrets[name] = value
        _write(self.folder / "secrets.json", self.secrets)


def _new_ports(recognisable: bool) -> dict[str, Any]:
    """What people type stays recognisable; what only programs dial is any free port."""
    return {name: first_free(port) if port and recognisable else free_port() for name, port in FIRST_PORTS.items()}


def _invent() -> dict[str, Any]:
    return {
        "stripe_secret_key": f"sk_test_{secrets.token_hex(24)}",
        "resend_api_key": f"re_{secrets.token_hex(4)}_{secrets.token_hex(12)}",
        "cloudflare_api_token": secrets.token_urlsafe(30),
        "cloudflare_account_id": secrets.token_hex(16),
        "control_token": secrets.token_urlsafe(24),
        "pulumi_passphrase": secrets.token_urlsafe(24),
        "operator_email": "operator@portal.example",
        "operator_password": secrets.token_urlsafe(12),
        "engineer_email": "engineer@portal.example",
        "engineer_password": secrets.token_urlsafe(12),
        "aws_access_key_id": f"AKIA{secrets.token_hex(8).upper()}",
        "aws_secret_access_key": secrets.token_urlsafe(30),
    }


def _kept(path: Path, make: Any) -> dict[str, Any]:
    if not path.exists():
        _write(path, make())
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def _write(path: Path, content: dict[str, Any]) -> None:
    draft = path.with_suffix(".draft")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(content, file, indent=1)
    draft.replace(path)
