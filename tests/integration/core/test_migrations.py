from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

from controlplane.core.db import with_driver
from controlplane.gateways import Gateways
from controlplane.migrating import upgrade
from controlplane.tables import metadata
from tests.fixtures.servers import new_database


def test_the_migrations_build_what_the_models_say(gateways: Gateways) -> None:
    with gateways.db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_they_are_found_from_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    config = Config(Path(__file__).parents[3] / "alembic.ini")
    assert [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()][-1] == "0001"


def test_a_database_of_another_build_is_told_from_ours(servers: dict[str, str], worker_number: int) -> None:
    url = new_database(servers, f"other_{worker_number}")
    assert upgrade(url) == []
    engine = create_engine(with_driver(url))
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE tenants DROP COLUMN live_at"))
        connection.execute(text("ALTER TABLE tenants ADD COLUMN of_the_operator text"))
        connection.execute(text("DROP TABLE steps"))
    engine.dispose()
    lacks = upgrade(url)
    assert {"table steps", "column tenants.live_at"} <= set(lacks)
    assert not [one for one in lacks if "of_the_operator" in one]
