"""Identifiers: time-ordered, so that indexes stay compact and a list by id is a list by age."""

import secrets
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def new_id() -> str:
    """26 characters [0-9a-z]: 48 bits of milliseconds, 80 bits of chance (a ULID in lower case)."""
    return _written((int(time.time() * 1000) << 80) | secrets.randbits(80))


def lowest_id(seconds_ago: float) -> str:
    """Below every id that was made since: what is new is found by the index that every table has."""
    return _written(int((time.time() - seconds_ago) * 1000) << 80)


def _written(value: int) -> str:
    return "".join(_ALPHABET[(value >> shift) & 31] for shift in range(125, -5, -5))
