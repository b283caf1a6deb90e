"""Every sealed column, so that a new key reaches each of them. A test fails when one is missing here."""

from collections.abc import Callable, Iterator
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
from controlplane.identity.models import Operator
from controlplane.identity.replays import Replay
from controlplane.provisioning.models import StateVersion

BATCH = 200
MARK = "s1."


@dataclass(frozen=True)
class SealedColumn:
    model: type[SQLModel]
    name: str
    place: Callable[[Any], Place]

    @property
    def column(self) -> Any:
        return getattr(self.model, self.name)

    @property
    def label(self) -> str:
        return f"{self.model.__tablename__}.{self.name}"


COLUMNS = (
    SealedColumn(KeptSecret, "body", lambda row: Place("kept_secrets", "body", row.id)),
    SealedColumn(Operator, "totp_seed", lambda row: Place("operators", "totp_seed", row.id)),
    SealedColumn(Replay, "body", lambda row: Place("replays", "body", row.id)),
    SealedColumn(Email, "sealed", lambda row: Place("emails", "sealed", row.id)),
    SealedColumn(Credential, "body", lambda row: Place("credentials", "body", row.id, row.tenant_id)),
    SealedColumn(
        StateVersion,
        "body",
        lambda row: Place("state_versions", "body", f"{row.stack}:{row.version}", row.tenant_id),
    ),
)


def counts(gateways: Gateways) -> dict[str, dict[str, int]]:
    """For each column how many values each key seals."""
    found: dict[str, dict[str, int]] = {}
    with gateways.db.transaction() as session:
        for sealed in COLUMNS:
            kid = func.split_part(sealed.column, ".", 3)
            query = select(kid, func.count()).where(col(sealed.column).startswith(MARK)).group_by(kid)
            found[sealed.label] = {str(name): int(number) for name, number in session.exec(query).all()}
    return found


def rewrap(gateways: Gateways, *, old: str) -> Iterator[tuple[str, int]]:
    """Batch after batch until nothing is left under the old key; may be stopped and begun again."""
    if old == gateways.seal.active:
        raise Refused(f"{old} is the active key: what it seals has nowhere to go (rotate first)")
    for sealed in COLUMNS:
        while number := _rewrap_some(gateways, sealed, old):
            yield sealed.label, number


def unreadable(gateways: Gateways) -> list[str]:
    """Values that do not open where they stand: damaged, moved, or their key is gone."""
    found = []
    with gateways.db.transaction() as session:
        for sealed in COLUMNS:
            for row in session.exec(select(sealed.model).where(col(sealed.column).startswith(MARK))).all():
                try:
                    gateways.seal.open_seal(getattr(row, sealed.name), sealed.place(row))
                except CannotOpen:
                    found.append(f"{sealed.label} of {row.id}")  # type: ignore[attr-defined]
    return found


def _rewrap_some(gateways: Gateways, sealed: SealedColumn, old: str) -> int:
    """Compared with the old text when it is written: a value that changed meanwhile stays as it is."""
    with gateways.db.transaction() as session:
        query = select(sealed.model).where(col(sealed.column).startswith(f"{MARK}{_provider(gateways)}.{old}."))
        rows = session.exec(query.limit(BATCH).with_for_update(skip_locked=True)).all()
        for row in rows:
            text = getattr(row, sealed.name)
            same = update(sealed.model).where(sealed.model.id == row.id, sealed.column == text)  # type: ignore[attr-defined]
            new = {sealed.name: gateways.seal.rewrap(text, sealed.place(row))}
            session.execute(same.values(**new), execution_options={"synchronize_session": False})
    return len(rows)


def _provider(gateways: Gateways) -> str:
    return gateways.settings.keys.provider
