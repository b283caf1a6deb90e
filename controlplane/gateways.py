"""One frozen record of everything a rule or job may reach, built once from the settings."""

from dataclasses import dataclass
from typing import Self

from controlplane.core.clock import Now, rehearsed_now, system_now
from controlplane.core.crypto import KeyProvider, LocalKeys, Seal
from controlplane.core.db import Database
from controlplane.core.queue import Queue
from controlplane.settings import Settings


@dataclass(frozen=True)
class Gateways:
    settings: Settings
    now: Now
    db: Database
    queue: Queue
    seal: Seal

    @classmethod
    def build(cls, settings: Settings) -> Self:
        return cls(
            settings=settings,
            now=rehearsed_now(settings.clock_file) if settings.clock_file else system_now,
            db=Database(
                settings.database.url.get_secret_value(),
                pool_size=settings.database.pool_size,
                statement_timeout_ms=settings.database.statement_timeout_ms,
            ),
            queue=Queue(settings.redis.url.get_secret_value(), prefix=settings.redis.prefix),
            seal=Seal(_keys(settings), environment=settings.name),
        )

    def close(self) -> None:
        self.db.close()
        self.queue.close()


def _keys(settings: Settings) -> KeyProvider:
    if settings.keys.folder is None:
        raise ValueError("CP_KEYS__FOLDER is missing")
    return LocalKeys(settings.keys.folder)
