"""Passwords of operators: argon2id, slow on purpose, a few at a time."""

import threading
from functools import cache
from itertools import pairwise

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from controlplane.core.errors import Invalid

SHORTEST, LONGEST = 12, 256
_HASHER = PasswordHash((Argon2Hasher(time_cost=3, memory_cost=64 * 1024, parallelism=2),))
_SLOTS = threading.BoundedSemaphore(4)  # 64 MiB each
# Long enough and still among the first that anybody tries.
_COMMON = frozenset(
    "passwordpassword passwort12345 passwort1234 password1234 password12345 password123456 qwertyuiop12 qwertzuiop12"
    " qwertyuiopas qwertzuiopue letmein12345 letmeinletmein welcome12345 willkommen12 willkommen123 iloveyou1234"
    " administrator administrator1 adminadminadmin changemechangeme changeme1234 startrek1234 hallohallohallo"
    " sommer202612 geheimgeheim trustno1trustno1 correcthorsebatterystaple passwort passw0rd1234 1q2w3e4r5t6z"
    " 1q2w3e4r5t6y 1qaz2wsx3edc zaq12wsxcde3 abcdefghijkl abc123abc123 football1234 master123456 dragon123456".split()
)


def hashed(password: str) -> str:
    with _SLOTS:
        return _HASHER.hash(password)


def right(password: str, stored: str) -> bool:
    with _SLOTS:
        return len(password) <= LONGEST and _HASHER.verify(password, stored)


def check(password: str, *, email: str) -> None:
    if not SHORTEST <= len(password) <= LONGEST:
        raise Invalid(f"A password has {SHORTEST} to {LONGEST} characters.", code="password_length")
    plain = password.casefold()
    local = email.partition("@")[0].casefold()
    weak = plain in _COMMON or len(set(plain)) < 5 or _runs(plain) or (len(local) > 3 and plain.startswith(local))
    if weak:
        raise Invalid("This password is too easy to guess.", code="password_common")


def _runs(text: str) -> bool:
    """Mostly steps of one: 123456789012, abcdefghijkl."""
    steps = sum(abs(ord(a) - ord(b)) <= 1 for a, b in pairwise(text))
    return steps >= len(text) * 3 // 4


@cache
def nobody() -> str:
    """What is compared with when there is no such operator, so that it takes as long."""
    return hashed("no such operator")
