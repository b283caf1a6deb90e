from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from controlplane.gateways import Gateways
from controlplane.tables import metadata


def test_the_migrations_build_what_the_models_say(gateways: Gateways) -> None:
    with gateways.db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_they_are_found_from_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    config = Config(Path(__file__).parents[3] / "alembic.ini")
    assert [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()][-1] == "0001"
