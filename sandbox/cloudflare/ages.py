"""How old a stored object is in emulated time: workerd stamps it with the real one."""

from datetime import UTC, datetime, timedelta

from sandbox.cloudflare.cloud import moment, stamp
from sandbox.kit import Clock, Store

NOTICEABLE = timedelta(seconds=1)


class Ages:
    def __init__(self, clock: Clock, store: Store) -> None:
        self._clock, self._store = clock, store

    def note_shift(self) -> bool:
        """Whether the clock was advanced: from this real moment on the emulated time is ahead by so much."""
        now = datetime.now(UTC)
        offset, known = self._clock.now() - now, self._shifts()
        if known and abs(known[-1][1] - offset) <= NOTICEABLE:
            return False
        doc = {"since": stamp(now), "offset_seconds": offset.total_seconds()}
        self._store.put("clock_shift", f"{self._store.next('clock_shift'):09}", doc)
        return True

    def age(self, uploaded: str) -> timedelta:
        at = moment(uploaded)
        offset = next((offset for since, offset in reversed(self._shifts()) if since <= at), timedelta())
        return self._clock.now() - (at + offset)

    def _shifts(self) -> list[tuple[datetime, timedelta]]:
        docs = self._store.all("clock_shift")
        return [(moment(doc["since"]), timedelta(seconds=doc["offset_seconds"])) for doc in docs]
