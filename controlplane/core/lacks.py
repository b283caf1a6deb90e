"""What somebody must still do before a service can be used."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Lack:
    what: str
    remedy: str
