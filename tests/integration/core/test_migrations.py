from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from controlplane.gateways import Gateways
from controlplane.tables import metadata


def test_the_migrations_build_what_the_models_say(gateways: Gateways) -> None:
    with gateways.db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
