"""The bytes behind an asset or an archive."""

import io
import zipfile
from pathlib import Path

from sandbox.plugins.failures import Invalid
from sandbox.plugins.values import ARCHIVE, SIGNATURE, Doc, is_asset

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same content makes the same file, whenever it is packed
_MODE = 0o644 << 16


def zipped(value: Doc) -> bytes:
    """A zip file: the one that was given, or one packed from a folder or from single assets."""
    path = value.get("path")
    if path and Path(path).is_file():
        return _read(path)
    return _pack(_members(value))


def _members(value: Doc) -> dict[str, bytes]:
    if value.get("path"):
        root = Path(value["path"])
        files = sorted(path for path in root.rglob("*") if path.is_file())
        return {str(path.relative_to(root)): path.read_bytes() for path in files}
    found: dict[str, bytes] = {}
    for name, item in sorted((value.get("assets") or {}).items()):
        if not is_asset(item):
            raise Invalid(f"'{name}' in an archive is neither an asset nor an archive")
        if item[SIGNATURE] == ARCHIVE:
            found |= {f"{name}/{inner}": content for inner, content in _members(item).items()}
        else:
            found[name] = _asset(item)
    if not found:
        raise Invalid("an archive is empty, or at an address that this plugin does not fetch")
    return found


def _asset(item: Doc) -> bytes:
    return str(item["text"]).encode() if item.get("text") is not None else _read(item["path"])


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise Invalid(f"an asset cannot be read: {error.strerror}") from error


def _pack(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in members.items():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.external_attr = _MODE
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, content)
    return buffer.getvalue()
