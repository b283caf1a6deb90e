"""A creator's site as files: versioned sources, and what this creator made of them. The same input, the same bytes."""

import hashlib
import html
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from programs.creator.frontend.colour import theme

SOURCE = Path(__file__).parent / "source"
LOCALES = ("de", "en")


@dataclass(frozen=True)
class Frontend:
    release: str
    assets: Mapping[str, bytes]  # below a folder named by its content: they never change
    switch: dict[str, bytes]  # index.html and config.json: putting them in place is what makes a release live

    @property
    def manifest(self) -> dict[str, Any]:
        files = {**self.assets, **self.switch}
        hashes = {path: hashlib.sha256(body).hexdigest() for path, body in sorted(files.items())}
        return {"release": self.release, "files": hashes}


def build(config: Mapping[str, Any]) -> Frontend:
    files = {
        path.name: path.read_bytes() for path in sorted(SOURCE.iterdir()) if path.suffix in {".js", ".css", ".json"}
    }
    look = config.get("look") or {}
    files["theme.css"] = theme(look.get("colour")).encode()
    release = _release(files, config)
    folder = f"assets/{release}"
    settings = json.dumps({**config, "release": release}, sort_keys=True, ensure_ascii=False).encode()
    switch = {"index.html": _index(config, folder), "config.json": settings}
    return Frontend(release, {f"{folder}/{name}": body for name, body in files.items()}, switch)


def write(config: Mapping[str, Any], out_dir: Path) -> Frontend:
    made = build(config)
    manifest = json.dumps(made.manifest, indent=2).encode()
    for path, body in {**made.assets, **made.switch, "manifest.json": manifest}.items():
        (out_dir / path).parent.mkdir(parents=True, exist_ok=True)
        (out_dir / path).write_bytes(body)
    return made


def _release(files: Mapping[str, bytes], config: Mapping[str, Any]) -> str:
    whole = hashlib.sha256(json.dumps(config, sort_keys=True).encode() + (SOURCE / "index.html").read_bytes())
    for path, body in sorted(files.items()):
        whole.update(path.encode() + b"\0" + hashlib.sha256(body).digest())
    return whole.hexdigest()[:20]


def _index(config: Mapping[str, Any], folder: str) -> bytes:
    locale = config.get("locale") if config.get("locale") in LOCALES else "de"
    values = {"LOCALE": str(locale), "NAME": str(config["name"]), "FOLDER": folder, "POLICY": _policy(config)}
    page = (SOURCE / "index.html").read_text()
    for key, value in values.items():
        page = page.replace(f"%{key}%", html.escape(value))
    return page.encode()


def _policy(config: Mapping[str, Any]) -> str:
    """Only the site itself, and the two addresses of its stream and its chat room."""
    video, chat = _origin(config.get("playback_url")), _origin(config.get("chat_endpoint"))
    stream = "https://*.live-video.net" if video else ""
    lines = {
        "default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "img-src": "'self'",
        "base-uri": "'none'",
        "connect-src": f"'self' {video} {stream} {chat}", "media-src": f"'self' blob: {video} {stream}",
        "form-action": "'self'",
    }  # fmt: skip
    return "; ".join(f"{name} {' '.join(value.split())}" for name, value in lines.items())


def _origin(address: object) -> str:
    parts = urlsplit(str(address or ""))
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in {"https", "wss", "http", "ws"} and parts.netloc else ""


if __name__ == "__main__":
    print(write(json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2])).release)  # noqa: T201
