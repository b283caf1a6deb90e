"""A zip that somebody sends becomes a site, or is refused with the name of what is wrong with it.

Sizes are counted while unpacking: what an archive says about itself is not believed.
"""

import io
import stat
import unicodedata
import zipfile
from dataclasses import dataclass
from typing import Any

from controlplane.core.errors import Invalid

# What the Domain Worker serves (src/shared/mime.ts); it looks at the first bytes as well.
ALLOWED = frozenset(
    "html htm css js mjs json map webmanifest txt vtt xml svg png jpg jpeg gif webp avif ico woff woff2 ttf otf"
    " mp4 webm mp3 m4a ogg wav pdf".split()
)
HARD_FILE_BYTES = 25 * 1024 * 1024
RATIO = 200  # text of one letter packs better than that; no page does
LEFT_OUT = frozenset({"__macosx", ".ds_store", "thumbs.db", "desktop.ini"})
MAX_PATH = 512
CHUNK = 64 * 1024


@dataclass(frozen=True)
class Bounds:
    files: int
    file_bytes: int
    site_bytes: int


def unpack(body: bytes, bounds: Bounds) -> dict[str, bytes]:
    """Path → content, as the edge takes it."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir() and not _is_left_out(entry.filename)]
            if len(entries) > bounds.files:
                raise _refused("too_many_files", max=bounds.files)
            files = _read_all(archive, entries, bounds, packed=len(body))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise _refused("not_a_zip") from error
    return _without_folder(files)


def _read_all(
    archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], bounds: Bounds, *, packed: int
) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    left = min(bounds.site_bytes, max(packed, CHUNK) * RATIO)
    names: set[str] = set()
    for entry in entries:
        path = _path(entry)
        folded = unicodedata.normalize("NFKC", path).casefold()
        if folded in names:
            raise _refused("same_name", path=path)
        names.add(folded)
        files[path] = _read(archive, entry, min(left, bounds.file_bytes, HARD_FILE_BYTES))
        left -= len(files[path])
    if not files:
        raise _refused("empty")
    return files


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int) -> bytes:
    if entry.flag_bits & 0x1:
        raise _refused("encrypted", path=entry.filename)
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise _refused("link", path=entry.filename)
    found = bytearray()
    with archive.open(entry) as source:
        while chunk := source.read(CHUNK):
            found += chunk
            if len(found) > most:
                raise _refused("too_large", path=entry.filename, max=most)
    return bytes(found)


def _path(entry: zipfile.ZipInfo) -> str:
    name = unicodedata.normalize("NFC", entry.filename)
    parts = name.split("/")
    strange = "\\" in name or name.startswith("/") or any(unicodedata.category(one) in {"Cc", "Cf"} for one in name)
    if strange or len(name) >= MAX_PATH or any(not part or set(part) == {"."} for part in parts):
        raise _refused("bad_path", path=name[:200])
    if "." not in parts[-1] or parts[-1].rpartition(".")[2].lower() not in ALLOWED:
        raise _refused("type_not_allowed", path=name[:200])
    return f"/{name}"


def _without_folder(files: dict[str, bytes]) -> dict[str, bytes]:
    """Whoever packs a folder gets the folder too: one around everything is taken off."""
    if "/index.html" in files:
        return files
    tops = {path.split("/")[1] for path in files}
    top = f"/{next(iter(tops))}" if len(tops) == 1 else ""
    if not top or f"{top}/index.html" not in files:
        raise _refused("no_index")
    return {path.removeprefix(top): content for path, content in files.items()}


def _is_left_out(name: str) -> bool:
    return any(part.lower() in LEFT_OUT or part.startswith("._") for part in name.split("/"))


def _refused(why: str, **more: Any) -> Invalid:
    path = f" ({more['path']})" if "path" in more else ""
    return Invalid(f"This archive cannot be published: {why.replace('_', ' ')}{path}.", code=f"archive_{why}", **more)
