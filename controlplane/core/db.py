"""Sessions and the one transaction: commit first, answer and wake jobs afterwards."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import DateTime, Engine, Enum, create_engine, event, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError
from sqlmodel import Field, Session, SQLModel

from controlplane.core.ids import new_id

__all__ = ["Database", "Row", "Session", "Stamp", "after_commit", "json_field", "stamp_field", "words"]

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
SQLModel.metadata.naming_convention = NAMING

Stamp = datetime
T = TypeVar("T")
_AFTER = "after_commit"


class Row(SQLModel):
    """What each table has: an id of our own and the time of its birth."""

    id: str = Field(default_factory=new_id, primary_key=True, max_length=40)
    created_at: Stamp = Field(
        default=None,
        sa_type=DateTime(timezone=True),
        sa_column_kwargs={"server_default": text("now()"), "nullable": False},
    )


def words(kind: type[StrEnum]) -> Enum:
    """The column type of an enumeration: stored as the word itself, read as the member."""
    return Enum(kind, native_enum=False, create_constraint=False, length=30, values_callable=_values)


def _values(kind: type[StrEnum]) -> list[str]:
    return [member.value for member in kind]


def stamp_field(*, default: Any = None, index: bool = False) -> Any:
    return Field(default=default, sa_type=DateTime(timezone=True), index=index)


def json_field(factory: Callable[[], Any] = dict) -> Any:
    return Field(default_factory=factory, sa_type=JSONB)


def with_driver(url: str) -> str:
    """As SQLAlchemy wants it."""
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


class Database:
    def __init__(self, url: str, *, pool_size: int = 10, statement_timeout_ms: int = 5_000) -> None:
        common: dict[str, Any] = {
            "pool_size": pool_size,
            "pool_timeout": 10,
            "hide_parameters": True,  # an error quotes its statement, not whose address was in it
            "connect_args": {"connect_timeout": 5, "application_name": "controlplane"},
        }
        address = with_driver(url)
        self.engine = create_engine(address, max_overflow=pool_size, pool_pre_ping=True, **common)
        # What is alone in its transaction has none to end, and is simply repeated when its connection was lost.
        self._alone = create_engine(
            address, max_overflow=0, isolation_level="AUTOCOMMIT", pool_reset_on_return=None, **common
        )
        for engine in (self.engine, self._alone):
            _limit_statements(engine, statement_timeout_ms)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Everything in it or nothing. What was deferred with `after_commit` runs when it is safe on disk."""
        with Session(self.engine, expire_on_commit=False) as session:
            with session.begin():
                yield session
            for action in session.info.pop(_AFTER, []):
                action()

    @contextmanager
    def looking(self) -> Iterator[Session]:
        """To read and be gone: each statement by itself, so that one that fails spoils no other.

        Nobody asks first whether the connection still lives: whoever looks may do all of it again.
        """
        with Session(self._alone, expire_on_commit=False) as session:
            yield session

    def alone(self, statement: str, values: dict[str, Any]) -> Any:
        """The first row of one statement that is a transaction of its own and may be repeated, in one round trip.

        That a connection was lost meanwhile is seen by using it: asking each time first would be a second one.
        """
        try:
            return self._first(statement, values)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            return self._first(statement, values)

    def _first(self, statement: str, values: dict[str, Any]) -> Any:
        with self._alone.connect() as connection:
            return connection.exec_driver_sql(statement, values).first()

    def each_alone(self, work: Callable[[Session], T]) -> T:
        """The same for what needs rows: nothing in it has to happen together, and all of it may be repeated."""
        try:
            return self._worked(work)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            return self._worked(work)

    def _worked(self, work: Callable[[Session], T]) -> T:
        with self.looking() as session:
            found = work(session)
            session.flush()
            return found

    @property
    def engines(self) -> tuple[Engine, Engine]:
        return self.engine, self._alone

    def close(self) -> None:
        self.engine.dispose()
        self._alone.dispose()


def after_commit(session: Session, action: Callable[[], None]) -> None:
    session.info.setdefault(_AFTER, []).append(action)


def _limit_statements(engine: Engine, milliseconds: int) -> None:
    @event.listens_for(engine, "connect")
    def _set(connection: Any, _record: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SET statement_timeout = {int(milliseconds)}")
            cursor.execute("SET idle_in_transaction_session_timeout = 10000")
            cursor.execute("SET timezone = 'UTC'")
        connection.commit()
