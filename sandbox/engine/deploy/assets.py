"""Assets and archives: what the program names gets a hash of its content, by which providers see changes."""

import os
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from urllib.request import urlopen

from ..properties import ARCHIVE, ASSET, SIGNATURE, rewrite


class AssetMissing(Exception):
    """The file behind an asset cannot be read."""


def with_hashes(value: Any, folder: str) -> Any:
    """Relative paths begin in the folder of the program."""

    def change(marked: dict[str, Any]) -> Any:
        if marked[SIGNATURE] in (ASSET, ARCHIVE) and not marked.get("hash"):
            return {**marked, "hash": _digest(marked, Path(folder))}
        return marked if "value" not in marked else {**marked, "value": with_hashes(marked["value"], folder)}

    return rewrite(value, change)


def _digest(marked: dict[str, Any], folder: Path) -> str:
    try:
        if "assets" in marked:
            parts = {name: _digest(item, folder) for name, item in marked["assets"].items()}
        elif "text" in marked:
            return sha256(marked["text"].encode()).hexdigest()
        elif "path" in marked:
            path = folder / marked["path"]
            if path.is_file():
                return sha256(path.read_bytes()).hexdigest()
            parts = _tree(path)
        else:
            return sha256(_fetch(str(marked.get("uri", "")))).hexdigest()
    except OSError as error:
        name = marked.get("path") or marked.get("uri")
        raise AssetMissing(f"failed to compute asset hash for {str(name)!r}: {error.strerror or error}") from error
    return sha256("".join(f"{name}\0{digest}\n" for name, digest in sorted(parts.items())).encode()).hexdigest()


def _tree(root: Path) -> dict[str, str]:
    if not root.is_dir():
        raise FileNotFoundError(2, "no such file or directory")
    paths = [Path(base) / name for base, _, names in os.walk(root) for name in names]
    return {str(path.relative_to(root)): sha256(path.read_bytes()).hexdigest() for path in paths}


def _fetch(uri: str) -> bytes:
    parts = urlsplit(uri)
    if parts.scheme == "file":
        return Path(unquote(parts.path)).read_bytes()
    if parts.scheme not in ("http", "https"):
        raise OSError(f"unsupported URI scheme {parts.scheme!r}")
    with urlopen(uri, timeout=60) as answer:  # noqa: S310 - the scheme was checked
        content: bytes = answer.read()
    return content
