"""Secrets of our own that are invented once and then kept, sealed: signing keys, peppers, keys of our Workers."""

import threading
from collections.abc import Callable

from sqlmodel import select

from controlplane.core.crypto import Place, Seal
from controlplane.core.db import Database, Row
from controlplane.core.ids import new_id


class KeptSecret(Row, table=True):
    __tablename__ = "kept_secrets"

    name: str
    body: str  # sealed
    retired: bool = False


class KeptSecrets:
    """Opened once per process and name; the newest living one of a name counts."""

    def __init__(self, db: Database, seal: Seal) -> None:
        self._db, self._seal = db, seal
        self._lock = threading.Lock()
        self._open: dict[str, tuple[str, str]] = {}

    def get(self, name: str, make: Callable[[], str]) -> tuple[str, str]:
        """(id, value); made when there is none yet."""
        with self._lock:
            if name not in self._open:
                self._open[name] = self._read(name) or self._invent(name, make)
            return self._open[name]

    def ring(self, name: str, make: Callable[[], str]) -> list[tuple[str, str]]:
        """Every living one, the newest first: what was made with an older one must still be recognised."""
        self.get(name, make)
        with self._db.transaction() as session:
            query = select(KeptSecret).where(KeptSecret.name == name, KeptSecret.retired == False)  # noqa: E712
            rows = session.exec(query.order_by(KeptSecret.id.desc())).all()  # type: ignore[attr-defined]
        return [(row.id, self._seal.open_seal(row.body, _place(row))) for row in rows]

    def rotate(self, name: str, make: Callable[[], str]) -> str:
        with self._lock:
            identity, _value = self._open[name] = self._invent(name, make, replace=True)
            return identity

    def _read(self, name: str) -> tuple[str, str] | None:
        with self._db.transaction() as session:
            query = select(KeptSecret).where(KeptSecret.name == name, KeptSecret.retired == False)  # noqa: E712
            row = session.exec(query.order_by(KeptSecret.id.desc())).first()  # type: ignore[attr-defined]
        return (row.id, self._seal.open_seal(row.body, _place(row))) if row else None

    def _invent(self, name: str, make: Callable[[], str], *, replace: bool = False) -> tuple[str, str]:
        value = make()
        row = KeptSecret(id=new_id(), name=name, body="")
        row.body = self._seal.seal(value, _place(row))
        with self._db.transaction() as session:
            session.connection().exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext('kept_secrets'))")
            query = select(KeptSecret).where(KeptSecret.name == name, KeptSecret.retired == False)  # noqa: E712
            present = None if replace else session.exec(query).first()
            if present is None:
                session.add(row)
        if present:  # another process was first
            return present.id, self._seal.open_seal(present.body, _place(present))
        return row.id, value


def _place(row: KeptSecret) -> Place:
    return Place("kept_secrets", "body", row.id)
