"""Pictures of numbers, drawn here as SVG: classes instead of colours, every picture also a sentence and a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from controlplane.web.language import Language
from controlplane.web.usual import Usual

WIDTH = 720.0
MOST = 6


@dataclass(frozen=True)
class Bar:
    label: str
    amount: int
    money: str
    share: str
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
    currency: str

    @property
    def rows(self) -> list[tuple[str, str, str]]:
        return [(bar.label, f"{bar.amount / 100:.2f}", self.currency) for bar in self.bars]


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
        currency=str(cost["currency"]).upper(),
    )


def _bars(parts: list[tuple[str, int]], total: int, currency: str, language: Language) -> list[Bar]:
    bars, x = [], 0.0
    for number, (label, amount) in enumerate(parts):
        width = round(WIDTH * amount / total, 1)
        share = language.percent(amount / total)
        bars.append(Bar(label, amount, language.money(amount, currency), share, round(x, 1), width, number))
        x += width
    return bars


@dataclass(frozen=True)
class Column:
    label: str
    x: float
    y: float
    height: float


def months(found: Sequence[Any], *, height: float = 140.0) -> dict[str, Any]:
    """Revenue and what it cost on one scale from zero; a month without money is a gap."""
    most = max([max(one.revenue, one.cost or 0) for one in found], default=0) or 1
    step = WIDTH / max(1, len(found))
    if not found:
        return {}

    def columns(values: list[int]) -> list[Column]:
        return [
            Column(
                one.name,
                round(n * step, 1),
                round(height * (1 - max(0, value) / most), 1),
                round(height * max(0, value) / most, 1),
            )
            for n, (one, value) in enumerate(zip(found, values, strict=True))
        ]

    costs = [one.cost for one in found if one.cost is not None]
    return {
        "revenue": columns([one.revenue for one in found]),
        "cost": columns(costs) if costs else [],
        "width": round(min(step - 12, 64.0), 1),
    }


@dataclass(frozen=True)
class Bands:
    """How long it took, week by week: from what half needed to what nine in ten needed."""

    columns: tuple[Column, ...]
    width: float
    promise: float  # where its line is
    last: Usual


def bands(weeks: Sequence[tuple[str, str, int, Usual | None]], *, promise: float) -> dict[str, Bands]:
    """By product, from zero and on one scale with the promise; a week of too few is a gap."""
    return {
        product: found
        for product in sorted({product for _week, product, _n, _usual in weeks})
        if (found := _band([(week, usual) for week, one, _n, usual in weeks if one == product], promise))
    }


def _band(weeks: Sequence[tuple[str, Usual | None]], promise: float, *, height: float = 140.0) -> Bands | None:
    drawn = [usual for _week, usual in weeks if usual]
    if not drawn:
        return None
    most, step = max(promise, *(one.most for one in drawn)), WIDTH / len(weeks)
    columns = tuple(
        Column(week, round(n * step, 1), round(height * (1 - usual.most / most), 1),
               max(2.0, round(height * (usual.most - usual.half) / most, 1)))
        for n, (week, usual) in enumerate(weeks) if usual
    )  # fmt: skip
    return Bands(columns, round(min(step - 12, 64.0), 1), round(height * (1 - promise / most), 1), drawn[-1])
