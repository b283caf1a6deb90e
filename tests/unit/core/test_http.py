"""How often and how long another service is called again."""

from collections.abc import Callable, Iterable, Iterator

import httpx
import pytest

from controlplane.core import http
from controlplane.core.errors import TryLater


def answers(codes: Iterable[int], **headers: str) -> Callable[[], httpx.Response]:
    given: Iterator[int] = iter(codes)
    return lambda: httpx.Response(next(given), headers=headers)


def test_a_limit_is_waited_for_as_told_and_longer_than_a_fault() -> None:
    slept: list[float] = []
    calm = answers([*[429] * 5, 200], **{"retry-after": "1"})
    assert http.send(calm, what="x", repeatable=False, sleep=slept.append).status_code == 200
    assert len(slept) == 5
    assert all(1.0 <= one <= 1.5 for one in slept)
    assert len(set(slept)) > 1


def test_a_limit_that_lasts_gives_the_worker_back() -> None:
    slept: list[float] = []
    with pytest.raises(TryLater, match="429"):
        http.send(answers([429] * 99, **{"retry-after": "1"}), what="x", repeatable=True, sleep=slept.append)
    assert sum(slept) <= http.LONGEST_WAIT
    with pytest.raises(TryLater) as told:
        http.send(answers([429], **{"retry-after": "60"}), what="x", repeatable=True, sleep=slept.append)
    assert told.value.after.total_seconds() >= 60


def test_a_fault_is_tried_three_times_and_only_where_it_can_do_no_harm() -> None:
    slept: list[float] = []
    with pytest.raises(TryLater, match="503"):
        http.send(answers([503] * 3), what="x", repeatable=True, sleep=slept.append)
    assert len(slept) == 2
    assert http.send(answers([503]), what="x", repeatable=False, sleep=slept.append).status_code == 503
