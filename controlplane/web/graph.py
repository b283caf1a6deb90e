"""The picture of an operation's resources: layers by parent, one box each, drawn without a library."""

from dataclasses import dataclass

BOX, GAP, HEIGHT, ROW = 148.0, 16.0, 34.0, 62.0
MOST = 40
ENDED = ("outputs", "same")


@dataclass(frozen=True)
class Box:
    label: str
    kind: str
    state: str
    x: float
    y: float


@dataclass(frozen=True)
class Picture:
    boxes: tuple[Box, ...]
    width: float
    height: float


def drawn(events: list[tuple[str, str, str]]) -> Picture | None:
    """The newest word on each resource; types in layers, names within a layer in order."""
    states: dict[str, str] = {}
    for urn, op, kind in events:
        states[urn] = _state(op, kind, states.get(urn, ""))
    if not states:
        return None
    layers: dict[int, list[str]] = {}
    for urn in sorted(states)[:MOST]:
        layers.setdefault(urn.split("::")[2].count("$") if urn.count("::") > 2 else 0, []).append(urn)
    rows = [layer[n : n + 5] for _depth, layer in sorted(layers.items()) for n in range(0, len(layer), 5)]
    boxes = [_box(urn, states[urn], column, row) for row, line in enumerate(rows) for column, urn in enumerate(line)]
    width = max(len(line) for line in rows) * (BOX + GAP)
    return Picture(tuple(boxes), width, len(rows) * ROW)


def _box(urn: str, state: str, column: int, row: int) -> Box:
    kind = urn.split("::")[2].rsplit(":", 1)[-1] if urn.count("::") > 2 else ""
    return Box(urn.rsplit("::", 1)[-1][:20], kind[:22], state, column * (BOX + GAP), row * ROW)


def _state(op: str, kind: str, before: str) -> str:
    if "failed" in kind:
        return "failed"
    if op == "same" or "outputs" in kind:
        return "done"
    return before if before == "done" else "now"
