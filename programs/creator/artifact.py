"""The one code artifact: the runtime and every module's handlers, under the names they are imported by."""

import os
import tempfile
import zipfile
from functools import cache
from hashlib import sha256
from io import BytesIO
from pathlib import Path

PROGRAMS = Path(__file__).parents[1]
PATTERNS = (
    "__init__.py",
    "creator/__init__.py",
    "creator/runtime/*.py",
    "creator/components/__init__.py",
    "creator/components/*/__init__.py",
    "creator/components/*/handlers/*.py",
    "creator/modules/__init__.py",
    "creator/modules/*/__init__.py",
    "creator/modules/*/payments.py",
    "creator/modules/*/privacy.py",
    "creator/modules/*/handlers/*.py",
)
BORN = (1980, 1, 1, 0, 0, 0)  # the same content makes the same file
READABLE = 0o644 << 16


def files() -> dict[str, Path]:
    found = sorted(path for pattern in PATTERNS for path in PROGRAMS.glob(pattern))
    return {f"programs/{path.relative_to(PROGRAMS).as_posix()}": path for path in found}


def packed() -> bytes:
    target = BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for place, path in files().items():
            entry = zipfile.ZipInfo(place, BORN)
            entry.external_attr = READABLE
            archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)
    return target.getvalue()


@cache
def archive() -> Path:
    """One file under the name of its content. Told file by file, the code of all functions would be half of the state,
    and would be read, packed and hashed once for each of them.
    """
    content = packed()
    target = _own_folder() / f"{sha256(content).hexdigest()}.zip"
    if not target.exists():
        handle, fresh = tempfile.mkstemp(dir=target.parent)
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        os.replace(fresh, target)
    return target


def _own_folder() -> Path:
    """Of this user alone: what lies here becomes the code of every creator."""
    folder = Path(tempfile.gettempdir()) / f"creator-code-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if folder.is_symlink() or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise PermissionError(f"{folder} is open to others")
    return folder
