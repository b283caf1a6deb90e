"""The environment of a function: the only reader of it."""

import os


def text(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise LookupError(f"the function was not told {name}")
    return value


def optional(name: str) -> str:
    return os.environ.get(name, "")


def table(name: str) -> str:
    """The physical name: it changes when a table is restored into a new generation."""
    return text(f"TABLE_{name.upper().replace('-', '_')}")


def words(name: str) -> tuple[str, ...]:
    return tuple(optional(name).split())
