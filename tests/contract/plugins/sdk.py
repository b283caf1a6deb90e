"""The installed SDKs, read as text: which properties a resource type and its nested blocks have."""

import ast
import functools
import gc
import re
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path


@dataclass(frozen=True)
class Field:
    required: bool
    blocks: tuple[str, ...]  # names of nested argument classes in its type
    text: str  # the annotation


Fields = dict[str, Field]


@dataclass(frozen=True)
class ResourceClass:
    inputs: Fields
    outputs: Fields  # inputs included
    folder: Path

    def block(self, field: Field) -> Fields:
        found = (_class(self.folder / "_inputs.py", name) for name in field.blocks)
        return next((_fields(node) for node in found if node), {})


def resource_class(token: str) -> ResourceClass:
    package, path, name = token.split(":")
    folder = _package(f"pulumi_{package}")
    module = path.split("/")[0]
    if module != "index":
        folder /= {"lambda": "lambda_"}.get(module, module)
    file = _defining(folder, name)
    arguments = _class(file, f"{name}InitArgs") or _class(file, f"{name}Args")
    state = _class(file, f"_{name}State")
    assert arguments is not None
    assert state is not None
    return ResourceClass(_fields(arguments), _fields(state), folder)


def provider_class(package: str) -> ResourceClass:
    folder = _package(f"pulumi_{package}")
    arguments = _class(folder / "provider.py", "ProviderArgs")
    assert arguments is not None
    fields = _fields(arguments)
    return ResourceClass(fields, fields, folder)


@functools.cache
def _package(name: str) -> Path:
    spec = find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


@functools.cache
def _defining(folder: Path, name: str) -> Path:
    snake = re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()
    guess = folder / f"{snake}.py"
    for file in [guess, *sorted(folder.glob("*.py"))]:
        if file.exists() and f"\nclass {name}(" in _text(file):
            return file
    raise LookupError(f"the SDK has no class {name} in {folder.name}")


@functools.lru_cache(maxsize=4)
def _text(file: Path) -> str:
    return file.read_text()


def _class(file: Path, name: str) -> ast.ClassDef | None:
    """Only the one class is parsed: whole files take seconds."""
    found = re.search(rf"^class {name}[(:].*?(?=^\S|\Z)", _text(file), re.DOTALL | re.MULTILINE)
    node = _parsed(found.group(0)).body[0] if found else None
    return node if isinstance(node, ast.ClassDef) else None


def _parsed(text: str) -> ast.Module:
    """Without the collector: a finalizer that prints a traceback parses too, and Python 3.11 cannot do both at once."""
    gc.disable()
    try:
        return ast.parse(text)
    finally:
        gc.enable()


def _fields(node: ast.ClassDef) -> Fields:
    functions = [item for item in node.body if isinstance(item, ast.FunctionDef)]
    start = next((item for item in functions if item.name == "__init__"), None)
    if start is None:
        return {}
    wire = {item.name: _wire_name(item) for item in functions if item.decorator_list and not _is_setter(item)}
    pairs = zip(start.args.kwonlyargs, start.args.kw_defaults, strict=True)
    return {wire.get(argument.arg) or argument.arg: _field(argument, default is None) for argument, default in pairs}


def _field(argument: ast.arg, required: bool) -> Field:
    annotation = ast.unparse(argument.annotation) if argument.annotation else ""
    blocks = tuple(name for name in re.findall(r"'(\w+)'", annotation) if not name.endswith("ArgsDict"))
    return Field(required, blocks, annotation)


def _is_setter(function: ast.FunctionDef) -> bool:
    return any(isinstance(item, ast.Attribute) and item.attr == "setter" for item in function.decorator_list)


def _wire_name(function: ast.FunctionDef) -> str:
    for item in function.decorator_list:
        if isinstance(item, ast.Call):
            named = next((keyword.value for keyword in item.keywords if keyword.arg == "name"), None)
            if isinstance(named, ast.Constant):
                return str(named.value)
    return ""
