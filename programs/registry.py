"""Programs by name. Importing this module loads no provider: a program's module is imported when it is first needed."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Release:
    """A version of a program: what a tenant records that it wants, has, or failed on."""

    program: str
    version: str
    sha256: str

    def __str__(self) -> str:
        return f"{self.program}@{self.version}+{self.sha256[:12]}"


@dataclass(frozen=True)
class Program:
    name: str
    version: str
    spec: str  # "module:Class"
    build: str  # "module:function"
    sources: tuple[str, ...]  # patterns below programs/; together they are the release
    parts: str = ""  # "module:function" that imports what build imports on its way

    def spec_type(self) -> type[Any]:
        found: type[Any] = _load(self.spec)
        return found

    def read(self, data: Mapping[str, Any]) -> Any:
        """A spec out of JSON, refused if a field is missing, unknown or of another type."""
        return TypeAdapter(self.spec_type()).validate_json(json.dumps(data))

    def entry(self, spec: object, secrets: Mapping[str, str]) -> Callable[[], None]:
        from programs.base import entry

        if not isinstance(spec, self.spec_type()):
            raise TypeError(f"{self.name} takes a {self.spec}, not a {type(spec).__name__}")
        return entry(_load(self.build), spec, secrets)

    def warm(self) -> None:
        if self.parts:
            _load(self.parts)()

    def release(self) -> Release:
        return Release(self.name, self.version, _digest(self.sources))

    def files(self) -> Iterator[Path]:
        return _files(self.sources)


def _load(reference: str) -> Any:
    module, _, name = reference.partition(":")
    return getattr(import_module(module), name)


def _files(sources: tuple[str, ...]) -> Iterator[Path]:
    for path in sorted({path for pattern in sources for path in HERE.glob(pattern)}):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path


@cache
def _digest(sources: tuple[str, ...]) -> str:
    """Over names and contents, with lengths, so that no two trees look alike."""
    whole = sha256()
    for path in _files(sources):
        content = path.read_bytes()
        whole.update(f"{path.relative_to(HERE).as_posix()}\0{len(content)}\0".encode())
        whole.update(content)
    return whole.hexdigest()


_SHARED = ("base.py", "specs.py", "storage.py")

PROGRAMS: Mapping[str, Program] = {
    program.name: program
    for program in (
        Program(
            name="platform",
            version="1.0.0",
            spec="programs.specs:PlatformSpec",
            build="programs.platform:build",
            sources=(*_SHARED, "platform.py", "bindings.py", "edge/bindings.json", "edge/built/*"),
        ),
        Program(
            name="site",
            version="1.0.0",
            spec="programs.specs:SiteSpec",
            build="programs.site:build",
            sources=(*_SHARED, "site.py", "site_plan.py"),
        ),
        Program(
            name="creator",
            version="1.0.0",
            spec="programs.creator.spec:CreatorSpec",
            build="programs.creator.program:build",
            sources=("base.py", "specs.py", "__init__.py", "creator/**/*.py", "creator/**/*.js"),
            parts="programs.creator.registry:load_all",
        ),
    )
}


def program(name: str) -> Program:
    if name not in PROGRAMS:
        raise LookupError(f"there is no program {name!r}")
    return PROGRAMS[name]
