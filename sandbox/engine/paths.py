"""Property paths: `a.b[0]["c.d"]`, with `*` for every key or index."""

import re
from typing import Any

Path = list[str | int]
_PART = re.compile(r"""\.?([^.\[\]"]+)|\.?"((?:[^"\\]|\\.)*)"|\[(?:(\d+)|"((?:[^"\\]|\\.)*)"|(\*))\]""")


def parse_path(text: str) -> Path:
    path: Path = []
    position = 0
    while position < len(text):
        match = _PART.match(text, position)
        if match is None:
            raise ValueError(f"invalid property path {text!r}")
        plain, quoted, index, key, star = match.groups()
        if index is not None:
            path.append(int(index))
        else:
            path.append(star or plain or (quoted if quoted is not None else key).replace('\\"', '"'))
        position = match.end()
    return path


def get_at(value: Any, path: Path) -> Any:
    """None when there is nothing."""
    for part in path:
        if isinstance(value, dict):
            value = value.get(str(part))
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
        else:
            return None
    return value


def contains(outer: Path, inner: Path) -> bool:
    """Whether a change at `inner` is one inside `outer` (or of something around it)."""
    return all(left in ("*", right) or right == "*" for left, right in zip(outer, inner, strict=False))


def reset(new: Any, old: Any, path: Path) -> Any:
    """A copy of `new` whose part at the path is what `old` has there (also: not there at all)."""
    if not path:
        return old
    part, rest = path[0], path[1:]
    if part == "*":
        for key in _keys(new, old):
            new = reset(new, old, [key, *rest])
        return new
    return _reset_part(new, old, part, rest)


def _keys(new: Any, old: Any) -> list[str | int]:
    if isinstance(new, list) and isinstance(old, list):
        return list(range(min(len(new), len(old))))
    both = [value for value in (new, old) if isinstance(value, dict)]
    return sorted({key for value in both for key in value})


def _reset_part(new: Any, old: Any, part: str | int, rest: Path) -> Any:
    if isinstance(part, int) and isinstance(new, list):
        if part >= len(new) or not isinstance(old, list) or part >= len(old):
            return new
        return [reset(item, old[part], rest) if index == part else item for index, item in enumerate(new)]
    if not isinstance(new, dict) or not isinstance(old, dict):
        return new
    key = str(part)
    if rest:
        return {**new, key: reset(new[key], old[key], rest)} if key in new and key in old else new
    if key in old:
        return {**new, key: old[key]}
    return {name: item for name, item in new.items() if name != key}
