"""Alembic's way in. The URL comes from the caller (`controlplane migrate`, tests) or from the settings."""

from alembic import context
from sqlalchemy import create_engine

from controlplane.core.db import with_driver
from controlplane.tables import EXTENSIONS, metadata


def url() -> str:
    given = context.config.get_main_option("sqlalchemy.url")
    if given:
        return given
    from controlplane.settings import Settings

    return Settings().database.url.get_secret_value()


def run() -> None:
    engine = create_engine(with_driver(url()))
    with engine.begin() as connection:
        connection.execute(EXTENSIONS)
    with engine.connect() as connection:
        context.configure(
            connection=connection, target_metadata=metadata, compare_type=True, transaction_per_migration=True
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
