"""A pepper is rotated, outlives what it made, and is retired; after a theft at once."""

import pytest
from sqlmodel import col, select

from controlplane.core.secrets import KeptSecret
from controlplane.gateways import Gateways, new_key
from controlplane.identity import hashing, peppers
from controlplane.identity.models import Principal
from controlplane.tables import metadata
from tests.fixtures.host import Host
from tests.fixtures.http import Door, bearer_of, make_operator


def turned(gateways: Gateways) -> tuple[str, str]:
    """(old, new)."""
    [(old, _value)] = gateways.secrets.ring(hashing.PEPPER, new_key)
    new = gateways.secrets.rotate(hashing.PEPPER, new_key)
    hashing._rings.clear()
    return old, new


def age(gateways: Gateways, kid: str, days: int) -> None:
    from datetime import timedelta

    with gateways.db.transaction() as session:
        row = session.get_one(KeptSecret, kid)
        row.created_at = gateways.now() - timedelta(days=days)
        session.add(row)


def test_nobody_notices_when_it_has_outlived_everything(door: Door, host: Host) -> None:
    gateways = door.gateways
    row = make_operator(gateways, "admin")
    first = door.client(bearer_of(gateways, Principal.OPERATOR, row.id))
    old, new = turned(gateways)
    assert first.get("/v1/auth/session").status_code == 200  # recognised under the old one
    refused = host("keys", "retire", old)
    assert (refused.code, "still in use: sign_ins 1" in refused.err) == (2, True)
    assert host("keys", "peppers", "--json").json == [
        {"key": new, "living": {}},
        {"key": old, "living": {"sign_ins": 1}},
    ]
    first.post("/v1/auth/sign-out")
    assert "names rest under it until" in host("keys", "retire", old).err
    age(gateways, new, 31)
    done = host("keys", "retire", old, "--json")
    assert (done.code, done.json) == (0, {"retired": old, "ended": {}})
    assert [kid for kid, _value in gateways.secrets.ring(hashing.PEPPER, new_key)] == [new]
    assert "the newest pepper stays" in host("keys", "retire", new).err
    assert "no living pepper" in host("keys", "retire", old).err


def test_after_a_theft_everybody_starts_anew(door: Door, host: Host) -> None:
    gateways = door.gateways
    row = make_operator(gateways, "admin")
    client = door.client(bearer_of(gateways, Principal.OPERATOR, row.id))
    old, _new = turned(gateways)
    assert host("keys", "retire", old, "--now", "--json").json["ended"] == {"sign_ins": 1}
    hashing._rings.clear()
    assert client.get("/v1/auth/session").status_code == 401
    with gateways.db.transaction() as session:
        assert session.exec(select(col(KeptSecret.retired)).where(KeptSecret.id == old)).one() is True


@pytest.mark.parametrize("digested", peppers.DIGESTED, ids=lambda one: str(one.model.__tablename__))
def test_what_is_counted_has_an_end(digested: peppers.Digested) -> None:
    columns = metadata.tables[str(digested.model.__tablename__)].columns
    assert {"digest", digested.over} <= set(columns.keys())
    assert ("expires_at" in columns) is digested.expires


def test_every_table_of_tokens_is_counted() -> None:
    tables = {table.name for table in metadata.sorted_tables if "digest" in table.columns}
    counted = {str(one.model.__tablename__) for one in peppers.DIGESTED}
    others = {"state_versions", "quotes"}  # of content, not of a token
    assert tables - others == counted
