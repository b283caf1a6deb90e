"""Stripe's nested form encoding: `items[0][price]=...` to nested dictionaries and back out as a readable path."""

import re
from typing import Any
from urllib.parse import parse_qsl

from sandbox.stripe.errors import Doc, StripeError

_PART = re.compile(r"\[([^\]]*)\]")


def parse(encoded: str) -> Doc:
    """Lists stay dictionaries of their indices here; only the schema knows what is a list."""
    tree: Doc = {}
    for name, value in parse_qsl(encoded, keep_blank_values=True):
        head, *_ = name.split("[", 1)
        _insert(tree, [head, *_PART.findall(name[len(head) :])], value, name)
    return tree


def _insert(tree: Doc, path: list[str], value: str, name: str) -> None:
    for part in path[:-1]:
        tree = tree.setdefault(_position(tree, part), {})
        if not isinstance(tree, dict):
            raise StripeError(f"Invalid parameter encoding: {name}", param=name)
    tree[_position(tree, path[-1])] = value


def _position(tree: Doc, part: str) -> str:
    """`expand[]` appends."""
    return part if part else str(len(tree))


def join(path: str, part: Any) -> str:
    return f"{path}[{part}]" if path else str(part)
