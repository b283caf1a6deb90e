"""Documents of one kind, kept apart by account and region."""

import base64
import secrets
import string
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sandbox.aws.call import Call
from sandbox.aws.cloud import Cloud
from sandbox.aws.errors import AwsError
from sandbox.kit.store import Doc

LETTERS = string.ascii_letters + string.digits


class Shelf:
    def __init__(self, kind: str, *, missing: Callable[[str], AwsError]) -> None:
        self._kind, self._missing = kind, missing

    def put(self, cloud: Cloud, call: Call, id: str, body: Doc) -> Doc:
        owner = {"account": call.account, "region": call.region}
        cloud.store.put(self._kind, self._key(call, id), {**owner, "body": body})
        return body

    def find(self, cloud: Cloud, call: Call, id: str) -> Doc | None:
        found = cloud.store.get(self._kind, self._key(call, id))
        return dict(found["body"]) if found else None

    def get(self, cloud: Cloud, call: Call, id: str) -> Doc:
        found = self.find(cloud, call, id)
        if found is None:
            raise self._missing(id)
        return found

    def all(self, cloud: Cloud, call: Call) -> list[Doc]:
        return [doc["body"] for doc in cloud.store.all(self._kind, account=call.account, region=call.region)]

    def delete(self, cloud: Cloud, call: Call, id: str) -> Doc:
        found = self.get(cloud, call, id)
        cloud.store.delete(self._kind, self._key(call, id))
        return found

    def _key(self, call: Call, id: str) -> str:
        return f"{call.account}/{call.region}/{id}"


def not_found(id: str) -> AwsError:
    return AwsError("ResourceNotFoundException", f"Resource: {id} not found", 404)


def invalid(message: str) -> AwsError:
    return AwsError("ValidationException", message)


def arn(call: Call, service: str, kind: str, id: str) -> str:
    return f"arn:aws:{service}:{call.region}:{call.account}:{kind}/{id}"


def random_id(length: int = 12) -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(length))


def iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def page(call: Call, name: str, items: list[Any], *, most: int = 100, marker: str = "nextToken") -> dict[str, Any]:
    size = int(call.text("maxResults", "MaxResults") or most)
    given = call.text(marker)
    start = int(base64.urlsafe_b64decode(given)) if given else 0
    found: dict[str, Any] = {name: items[start : start + size]}
    if start + size < len(items):
        found[marker] = base64.urlsafe_b64encode(str(start + size).encode()).decode()
    return found


def chosen(call: Call, *names: str) -> Doc:
    """The parameters with these names that were given."""
    return {name: call.params[name] for name in names if call.params.get(name) is not None}
