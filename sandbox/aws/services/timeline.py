"""Point-in-time recovery that really goes back: every write to a protected table is noted with its time.

The backend restores the present state whatever time is asked for. Here the items of a table are noted when recovery is
switched on, and after each write the items it touched; a restore replays them up to the wanted second.
"""

import json
import sqlite3
import threading
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sandbox.aws.call import Call
from sandbox.aws.cloud import Cloud, serves
from sandbox.aws.consequences import follows
from sandbox.aws.errors import Answer, AwsError

Item = dict[str, Any]
WINDOW = 35 * 86400

_SCHEMA = """
CREATE TABLE IF NOT EXISTS steps (
    place TEXT NOT NULL, at REAL NOT NULL, pk TEXT NOT NULL, sk TEXT NOT NULL, item TEXT
);
CREATE INDEX IF NOT EXISTS steps_by_place ON steps (place, at);
"""


class Timeline:
    """Steps of a table in the order in which they happened; an item of None is a deletion."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(_SCHEMA)

    def note(self, place: str, at: float, steps: list[tuple[str, str, Item | None]]) -> None:
        rows = [(place, at, pk, sk, json.dumps(item) if item is not None else None) for pk, sk, item in steps]
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany("INSERT INTO steps VALUES (?, ?, ?, ?, ?)", rows)
            self._db.execute("COMMIT")

    def forget(self, place: str) -> None:
        with self._lock:
            self._db.execute("DELETE FROM steps WHERE place = ?", (place,))

    def items(self, place: str, until: float) -> dict[str, dict[str, Item]]:
        found: dict[str, dict[str, Item]] = defaultdict(dict)
        with self._lock:
            query = "SELECT pk, sk, item FROM steps WHERE place = ? AND at <= ? ORDER BY at, rowid"
            rows = self._db.execute(query, (place, until)).fetchall()
        for pk, sk, item in rows:
            if item is None:
                found[pk].pop(sk, None)
            else:
                found[pk][sk] = json.loads(item)
        return defaultdict(dict, {pk: inner for pk, inner in found.items() if inner})


def _place(call: Call, table: str) -> str:
    return f"{call.account}/{call.region}/{table}"


def _table(cloud: Cloud, call: Call, name: str) -> dict[str, Any] | None:
    found: dict[str, Any] | None = cloud.backend.module("dynamodb")._tables.get_scoped(call.account, call.region, name)
    return found


def _since(cloud: Cloud, call: Call, name: str) -> float | None:
    found = cloud.store.get("pitr", _place(call, name))
    return float(found["since"]) if found else None


@follows("dynamodb:UpdateContinuousBackups")
async def switch(cloud: Cloud, call: Call, answer: Answer) -> Answer:
    """From now on, or no longer."""
    name, place = call.text("TableName").rpartition("/")[2], _place(call, call.text("TableName").rpartition("/")[2])
    wanted = (call.params.get("PointInTimeRecoverySpecification") or {}).get("PointInTimeRecoveryEnabled")
    if not wanted:
        cloud.store.delete("pitr", place)
        cloud.timeline.forget(place)
    elif _since(cloud, call, name) is None:
        table = _table(cloud, call, name) or {"items": {}}
        present = [(str(pk), str(sk), item) for pk, inner in table["items"].items() for sk, item in inner.items()]
        cloud.timeline.note(place, cloud.now(), present)
        cloud.store.put("pitr", place, {"since": cloud.now()})
    return answer


@follows("dynamodb:DeleteTable")
async def gone(cloud: Cloud, call: Call, answer: Answer) -> Answer:
    place = _place(call, call.text("TableName"))
    cloud.store.delete("pitr", place)
    cloud.timeline.forget(place)
    return answer


@follows(
    "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem",
    "dynamodb:TransactWriteItems",
)  # fmt: skip
async def written(cloud: Cloud, call: Call, answer: Answer) -> Answer:
    by_table: dict[str, list[Item]] = defaultdict(list)
    for name, key in _touched(call):
        by_table[name.rpartition("/")[2]].append(key)
    for name, keys in by_table.items():
        table = _table(cloud, call, name)
        if table is not None and _since(cloud, call, name) is not None:
            cloud.timeline.note(_place(call, name), cloud.now(), [_step(cloud, table, key) for key in keys])
    return answer


def _touched(call: Call) -> Iterator[tuple[str, Item]]:
    """(table, item or key) of everything that the call wrote."""
    if call.operation == "BatchWriteItem":
        for name, requests in call.params["RequestItems"].items():
            for request in requests:
                (inner,) = request.values()
                yield name, inner.get("Item") or inner["Key"]
    elif call.operation == "TransactWriteItems":
        for entry in call.params["TransactItems"]:
            for part in entry.values():
                yield part["TableName"], part.get("Item") or part["Key"]
    else:
        yield call.text("TableName"), call.params.get("Item") or call.params["Key"]


def _step(cloud: Cloud, table: dict[str, Any], key: Item) -> tuple[str, str, Item | None]:
    value = cloud.backend.module("dynamodb")._extract_key_val
    pk = value(key[table["pk_name"]])
    sk = value(key[table["sk_name"]]) if table["sk_name"] else "__no_sort__"
    return str(pk), str(sk), table["items"].get(pk, {}).get(sk)


@follows("dynamodb:DescribeContinuousBackups")
async def describe(cloud: Cloud, call: Call, answer: Answer) -> Answer:
    since = _since(cloud, call, call.text("TableName").rpartition("/")[2])
    if since is None:
        return answer
    found = json.loads(answer.body)
    window = found["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
    window["EarliestRestorableDateTime"] = max(since, cloud.now() - WINDOW)
    window["LatestRestorableDateTime"] = max(since, cloud.now() - cloud.setting("pitr_lag_seconds"))
    return answer.with_body(json.dumps(found).encode())


@serves("dynamodb:RestoreTableToPointInTime")
async def restore(cloud: Cloud, call: Call) -> Answer:
    name = (call.text("SourceTableName") or call.text("SourceTableArn")).rpartition("/")[2]
    since, target = _since(cloud, call, name), call.text("TargetTableName")
    if _table(cloud, call, name) is None:
        raise AwsError("TableNotFoundException", f"Source table not found: {name}")
    if since is None:
        raise AwsError(
            "PointInTimeRecoveryUnavailableException", f"Point in time recovery is not enabled for table '{name}'"
        )
    latest = cloud.now() - cloud.setting("pitr_lag_seconds")
    wanted = float(call.params.get("RestoreDateTime") or latest)
    if not max(since, cloud.now() - WINDOW) <= wanted <= cloud.now() + 1:
        raise AwsError(
            "InvalidRestoreTimeException",
            "The RestoreDateTime is not between EarliestRestorableDateTime and LatestRestorableDateTime",
        )
    answer = await cloud.backend.forward(call)
    if answer.status == 200:
        _fill(
            cloud,
            call,
            target,
            cloud.timeline.items(
                _place(call, name), min(wanted, latest) if not call.params.get("RestoreDateTime") else wanted
            ),
        )
    return answer


def _fill(cloud: Cloud, call: Call, name: str, items: dict[str, dict[str, Item]]) -> None:
    dynamodb, table = cloud.backend.module("dynamodb"), _table(cloud, call, name)
    assert table is not None
    with cloud.backend.scope(call.account, call.region):
        table["items"] = items
        dynamodb._items_replaced(table)


def expire(cloud: Cloud) -> list[str]:
    """Delete items whose time to live has passed by the emulated clock; the accounts it happened in."""
    dynamodb, accounts = cloud.backend.module("dynamodb"), []
    for (account, region, name), setting in list(dynamodb._ttl_settings.all_items()):
        table = dynamodb._tables.get_scoped(account, region, name)
        if table and setting.get("TimeToLiveStatus") == "ENABLED":
            with cloud.backend.scope(account, region):
                gone = _expired(dynamodb, table, setting["AttributeName"], cloud.now())
            if gone and cloud.store.get("pitr", f"{account}/{region}/{name}"):
                cloud.timeline.note(f"{account}/{region}/{name}", cloud.now(), [(pk, sk, None) for pk, sk in gone])
            accounts += [account] if gone else []
    return accounts


def _expired(dynamodb: Any, table: dict[str, Any], attribute: str, now: float) -> list[tuple[str, str]]:
    due = [
        (pk, sk)
        for pk, inner in list(table["items"].items())
        for sk, item in list(inner.items())
        if "N" in item.get(attribute, {}) and float(item[attribute]["N"]) <= now
    ]
    with dynamodb._lock:
        for pk, sk in due:
            dynamodb._remove_item(table, pk, sk)
    return due
