"""The way to the newest schema, and what a database lacks that says it is there already."""

from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from controlplane.core.db import with_driver
from controlplane.tables import metadata

WORDS = {"add_table": "table", "add_column": "column", "add_index": "index"}


def upgrade(url: str) -> list[str]:
    """What the newest schema has and this database has not, after all: empty unless somebody changed one of them."""
    config = Config(Path(__file__).resolve().parent.parent / "alembic.ini")
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    command.upgrade(config, "head")
    return _lacks(url)


def _lacks(url: str) -> list[str]:
    engine = create_engine(with_driver(url))
    try:
        with engine.connect() as connection:
            found: list[Any] = compare_metadata(MigrationContext.configure(connection), metadata)
    finally:
        engine.dispose()
    # what the database has beyond it is its operator's business; changes of a column come as lists
    return [_named(*one) for one in found if isinstance(one, tuple) and one[0] in WORDS]


def _named(change: str, *what: Any) -> str:
    thing = what[-1]  # a column says its table with its name
    return f"{WORDS[change]} {thing if change == 'add_column' else thing.name}"
