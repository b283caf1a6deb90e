"""The way to our own look at the DNS."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from controlplane.settings import Resolver as ResolverSettings

if TYPE_CHECKING:
    from controlplane.domains.look import Look


class CouldNotAsk(Exception):
    """Not the same as "is not there": the last known state stays."""


@dataclass(frozen=True)
class Seen:
    """What is published under one name and type; empty when there is nothing."""

    name: str
    type: str
    values: tuple[str, ...]
    ttl: int | None = None  # seconds for which others may still say the same; None: there is nothing, or nobody knows


def look(settings: ResolverSettings) -> "Look":
    """Loaded with the first question: the DNS library is larger than most processes that never ask one."""
    from controlplane.domains.look import Look

    return Look(settings)
