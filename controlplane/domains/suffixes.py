"""What somebody can own: one label below a public suffix."""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList


def registrable(host: str) -> str | None:
    """`example.co.uk` for `www.example.co.uk`; None for a public suffix itself."""
    found: str | None = _list().privatesuffix(host)
    return found


@cache
def _list() -> "PublicSuffixList":
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList()
