"""Identifiers: time-ordered, so that indexes stay compact and a list by id is a list by age."""

import secrets
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def new_id() -> str:
    """26 characters [0-9a-z]: 48 bits of milliseconds, 80 bits of chance (a ULID in lower case)."""
    value = (int(time.time() * 1000) << 80) | secrets.randbits(80)
    return "".join(_ALPHABET[(value >> shift) & 31] for shift in range(125, -5, -5))
