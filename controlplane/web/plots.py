"""Pictures of numbers, drawn here as SVG: classes instead of colours, every picture also a sentence and a table."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from controlplane.web.language import Language

WIDTH = 720.0
MOST = 6


@dataclass(frozen=True)
class Bar:
    label: str
    amount: int
    money: str
    x: float
    width: float
    series: int


@dataclass(frozen=True)
class Stack:
    """A stacked bar: parts of one sum."""

    sentence: str
    total: str
    bars: tuple[Bar, ...]
    note: str


def running_cost(cost: Mapping[str, Any], language: Language) -> Stack | None:
    """The biggest parts by themselves, the rest together; nothing is drawn of nothing."""
    rows = sorted((row for row in cost.get("rows", ()) if row["amount"]), key=lambda row: -int(row["amount"]))
    total = sum(int(row["amount"]) for row in rows)
    if not total:
        return None
    parts = [(language(f"cost.{row['service']}"), int(row["amount"])) for row in rows[: MOST - 1]]
    rest = total - sum(amount for _label, amount in parts)
    parts += [(language("cost.rest"), rest)] if rest else []
    share = language.percent(parts[0][1] / total)
    return Stack(
        sentence=language("cost.sentence", part=parts[0][0], share=share),
        total=language.money(total, cost["currency"]),
        bars=tuple(_bars(parts, total, str(cost["currency"]), language)),
        note=language("cost.assumed" if cost.get("assumed") else "cost.given"),
    )


def _bars(parts: list[tuple[str, int]], total: int, currency: str, language: Language) -> list[Bar]:
    bars, x = [], 0.0
    for number, (label, amount) in enumerate(parts):
        width = round(WIDTH * amount / total, 1)
        bars.append(Bar(label, amount, language.money(amount, currency), round(x, 1), width, number))
        x += width
    return bars


@dataclass(frozen=True)
class Column:
    label: str
    value: int
    shown: str
    x: float
    y: float
    height: float


def columns(values: list[tuple[str, int, str]], *, height: float = 140.0) -> list[Column]:
    """From zero, in the order given; a missing month is a gap of height nothing."""
    most = max([value for _label, value, _shown in values] or [0]) or 1
    step = WIDTH / max(1, len(values))
    return [
        Column(
            label,
            value,
            shown,
            round(n * step, 1),
            round(height * (1 - value / most), 1),
            round(height * value / most, 1),
        )
        for n, (label, value, shown) in enumerate(values)
    ]
