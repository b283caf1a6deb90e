"""The form of every secret that we hand out: `cpl_<kind>_<43 characters of chance><6 of CRC-32>`.

Scanners and our own log scrubber find it, and garbage is dropped before any query. Stored is a keyed hash only.
"""

import hashlib
import hmac
import re
import secrets
import zlib
from enum import StrEnum

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_FORM = re.compile(r"^cpl_([a-z]{2})_([0-9A-Za-z]{43})([0-9A-Za-z]{6})$")


class Kind(StrEnum):
    ACCESS = "at"
    CLIENT_SECRET = "cs"  # noqa: S105 -- the name of a kind
    MAGIC_LINK = "ml"
    RECOVERY = "rc"
    SESSION = "se"
    BROWSER = "br"
    CODE = "ac"
    STATE = "os"
    BREAK_GLASS = "bg"


_KINDS = {kind.value: kind for kind in Kind}


def mint(kind: Kind) -> str:
    body = _base62(secrets.randbits(256), 43)
    return f"cpl_{kind.value}_{body}{_checksum(kind.value, body)}"


def kind_of(token: str) -> Kind | None:
    """None for anything that cannot be one of ours."""
    match = _FORM.match(token)
    if match is None or not hmac.compare_digest(_checksum(match[1], match[2]), match[3]):
        return None
    return _KINDS.get(match[1])


def digest(token: str, *, kid: str, pepper: str) -> str:
    return f"{kid}${hmac.new(pepper.encode(), token.encode(), hashlib.sha256).hexdigest()}"


def _checksum(kind: str, body: str) -> str:
    return _base62(zlib.crc32(f"{kind}_{body}".encode()), 6)


def _base62(number: int, width: int) -> str:
    text = ""
    while number:
        number, rest = divmod(number, 62)
        text = _ALPHABET[rest] + text
    return text.rjust(width, "0")
