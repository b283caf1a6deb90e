"""Every sealed column, so that a new key reaches each of them. A test fails when one is missing here.

Values move batch by batch: read, ask the key provider with no transaction open, write what did not change
meanwhile. Whatever ends it in between, the next run goes on with what is left.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, update
from sqlmodel import SQLModel, col, select

from controlplane.core.crypto import CannotOpen, Place
from controlplane.core.errors import Refused
from controlplane.core.secrets import KeptSecret
from controlplane.delivery.credentials_models import Credential
from controlplane.delivery.models import Email
from controlplane.gateways import Gateways
from controlplane.identity.drafts import Draft
from controlplane.identity.models import Operator
from controlplane.identity.replays import Replay
from controlplane.provisioning.models import StateVersion

BATCH = 50
MARK = "s_.%"


@dataclass(frozen=True)
class SealedColumn:
    model: type[SQLModel]
    name: str
    place: Callable[[Any], Place]

    @property
    def column(self) -> Any:
        return getattr(self.model, self.name)

    @property
    def id(self) -> Any:
        return col(self.model.id)  # type: ignore[attr-defined]

    @property
    def label(self) -> str:
        return f"{self.model.__tablename__}.{self.name}"

    @property
    def key(self) -> Any:
        """Provider and key, as each value names them."""
        provider, kid = (func.split_part(self.column, ".", number) for number in (2, 3))
        return provider.concat(".").concat(kid)


COLUMNS = (
    SealedColumn(KeptSecret, "body", lambda row: Place("kept_secrets", "body", row.id)),
    SealedColumn(Operator, "totp_seed", lambda row: Place("operators", "totp_seed", row.id)),
    SealedColumn(Draft, "body", lambda row: Place("drafts", "body", row.id)),
    SealedColumn(Replay, "body", lambda row: Place("replays", "body", row.id)),
    SealedColumn(Email, "sealed", lambda row: Place("emails", "sealed", row.id)),
    SealedColumn(Credential, "body", lambda row: Place("credentials", "body", row.id, row.tenant_id)),
    SealedColumn(
        StateVersion,
        "body",
        lambda row: Place("state_versions", "body", f"{row.stack}:{row.version}", row.tenant_id),
    ),
)


@dataclass(frozen=True)
class Moved:
    column: str
    number: int
    broken: tuple[str, ...] = ()


def counts(gateways: Gateways) -> dict[str, dict[str, int]]:
    """For each column how many values each key seals."""
    found: dict[str, dict[str, int]] = {}
    with gateways.db.transaction() as session:
        for sealed in COLUMNS:
            query = (
                select(sealed.key.label("sealed_by"), func.count())
                .where(sealed.column.like(MARK))
                .group_by("sealed_by")
            )
            found[sealed.label] = {str(name): int(number) for name, number in session.exec(query).all()}
    return found


def rewrap(gateways: Gateways, *, old: str = "") -> Iterator[Moved]:
    """All that is not under the active key, or all that one old key seals: `k0001` or `local.k0001`."""
    if old and old in {gateways.seal.active_key, gateways.seal.active}:
        raise Refused(f"{old} is the active key: what it seals has nowhere to go (rotate first)")
    for sealed in COLUMNS:
        for rows in _pages(gateways, sealed, _waiting(gateways, sealed, old)):
            yield _moved(gateways, sealed, rows)


def left(gateways: Gateways, *, old: str = "") -> int:
    """What has not moved yet: broken, or sealed meanwhile by a process that was not restarted."""
    with gateways.db.transaction() as session:
        return sum(
            session.exec(
                select(func.count(sealed.id)).where(sealed.column.like(MARK), _waiting(gateways, sealed, old))
            ).one()
            for sealed in COLUMNS
        )


def unreadable(gateways: Gateways) -> list[str]:
    """Values that do not open where they stand: damaged, moved, or their key is gone."""
    found = []
    for sealed in COLUMNS:
        for rows in _pages(gateways, sealed):
            for row in rows:
                try:
                    gateways.seal.open_seal(getattr(row, sealed.name), sealed.place(row))
                except CannotOpen:
                    found.append(f"{sealed.label} of {row.id}")
    return found


def _waiting(gateways: Gateways, sealed: SealedColumn, old: str) -> Any:
    if not old:
        return sealed.key != gateways.seal.active_key
    return sealed.key == old if "." in old else func.split_part(sealed.column, ".", 3) == old


def _pages(gateways: Gateways, sealed: SealedColumn, *which: Any) -> Iterator[Sequence[Any]]:
    last = ""
    while True:
        query = select(sealed.model).where(sealed.column.like(MARK), sealed.id > last, *which)
        with gateways.db.transaction() as session:
            rows: Sequence[Any] = session.exec(query.order_by(sealed.id).limit(BATCH)).all()
        if rows:
            yield rows
        if len(rows) < BATCH:
            return
        last = rows[-1].id


def _moved(gateways: Gateways, sealed: SealedColumn, rows: Sequence[Any]) -> Moved:
    new: dict[str, tuple[str, str]] = {}
    broken = []
    for row in rows:
        text = getattr(row, sealed.name)
        try:
            new[row.id] = (text, gateways.seal.rewrap(text, sealed.place(row)))
        except CannotOpen:
            broken.append(f"{sealed.label} of {row.id}")
    return Moved(sealed.label, _written(gateways, sealed, new), tuple(broken))


def _written(gateways: Gateways, sealed: SealedColumn, new: dict[str, tuple[str, str]]) -> int:
    """Compared with the old text: a value that changed meanwhile stays as it is, and is found by the next run."""
    number = 0
    with gateways.db.transaction() as session:
        for identity, (text, moved) in new.items():
            same = update(sealed.model).where(sealed.id == identity, sealed.column == text)
            done = session.execute(same.values({sealed.name: moved}), execution_options={"synchronize_session": False})
            number += int(done.rowcount)  # type: ignore[attr-defined]
    return number
