"""Static files: read once, named by their content, kept for a year."""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fastapi import Response

from controlplane.core.errors import NotFound

HERE = Path(__file__).parent
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".png": "image/png",
         ".ico": "image/x-icon", ".txt": "text/plain", ".webmanifest": "application/manifest+json"}  # fmt: skip
FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Asset:
    body: bytes
    media_type: str
    digest: str


@cache
def assets() -> dict[str, Asset]:
    root = HERE / "static"
    files = (file for file in sorted(root.rglob("*")) if file.suffix in TYPES)
    return {str(file.relative_to(root)): _read(file) for file in files}


def _read(file: Path) -> Asset:
    body = file.read_bytes()
    return Asset(body, TYPES[file.suffix], hashlib.sha256(body).hexdigest()[:16])


def address(name: str) -> str:
    return f"/static/{assets()[name].digest}/{name}"


def answer(digest: str, name: str) -> Response:
    """Pages that were kept before an update name the file as it was: the present one serves them better than none."""
    found = assets().get(name)
    if found is None:
        raise NotFound("There is no such file.")
    kept = FOREVER if digest == found.digest else "no-store"
    return Response(found.body, media_type=found.media_type, headers={"cache-control": kept})


@cache
def build() -> str:
    """Changes with every file that a page is made of."""
    digest = hashlib.sha256()
    for file in sorted(HERE.rglob("*")):
        if file.is_file() and file.suffix not in {".pyc"}:
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
