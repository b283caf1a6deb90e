"""Route patterns: `host/path` with a star before the host and after the path only."""

import re
from dataclasses import dataclass

from sandbox.cloudflare.envelope import ApiError

_HOST = re.compile(r"^(\*|\*?\.?[a-z0-9_-]+(\.[a-z0-9_-]+)*)$")


@dataclass(frozen=True)
class Pattern:
    host: str
    path: str

    @classmethod
    def parse(cls, text: str) -> "Pattern":
        bare = re.sub(r"^(https?://|\*://)", "", text)
        host, slash, path = bare.partition("/")
        if not _HOST.match(host) or "*" in path[:-1] or "?" in path or (not slash and path):
            raise ApiError(400, 10022, f"invalid_pattern: {text}")
        return cls(host, f"/{path}" if slash else "/")

    @property
    def rank(self) -> tuple[bool, int, bool, int]:
        """Sorts the most specific first: exact hosts, longer hosts, exact paths, longer paths."""
        return (self.host.startswith("*"), -len(self.host), self.path.endswith("*"), -len(self.path))

    def fits(self, zone: str, custom_hostnames: set[str]) -> bool:
        bare = self.host.lstrip("*").lstrip(".")
        return not bare or bare == zone or bare.endswith(f".{zone}") or bare in custom_hostnames
