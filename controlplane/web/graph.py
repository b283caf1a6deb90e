"""The picture of an operation: one box for each component, as bad as its worst resource; drawn without a library."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

WIDTH, HEIGHT, GAP, STEP = 164.0, 52.0, 20.0, 96.0
ACROSS = 5  # boxes beside each other; a layer with more takes further rows
SWEEPS = 4
WORST = ("failed", "now", "next", "done")
Edges = frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Event:
    """The newest word on a resource: its place in the program, what was to be done, how far that is."""

    urn: str
    op: str
    kind: str
    is_plan: bool = False  # said by a preview: nothing was done


@dataclass
class Component:
    key: str
    label: str
    resources: list[tuple[str, str, str]] = field(default_factory=list)  # name, kind, state

    @property
    def state(self) -> str:
        return next((state for state in WORST if any(state == one for _n, _k, one in self.resources)), "next")

    @property
    def done(self) -> int:
        return sum(state == "done" for _name, _kind, state in self.resources)


@dataclass(frozen=True)
class Box:
    component: Component
    x: float
    y: float


@dataclass(frozen=True)
class Picture:
    boxes: tuple[Box, ...]
    lines: tuple[str, ...]  # path data
    width: float
    height: float


def drawn(events: Iterable[Event]) -> Picture | None:
    components, edges = grouped(events)
    if not components:
        return None
    rows = layered(sorted(components), edges)
    across = max(len(row) for row in rows)
    places = {
        key: ((across - len(row)) * (WIDTH + GAP) / 2 + column * (WIDTH + GAP), number * STEP)
        for number, row in enumerate(rows)
        for column, key in enumerate(row)
    }
    boxes = tuple(Box(components[key], *places[key]) for row in rows for key in row)
    lines = tuple(_line(places[one], places[other]) for one, other in sorted(edges))
    return Picture(boxes, lines, across * (WIDTH + GAP) - GAP, (len(rows) - 1) * STEP + HEIGHT)


def grouped(events: Iterable[Event]) -> tuple[dict[str, Component], Edges]:
    """Resources by the component that they stand in, as the types in a URN say; what holds none is left out."""
    found: dict[str, Component] = {}
    paths: set[tuple[str, ...]] = set()
    for event in sorted(events, key=lambda one: one.urn):
        parts = event.urn.split("::")
        if len(parts) < 4 or not _is_vendors(parts[2]):
            continue
        *holders, kind = parts[2].split("$")
        path = ("", *("$".join(holders[: n + 1]) for n in range(len(holders))))
        component = found.setdefault(path[-1], Component(path[-1], _short(path[-1]) or parts[1]))
        component.resources.append((parts[3], _short(kind), _state(event)))
        paths.add(path)
    known = [[key for key in path if key in found] for path in paths]
    return found, frozenset(pair for path in known for pair in itertools.pairwise(path))


def layered(keys: Sequence[str], edges: Edges) -> list[list[str]]:
    """By the longest way from the start; within a layer near to what one is joined with."""
    depth = {key: _depth(key, edges) for key in keys}
    layers = [[key for key in keys if depth[key] == level] for level in sorted(set(depth.values()))]
    for sweep in range(SWEEPS):
        pairs = list(itertools.pairwise(layers))
        for one, other in pairs if sweep % 2 == 0 else reversed(pairs):
            fixed, moved = (one, other) if sweep % 2 == 0 else (other, one)
            middle = _middles(moved, {key: float(n) for n, key in enumerate(fixed)}, edges)
            moved.sort(key=lambda key: middle[key])
    return [layer[n : n + ACROSS] for layer in layers for n in range(0, len(layer), ACROSS)]


def _depth(key: str, edges: Edges) -> int:
    return max((_depth(one, edges) + 1 for one, other in edges if other == key), default=0)


def _middles(moved: Sequence[str], fixed: Mapping[str, float], edges: Edges) -> dict[str, float]:
    joined: dict[str, list[float]] = {key: [] for key in moved}
    for one, other in edges:
        for near, far in ((one, other), (other, one)):
            if near in joined and far in fixed:
                joined[near].append(fixed[far])
    return {key: sum(at) / len(at) if at else float(n) for n, (key, at) in enumerate(joined.items())}


def _line(start: tuple[float, float], end: tuple[float, float]) -> str:
    x1, y1, x2, y2 = start[0] + WIDTH / 2, start[1] + HEIGHT, end[0] + WIDTH / 2, end[1]
    middle = (y1 + y2) / 2
    return f"M{x1:g} {y1:g}C{x1:g} {middle:g} {x2:g} {middle:g} {x2:g} {y2:g}"


def _short(key: str) -> str:
    return key.rsplit("$", 1)[-1].rsplit(":", 1)[-1]


def _is_vendors(kind: str) -> bool:
    """`aws:s3/bucket:Bucket`, not `creator:aws:Website` or `pulumi:pulumi:Stack`: its last part names a file."""
    return "/" in kind.rsplit("$", 1)[-1]


def _state(event: Event) -> str:
    if "failed" in event.kind:
        return "failed"
    if event.is_plan and event.op != "same":
        return "next"
    return "done" if event.op == "same" or "outputs" in event.kind else "now"
