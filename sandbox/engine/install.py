"""Writes an installation that `PulumiCommand(root=DIR)` accepts: DIR/bin/pulumi and plugin folders."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

# -S: no site module, -E: no PYTHON* variables, -P: not the folder of the script. Half of a cheap command is this.
_FLAGS = "-SEP"
_LONGEST_SHEBANG = 120  # what every kernel takes
_BODY = """import sys
sys.path.extend({paths!r})
from {module} import {function}
{function}({arguments})
"""


@dataclass(frozen=True)
class Plugin:
    """A provider plugin: `python -m MODULE NAME ENGINE_ADDRESS` is its process."""

    name: str
    version: str
    module: str

    @classmethod
    def parse(cls, text: str) -> "Plugin":
        name, version, module = text.split("=", 2)
        return cls(name, version.removeprefix("v"), module)


def install(directory: Path, plugins: list[Plugin]) -> None:
    package = __name__.rsplit(".", 1)[0]
    _write(directory / "bin" / "pulumi", f"{package}.cli.main", "main", "")
    for plugin in plugins:
        _write_plugin(directory / "plugins", plugin)


def _write_plugin(plugins: Path, plugin: Plugin) -> None:
    name = f"pulumi-resource-{plugin.name}"
    path = plugins / f"resource-{plugin.name}-v{plugin.version}" / name
    body = (
        f"import runpy, sys\nsys.argv[1:1] = [{plugin.name!r}]\nsys.path.extend({_paths()!r})\n"
        f"runpy.run_module({plugin.module!r}, run_name='__main__', alter_sys=True)\n"
    )
    _place(path, body)


def _write(path: Path, module: str, function: str, arguments: str) -> None:
    _place(path, _BODY.format(paths=_paths(), module=module, function=function, arguments=arguments))


def _place(path: Path, body: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(_first_lines() + body)
    temporary.chmod(0o755)
    temporary.replace(path)


def _first_lines() -> str:
    direct = f"#!{sys.executable} {_FLAGS}\n"
    if len(direct) <= _LONGEST_SHEBANG and " " not in sys.executable:
        return direct
    return f"#!/bin/sh\n'''exec' '{sys.executable}' {_FLAGS} \"$0\" \"$@\"\n'''\n"


def _paths() -> list[str]:
    """Where this package and its libraries are: what the site module would have added."""
    root = str(Path(__file__).resolve().parents[__name__.count(".")])
    standard = {os.path.realpath(path) for path in (f"{sys.base_prefix}/lib", os.path.dirname(os.__file__))}
    found = [
        path
        for path in sys.path
        if path and os.path.isdir(path) and "packages" in path and os.path.realpath(path) not in standard
    ]
    return [*dict.fromkeys([*found, root])]
