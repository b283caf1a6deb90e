"""Looking for secrets in clear where none may be: a dump of the database, Redis, logs, engine states, run folders."""

import base64
import re
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import redis

from sandbox.place import Place

SECRETS = (
    "stripe_secret_key",
    "stripe_webhook_secret",
    "resend_api_key",
    "resend_webhook_secret",
    "cloudflare_api_token",
    "pulumi_passphrase",
    "operator_password",
    "engineer_password",
    "aws_secret_access_key",
    "control_token",
)
# What nobody told us beforehand: the tenants' own sending keys, and private keys of ours.
SHAPES = (rb"\bre_[0-9A-Za-z]{6,}_[0-9A-Za-z]{16,}\b", rb"-----BEGIN [A-Z ]*PRIVATE KEY-----")
FOLDERS = ("logs", "states", "runs")

Source = tuple[str, bytes]


def leaks(place: Place) -> list[str]:
    needles = {name: _spellings(place.secrets[name]) for name in SECRETS if name in place.secrets}
    found = []
    for where, content in sources(place):
        found += [f"{name} in clear in {where}" for name, words in needles.items() if any(w in content for w in words)]
        found += [f"{shape.decode()} matches in {where}" for shape in SHAPES if re.search(shape, content)]
    return found


def sources(place: Place) -> Iterator[Source]:
    yield from _tables(place)
    yield from _cache(place)
    for name in FOLDERS:
        for file in (place.folder / name).rglob("*"):
            if file.is_file():
                yield f"{name}/{file.name}", file.read_bytes()


def _tables(place: Place) -> Iterator[Source]:
    with connect(place) as connection:
        names = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        for (name,) in names:
            with connection.cursor().copy(f'COPY "{name}" TO STDOUT') as rows:
                yield f"table {name}", b"".join(bytes(row) for row in rows)


def _cache(place: Place) -> Iterator[Source]:
    with redis.Redis(port=place.ports["redis"]) as client:
        for key in client.scan_iter(count=1000):
            yield f"Redis {key.decode(errors='replace')}", key + _content(client, key)


def _content(client: Any, key: bytes) -> bytes:
    readers: dict[bytes, Callable[[], Any]] = {
        b"string": lambda: client.get(key),
        b"hash": lambda: client.hgetall(key),
        b"zset": lambda: client.zrange(key, 0, -1),
        b"set": lambda: client.smembers(key),
        b"list": lambda: client.lrange(key, 0, -1),
    }
    content = readers.get(client.type(key), bytes)()
    return content if isinstance(content, bytes) else repr(content).encode()


def connect(place: Place) -> "psycopg.Connection[tuple[Any, ...]]":
    url = f"postgresql://postgres@127.0.0.1:{place.ports['postgres']}/controlplane"
    return psycopg.connect(url, autocommit=True)


def _spellings(secret: str) -> set[bytes]:
    """In clear, and base64 at each of the three places where it can begin."""
    raw = secret.encode()
    shifted = (base64.b64encode(b"\0" * shift + raw) for shift in range(3))
    # what depends on the neighbours is cut off at both ends
    return {raw, *(word[4 if shift else 0 : -4] for shift, word in enumerate(shifted))}
