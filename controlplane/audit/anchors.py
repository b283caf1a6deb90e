"""Signed heads of the trail, kept where whoever owns the database cannot reach: what was cut off or rewritten shows.

An anchor names the last entry of each stream with its hash. Every hash covers all entries before it, so the newest
anchor vouches for the whole trail up to there; older ones show a trail that was restored and then went another way.
"""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlmodel import Session, col, select

from controlplane.audit.models import AuditEntry, AuditHead
from controlplane.core.errors import NeedsPerson
from controlplane.gateways import Gateways, ed25519, new_key
from controlplane.vendors.aws import Aws

KEY = "audit_anchor"
EVERY = timedelta(hours=1)  # also when nothing happened: an anchor that stops coming is a sign
LOOKED_AT = 500


class Places(Protocol):
    def put(self, name: str, body: bytes) -> None: ...
    def newest(self, most: int) -> list[bytes]: ...


class Folder:
    """On another disk or a write-once mount."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def put(self, name: str, body: bytes) -> None:
        file = self._path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("xb") as draft:
            draft.write(body)
        file.chmod(0o444)

    def newest(self, most: int) -> list[bytes]:
        return [file.read_bytes() for file in sorted(self._path.rglob("*.json"))[-most:]]


class Bucket:
    """In another account, each object locked for as long as the trail is kept."""

    def __init__(self, aws: Aws, bucket: str, *, days: int) -> None:
        self._aws, self._bucket, self._days = aws, bucket, days

    def put(self, name: str, body: bytes) -> None:
        until = datetime.now(UTC) + timedelta(days=self._days)
        lock: dict[str, Any] = {
            "ObjectLockMode": "COMPLIANCE",
            "ObjectLockRetainUntilDate": until,
            "ChecksumAlgorithm": "SHA256",
        }
        self._aws.own.call("s3", "put_object", Bucket=self._bucket, Key=name, Body=body, **lock)

    def newest(self, most: int) -> list[bytes]:
        keys = sorted(entry["Key"] for month in _months() for entry in self._listed(month))[-most:]
        return [self._aws.own.call("s3", "get_object", Bucket=self._bucket, Key=key)["Body"].read() for key in keys]

    def _listed(self, prefix: str) -> Iterator[Any]:
        return self._aws.own.pages("s3", "list_objects_v2", "Contents", Bucket=self._bucket, Prefix=prefix)


@dataclass(frozen=True)
class Difference:
    stream: str
    what: str  # truncated, rewritten, forged
    at: int


def places(gateways: Gateways) -> Places | None:
    scheme, _, where = gateways.settings.audit.anchors.partition("://")
    if not where:
        return None
    if scheme == "file":
        return Folder(Path(where))
    if scheme == "s3":
        return Bucket(gateways.aws, where.strip("/"), days=gateways.settings.audit.anchor_days)
    raise NeedsPerson(f"no anchors at {scheme}://", next_action="name file:// or s3:// in CP_AUDIT__ANCHORS")


def anchor(gateways: Gateways) -> int:
    """How many heads a new anchor names; none while nothing is due. No transaction is open while it is written."""
    kept, now = places(gateways), gateways.now()
    with gateways.db.transaction() as session:
        heads = session.exec(select(AuditHead).where(AuditHead.seq > 0).order_by(AuditHead.stream)).all()
    due = [head for head in heads if head.seq > head.anchored_seq or _older(head.anchored_at, now - EVERY)]
    if kept is None or not due:
        return 0
    named = [{"stream": head.stream, "seq": head.seq, "hash": head.hash} for head in heads]
    body = {"environment": gateways.settings.name, "at": now.isoformat(), "heads": named}
    kept.put(f"{now:%Y-%m/%d/%H%M%S%f}.json", _signed(gateways, body))
    with gateways.db.transaction() as session:
        for head in heads:
            row = session.get_one(AuditHead, head.stream, with_for_update=True)
            row.anchored_seq, row.anchored_at = head.seq, now
            session.add(row)
    return len(heads)


def differences(gateways: Gateways) -> list[Difference]:
    """Where the trail is not what the anchors say it was."""
    kept = places(gateways)
    bodies = kept.newest(LOOKED_AT) if kept else []
    keys = {kid: _private(text) for kid, text in gateways.secrets.ring(KEY, new_key)} if bodies else {}
    found: list[Difference] = []
    with gateways.db.transaction() as session:
        for raw in bodies:
            body = _opened(raw, keys, gateways.settings.name)
            heads = body["heads"] if body else [{"stream": "", "seq": 0}]
            found += [one for head in heads if (one := _compared(session, head)) is not None]
    return list(dict.fromkeys(found))


def _compared(session: Session, head: dict[str, Any]) -> Difference | None:
    if not head["stream"]:
        return Difference("", "forged", 0)
    query = select(AuditEntry.hash).where(AuditEntry.stream == head["stream"], col(AuditEntry.seq) == head["seq"])
    present = session.exec(query).first()
    if present is None:
        return Difference(head["stream"], "truncated", head["seq"])
    return None if present == head["hash"] else Difference(head["stream"], "rewritten", head["seq"])


def _signed(gateways: Gateways, body: dict[str, Any]) -> bytes:
    kid, key = ed25519(gateways.secrets, KEY)
    text = json.dumps(body, sort_keys=True)
    signature = base64.b64encode(key.sign(text.encode())).decode()
    return json.dumps({"body": text, "kid": kid, "signature": signature}).encode()


def _opened(raw: bytes, keys: dict[str, Ed25519PrivateKey], environment: str) -> dict[str, Any] | None:
    try:
        sealed = json.loads(raw)
        signature = base64.b64decode(sealed["signature"], validate=True)
        keys[sealed["kid"]].public_key().verify(signature, sealed["body"].encode())
        body: dict[str, Any] = json.loads(sealed["body"])
    except (ValueError, KeyError, TypeError, InvalidSignature):
        return None
    return body if body["environment"] == environment else None


def _private(text: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(base64.b64decode(text))


def _older(at: datetime | None, than: datetime) -> bool:
    return at is None or at <= than


def _months() -> tuple[str, str]:
    this = datetime.now(UTC).replace(day=1)
    return f"{this - timedelta(days=1):%Y-%m}/", f"{this:%Y-%m}/"
