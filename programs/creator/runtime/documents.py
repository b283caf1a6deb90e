"""DynamoDB: plain values in and out, writes as values that can be joined in a transaction."""

import re
import secrets
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from programs.creator.runtime.aws import ClientError, TypeDeserializer, TypeSerializer, client, code_of
from programs.creator.runtime.settings import table as physical

Item = dict[str, Any]
_CALLS = {"Put": "put_item", "Update": "update_item", "Delete": "delete_item"}
TRIES = 6
_NAME = re.compile(r"#(\w+)")
_WRITE, _READ = TypeSerializer().serialize, TypeDeserializer().deserialize


class Unmet(Exception):
    """A condition did not hold; in a transaction, `at` says which writes were in the way."""

    def __init__(self, at: tuple[int, ...] = (0,)) -> None:
        super().__init__("a condition did not hold")
        self.at = at


@dataclass(frozen=True)
class Write:
    kind: str
    request: dict[str, Any]


@dataclass(frozen=True)
class Page:
    items: list[Item]
    after: Item | None


def get(table: str, *, consistent: bool = False, **key: Any) -> Item | None:
    answer = client("dynamodb").get_item(TableName=physical(table), Key=_item(key), ConsistentRead=consistent)
    return _plain(answer["Item"]) if "Item" in answer else None


def query(
    table: str, where: str, values: Mapping[str, Any], *, index: str = "", only: str = "",
    limit: int = 100, newest: bool = False, after: Item | None = None,
) -> Page:  # fmt: skip
    request = {"TableName": physical(table), "KeyConditionExpression": where, "Limit": limit}
    request |= {"ScanIndexForward": not newest, **_expressions(f"{where} {only}", values)}
    request |= {"IndexName": index} if index else {}
    request |= {"FilterExpression": only} if only else {}
    request |= {"ExclusiveStartKey": _item(after)} if after else {}
    answer = client("dynamodb").query(**request)
    following = answer.get("LastEvaluatedKey")
    return Page([_plain(item) for item in answer["Items"]], _plain(following) if following else None)


def every(table: str, where: str, values: Mapping[str, Any], *, index: str = "") -> Iterator[Item]:
    after: Item | None = None
    while True:
        page = query(table, where, values, index=index, after=after)
        yield from page.items
        if page.after is None:
            return
        after = page.after


def put(table: str, item: Item, *, when: str = "", values: Mapping[str, Any] | None = None) -> Write:
    given = {name: value for name, value in item.items() if value is not None}
    return Write("Put", {"TableName": physical(table), "Item": _item(given), **_condition(when, values or {})})


def change(
    table: str, key: Item, *, set: Item | None = None, add: Item | None = None, remove: tuple[str, ...] = (),
    when: str = "", values: Mapping[str, Any] | None = None,
) -> Write:  # fmt: skip
    sets, adds = set or {}, add or {}
    parts = [
        "SET " + ", ".join(f"#{name} = :set_{name}" for name in sets) if sets else "",
        "ADD " + ", ".join(f"#{name} :add_{name}" for name in adds) if adds else "",
        "REMOVE " + ", ".join(f"#{name}" for name in remove) if remove else "",
    ]
    expression = " ".join(part for part in parts if part)
    bound = {f"set_{name}": value for name, value in sets.items()} | {
        f"add_{name}": value for name, value in adds.items()
    }
    condition = {"ConditionExpression": when} if when else {}
    names = _expressions(f"{expression} {when}", {**bound, **(values or {})})
    request = {"TableName": physical(table), "Key": _item(key), "UpdateExpression": expression, **condition, **names}
    return Write("Update", request)


def delete(table: str, key: Item, *, when: str = "", values: Mapping[str, Any] | None = None) -> Write:
    return Write("Delete", {"TableName": physical(table), "Key": _item(key), **_condition(when, values or {})})


def write(one: Write) -> Item:
    """What is there afterwards, for an update."""
    more = {"ReturnValues": "ALL_NEW"} if one.kind == "Update" else {}
    try:
        answer = getattr(client("dynamodb"), _CALLS[one.kind])(**one.request, **more)
    except ClientError as error:
        if code_of(error) == "ConditionalCheckFailedException":
            raise Unmet from None
        raise
    return _plain(answer.get("Attributes") or {})


def transact(*writes: Write) -> None:
    """All or nothing. Two transactions that meet at an item are both turned away: they try again, not at once."""
    request = [{one.kind: one.request} for one in writes]
    for attempt in range(TRIES):
        try:
            client("dynamodb").transact_write_items(TransactItems=request)
            return
        except ClientError as error:
            reasons = [reason.get("Code") for reason in error.response.get("CancellationReasons") or []]
            unmet = tuple(at for at, reason in enumerate(reasons) if reason == "ConditionalCheckFailed")
            if unmet:
                raise Unmet(unmet) from None
            if "TransactionConflict" not in reasons or attempt == TRIES - 1:
                raise
        time.sleep((20 + secrets.randbelow(60 << attempt)) / 1000)


def _condition(when: str, values: Mapping[str, Any]) -> dict[str, Any]:
    return {"ConditionExpression": when, **_expressions(when, values)} if when else {}


def _expressions(text: str, values: Mapping[str, Any]) -> dict[str, Any]:
    names = {f"#{name}": name for name in _NAME.findall(text)}
    found: dict[str, Any] = {"ExpressionAttributeNames": names} if names else {}
    bound = {f":{name}": _WRITE(value) for name, value in values.items()}
    return found | ({"ExpressionAttributeValues": bound} if bound else {})


def _item(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _WRITE(value) for name, value in item.items()}


def _plain(item: Mapping[str, Any]) -> Item:
    return {name: _number(_READ(value)) for name, value in item.items()}


def _number(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, dict):
        return {key: _number(inner) for key, inner in value.items()}
    return [_number(inner) for inner in value] if isinstance(value, list) else value
