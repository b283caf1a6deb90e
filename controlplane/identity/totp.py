"""The second factor (RFC 6238: SHA-1, six digits, half a minute), made proof against replay."""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime
from urllib.parse import quote

STEP = 30


def new_seed() -> str:
    return base64.b32encode(secrets.token_bytes(20)).decode()


def counter_at(now: datetime) -> int:
    return int(now.timestamp()) // STEP


def code_at(seed: str, counter: int) -> str:
    mac = hmac.new(base64.b32decode(seed), counter.to_bytes(8, "big"), hashlib.sha1).digest()
    start = mac[-1] & 15
    number = int.from_bytes(mac[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"


def matching_counter(seed: str, code: str, *, now: datetime, after: int) -> int | None:
    """The step the code belongs to: now or one beside it, and newer than the last one that was taken."""
    if len(code) != 6 or not code.isascii() or not code.isdecimal():
        return None
    found = None
    for counter in range(counter_at(now) - 1, counter_at(now) + 2):
        if hmac.compare_digest(code_at(seed, counter), code) and counter > after:
            found = counter
    return found


def address(seed: str, *, issuer: str, account: str) -> str:
    label = quote(f"{issuer}:{account}")
    return f"otpauth://totp/{label}?secret={seed}&issuer={quote(issuer)}&algorithm=SHA1&digits=6&period={STEP}"


def picture(text: str) -> str:
    """As an SVG to be scanned."""
    import segno

    return str(segno.make(text, error="m").svg_inline(scale=4, border=2))
