"""A creator's frontend as files: what was built once for everybody, and the settings of this one."""

import hashlib
import html
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import programs.creator

BUILT = Path(programs.creator.__file__).parent / "frontend" / "built"
TEXTS = {
    "de": ("Willkommen", "Hier entsteht etwas. Schon bereit:"),
    "en": ("Welcome", "Something is being made here. Ready so far:"),
}


@dataclass(frozen=True)
class Frontend:
    release: str
    assets: Mapping[str, bytes]  # named by their content: they never change
    switch: dict[str, bytes]  # index.html and config.json: putting them in place is what makes a release live


def build(config: dict[str, Any]) -> Frontend:
    files = dict(_built())
    index = files.pop("index.html", None) or _plain(config)
    release = _release(files, index, config)
    settings = json.dumps({**config, "release": release}, sort_keys=True, ensure_ascii=False).encode()
    return Frontend(release, files, {"index.html": index, "config.json": settings})


def _release(files: Mapping[str, bytes], index: bytes, config: dict[str, Any]) -> str:
    whole = hashlib.sha256(json.dumps(config, sort_keys=True).encode() + index)
    for path, body in sorted(files.items()):
        whole.update(path.encode() + b"\0" + hashlib.sha256(body).digest())
    return whole.hexdigest()[:20]


@cache
def _built() -> dict[str, bytes]:
    found = (path for path in BUILT.rglob("*") if path.is_file()) if BUILT.is_dir() else ()
    return {path.relative_to(BUILT).as_posix(): path.read_bytes() for path in found}


def _plain(config: dict[str, Any]) -> bytes:
    """Without a built frontend: one honest page in the creator's language."""
    locale = config.get("locale", "de")
    title, text = TEXTS.get(locale, TEXTS["en"])
    name = html.escape(str(config["name"]))
    modules = "".join(f"<li>{html.escape(module)}</li>" for module in config["modules"])
    body = f"<h1>{title}: {name}</h1><p>{text}</p><ul>{modules}</ul>"
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{name}</title>'
    return f'<!doctype html><html lang="{locale}"><head>{head}</head><body>{body}</body></html>'.encode()
