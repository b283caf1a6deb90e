"""Two sides in turn, A B A B …, and the median of the ratios pair by pair: it holds when the machine's speed drifts."""

import statistics
from collections.abc import Callable
from typing import Any

Row = dict[str, Any]
ROUNDS = 5


def ratio(
    name: str, ours: Callable[[], float], bare: Callable[[], float], *, goal: float, at_least: bool = True
) -> Row:
    """`ours` and `bare` give a rate (at least) or a time (at most); one round of each is thrown away."""
    ours(), bare()
    pairs = [(ours(), bare()) for _round in range(ROUNDS)]
    value = statistics.median(mine / theirs for mine, theirs in pairs)
    return {"name": name, "value": value, "goal": goal, "met": value >= goal if at_least else value <= goal}
