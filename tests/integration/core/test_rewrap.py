"""Moving sealed values to another key or provider: from the command line, over real HTTP, and begun again."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from controlplane import gateways as wiring
from controlplane import sealed
from controlplane.audit.service import record
from controlplane.core.crypto import Place
from controlplane.core.errors import TryLater
from controlplane.core.ids import new_id
from controlplane.core.secrets import KeptSecret
from controlplane.gateways import Gateways
from tests.fixtures.host import Host
from tests.integration.core.key_servers import Transit, serving

BODY = "kept_secrets.body"


@pytest.fixture
def transit() -> Iterator[tuple[Transit, str]]:
    with serving(Transit()) as found:
        yield found


def keep(gateways: Gateways, number: int) -> list[str]:
    """As many sealed values, all under the active key."""
    rows = [KeptSecret(id=new_id(), name=f"n{n}", body="") for n in range(number)]
    for row in rows:
        row.body = gateways.seal.seal(f"value of {row.name}", Place("kept_secrets", "body", row.id))
    with gateways.db.transaction() as session:
        session.add_all(rows)
    return [row.id for row in rows]


def under(gateways: Gateways) -> dict[str, int]:
    return sealed.counts(gateways)[BODY]


def test_everything_moves_to_the_new_key_and_the_active_one_is_refused(gateways: Gateways, host: Host) -> None:
    keep(gateways, 3)
    old = gateways.seal.active
    refused = host("keys", "rewrap", "--kid", old)
    assert (refused.code, "active key" in refused.err) == (2, True)
    assert host("keys", "rotate", "seal", "--json").json == {"ring": "seal", "key": "local.k0002"}
    moved = host("keys", "rewrap", "--kid", old)
    assert (moved.code, "nothing is left; local.k0002 is active" in moved.out) == (0, True)
    assert under(gateways).keys() == {"local.k0002"}
    assert sealed.unreadable(gateways) == []  # by a process that has not been started again


def test_what_is_damaged_is_named_and_in_nobodys_way(gateways: Gateways, host: Host) -> None:
    good, moved = keep(gateways, 2)
    with gateways.db.transaction() as session:
        session.execute(text(f"UPDATE kept_secrets SET body = (SELECT body FROM kept_secrets WHERE id = '{good}')"))
    host("keys", "rotate", "seal")
    done = host("keys", "rewrap", "--json")
    assert done.code == 1
    assert done.json == {"active": "local.k0002", "moved": 1, "left": 1, "broken": [f"{BODY} of {moved}"]}
    verified = host("keys", "verify", "--json")
    assert (verified.code, f"does not open: {BODY} of {moved}" in verified.err) == (1, True)


class TestProviders:
    def test_from_a_file_to_vault_and_on(self, gateways: Gateways, host: Host, transit: tuple[Transit, str]) -> None:
        keep(gateways, sealed.BATCH + 5)
        engine, url = transit
        vault = {"KEYS__VAULT_URL": url, "KEYS__VAULT_TOKEN": "right", "KEYS__VAULT_KEY": "ours"}
        there = host("keys", "rewrap", "--json", KEYS__PROVIDER="vault", **vault)
        assert (there.code, there.json["active"], there.json["left"]) == (0, "vault.v1", 0)
        assert under(gateways).keys() == {"vault.v1"}
        assert host("keys", "rotate", "seal", KEYS__PROVIDER="vault", **vault).code == 0
        on = host("keys", "rewrap", "--kid", "vault.v1", "--json", KEYS__PROVIDER="vault", **vault)
        assert (on.json["active"], on.json["left"]) == ("vault.v2", 0)
        assert sealed.unreadable(gateways) != []  # this process was not told of Vault
        engine.sealed = True
        verified = host("keys", "verify", KEYS__PROVIDER="vault", **vault)
        assert (verified.code, verified.out) == (1, "")
        assert "answered 503" in verified.err
        assert "Traceback" not in verified.err
        engine.sealed = False
        back = host("keys", "rewrap", "--json", **vault)
        assert (back.json["active"], back.json["left"]) == ("local.k0001", 0)
        assert sealed.unreadable(gateways) == []

    def test_an_outage_in_between_loses_nothing_and_holds_no_transaction(
        self, gateways: Gateways, transit: tuple[Transit, str]
    ) -> None:
        keep(gateways, 2 * sealed.BATCH)
        engine, url = transit
        keys = gateways.settings.keys.model_copy(update={"provider": "vault", "vault_url": url, "vault_key": "ours"})
        settings = gateways.settings.model_copy(update={"keys": keys.model_copy(update={"vault_token": secret()})})
        there = replace(gateways, settings=settings, seal=wiring.sealing(settings, gateways.aws))
        engine.noticing = lambda: open_transactions(gateways)
        moving = sealed.rewrap(there)
        assert next(moved for moved in moving if moved.number).number == sealed.BATCH
        engine.sealed = True
        with pytest.raises(TryLater):
            next(moving)
        assert under(gateways) == {"local.k0001": sealed.BATCH, "vault.v1": sealed.BATCH}
        engine.sealed = False
        there = replace(there, seal=wiring.sealing(settings, gateways.aws))
        assert [moved.number for moved in sealed.rewrap(there) if moved.column == BODY] == [sealed.BATCH]
        assert sealed.left(there) == 0
        assert set(engine.noticed) == {0}
        there.seal.close()


def secret() -> Any:
    from pydantic import SecretStr

    return SecretStr("right")


def open_transactions(gateways: Gateways) -> int:
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%'"
    with gateways.db.engine.connect() as connection:
        return int(connection.execute(text(query)).scalar_one())


def test_the_trail_says_who_turned_a_key(gateways: Gateways, host: Host) -> None:
    assert host("keys", "rotate", "csrf").code == 0
    with gateways.db.transaction() as session:
        entry = record(session, actor="t:1", action="x", object_type="y", object_id="z")
        assert entry.row_mac == ""
        actions = session.execute(text("SELECT actor, action FROM audit_entries WHERE action LIKE 'keys%'")).all()
    assert [tuple(row) for row in actions] == [("operator:host", "keys.rotated")]
    assert json.loads(host("audit", "verify", "--json").out) == []
