"""What proves that an entry is as it was written (its MAC) and stands where it stood (its hash)."""

import hashlib
import hmac
import json
from collections.abc import Callable

from sqlalchemy import Connection, event
from sqlalchemy.orm import Mapper

from controlplane.audit.models import AuditEntry

KEY, OPTION = "audit_mac", "audit_key"
START = "0" * 64
_MACED = (
    "id stream actor factors on_behalf action object_type object_id tenant_id customer_id operation_id request_id"
    " trace_id address outcome reason changes"
).split()


def canonical(row: AuditEntry, names: list[str]) -> bytes:
    values = {name: getattr(row, name) for name in names}
    return json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str).encode()


def mac(row: AuditEntry, *, kid: str, key: str) -> str:
    return f"{kid}${hmac.new(key.encode(), canonical(row, _MACED), hashlib.sha256).hexdigest()}"


def mac_right(row: AuditEntry, keys: dict[str, str]) -> bool:
    kid = row.row_mac.partition("$")[0]
    return kid in keys and hmac.compare_digest(row.row_mac, mac(row, kid=kid, key=keys[kid]))


def link(before: str, seq: int, row: AuditEntry) -> str:
    """From here on the time of the entry counts too: it comes from the database, after the MAC was made."""
    body = canonical(row, [*_MACED, "created_at", "row_mac"])
    parts = (before.encode(), str(seq).encode(), body)
    return hashlib.sha256(b"".join(len(part).to_bytes(4, "big") + part for part in parts)).hexdigest()


@event.listens_for(AuditEntry, "before_insert")
def _add_mac(_mapper: Mapper[AuditEntry], connection: Connection, row: AuditEntry) -> None:
    find: Callable[[], tuple[str, str]] = connection.get_execution_options()[OPTION]
    kid, key = find()
    row.row_mac = mac(row, kid=kid, key=key)
