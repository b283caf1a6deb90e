"""Pictures of numbers: on one scale from zero, gaps where nothing is known."""

from controlplane.web import plots
from controlplane.web.usual import Usual


class TestBands:
    def test_span_what_half_and_nine_in_ten_needed_beside_the_promise(self) -> None:
        slow, quick = Usual(half=60, most=400, count=20), Usual(half=50, most=100, count=12)
        weeks = [("2026-40", "site", 20, slow), ("2026-41", "site", 3, None), ("2026-42", "site", 12, quick)]
        band = plots.bands(weeks, promise=200)["site"]
        first, last = band.columns
        assert [one.label for one in band.columns] == ["2026-40", "2026-42"], "a week of too few is a gap"
        assert (first.y, first.height) == (0, 119)
        assert last.x == plots.WIDTH * 2 / 3
        assert band.promise == 70, "the same scale"
        assert band.last is quick

    def test_nothing_is_drawn_of_too_few(self) -> None:
        assert plots.bands([("2026-40", "creator", 3, None)], promise=200) == {}
