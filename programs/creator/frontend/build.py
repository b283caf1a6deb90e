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

from programs.creator.frontend.colour import icon, theme

SOURCE = Path(__file__).parent / "source"
PLAYER = Path(__file__).parent / "vendor" / "hls.js"
NO_SCRIPT = {"de": "Diese Seite braucht JavaScript.", "en": "This site needs JavaScript."}
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
    sources = [*(path for path in sorted(SOURCE.iterdir()) if path.suffix in {".js", ".css", ".json"}), PLAYER]
    files = {path.name: path.read_bytes() for path in sources}
    look = config.get("look") or {}
    files["theme.css"] = theme(look.get("colour")).encode()
    files["icon.svg"] = icon(look.get("colour"), str(config["name"])).encode()
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
    locale = str(config.get("locale") if config.get("locale") in LOCALES else "de")
    look = config.get("look") or {}
    values = {"LOCALE": locale, "SCRIPT": NO_SCRIPT[locale], "FOLDER": folder, "POLICY": _policy(config)}
    own = (look.get("texts") or {}).get(locale) or {}
    values |= {"NAME": str(config["name"]), "TAGLINE": str(own.get("tagline") or config["name"])}
    page = (SOURCE / "index.html").read_text().replace("%PRELOAD%", _preload(folder))
    for key, value in values.items():
        page = page.replace(f"%{key}%", html.escape(value))
    return page.encode()


def _preload(folder: str) -> str:
    """All scripts at once instead of one after the other; the studio is for the creator only."""
    names = [path.name for path in sorted(SOURCE.glob("*.js")) if not path.name.startswith("studio")]
    return "".join(f'<link rel="modulepreload" href="/{folder}/{name}">\n' for name in names)


def _policy(config: Mapping[str, Any]) -> str:
    """Only the site itself, and what it was given: its stream, its chat room, its live channels, its bucket."""
    video, chat = _origin(config.get("playback_url")), _origin(config.get("chat_endpoint"))
    stream = "https://*.live-video.net" if video else ""
    told = (config.get("realtime") or {}).get("socket")
    live = " ".join(_origin(f"{scheme}://{told}") for scheme in ("wss", "ws")) if told else ""
    bucket = " ".join(_origin(each) for each in config.get("uploads") or ())
    lines = {
        "default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "img-src": "'self'",
        "base-uri": "'none'",
        "connect-src": f"'self' {video} {stream} {chat} {live} {bucket}", "media-src": f"'self' blob: {video} {stream}",
        "form-action": "'self'",
    }  # fmt: skip
    return "; ".join(f"{name} {' '.join(value.split())}" for name, value in lines.items())


def _origin(address: object) -> str:
    parts = urlsplit(str(address or ""))
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in {"https", "wss", "http", "ws"} and parts.netloc else ""


if __name__ == "__main__":
    print(write(json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2])).release)  # noqa: T201
