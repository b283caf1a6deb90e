"""The one code artifact: the runtime and every module's handlers, under the names they are imported by."""

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


def files() -> dict[str, Path]:
    found = sorted(path for pattern in PATTERNS for path in PROGRAMS.glob(pattern))
    return {f"programs/{path.relative_to(PROGRAMS).as_posix()}": path for path in found}
