"""Lifecycle, lock and CORS rules of a bucket: each is one document that a PUT replaces."""

from typing import Annotated, Any, Literal

from pydantic import Field
from starlette.routing import BaseRoute

from sandbox.cloudflare.bodies import Body, read
from sandbox.cloudflare.buckets import AREA, BAD_BODY, BASE, StorageClass, bucket_of, key_of
from sandbox.cloudflare.envelope import ApiError
from sandbox.cloudflare.operation import Api, Call

MOST_RULES = 1000
DEFAULT_LIFECYCLE = {
    "rules": [
        {
            "id": "Default Multipart Abort Rule",
            "enabled": True,
            "conditions": {"prefix": ""},
            "abortMultipartUploadsTransition": {"condition": {"type": "Age", "maxAge": 604800}},
        }
    ]
}


class AgeCondition(Body):
    type: Literal["Age"]
    maxAge: Annotated[int, Field(ge=0)]


class DateCondition(Body):
    type: Literal["Date"]
    date: str


Condition = Annotated[AgeCondition | DateCondition, Field(discriminator="type")]


class Abort(Body):
    condition: AgeCondition


class DeleteObjects(Body):
    condition: Condition


class ChangeClass(Body):
    condition: Condition
    storageClass: StorageClass


class Prefix(Body):
    prefix: str = ""


class LifecycleRule(Body):
    id: str
    enabled: bool
    conditions: Prefix
    abortMultipartUploadsTransition: Abort | None = None
    deleteObjectsTransition: DeleteObjects | None = None
    storageClassTransitions: list[ChangeClass] | None = None


class Lifecycle(Body):
    rules: Annotated[list[LifecycleRule], Field(max_length=MOST_RULES)]


class LockAge(Body):
    type: Literal["Age"]
    maxAgeSeconds: Annotated[int, Field(gt=0)]


class LockDate(Body):
    type: Literal["Date"]
    date: str


class LockForever(Body):
    type: Literal["Indefinite"]


class LockRule(Body):
    id: str
    enabled: bool
    prefix: str = ""
    condition: Annotated[LockAge | LockDate | LockForever, Field(discriminator="type")]


class Lock(Body):
    rules: Annotated[list[LockRule], Field(max_length=MOST_RULES)]


class Allowed(Body):
    methods: list[Literal["GET", "PUT", "POST", "DELETE", "HEAD"]]
    origins: list[str]
    headers: list[str] | None = None


class CorsRule(Body):
    allowed: Allowed
    id: str | None = None
    exposeHeaders: list[str] | None = None
    maxAgeSeconds: Annotated[int, Field(ge=0, le=86400)] | None = None


class Cors(Body):
    rules: list[CorsRule]


SHAPES: dict[str, type[Lifecycle | Lock | Cors]] = {"lifecycle": Lifecycle, "lock": Lock, "cors": Cors}
EMPTY: dict[str, dict[str, Any]] = {"lifecycle": DEFAULT_LIFECYCLE, "lock": {"rules": []}}


def routes(api: Api) -> list[BaseRoute]:
    made: list[BaseRoute] = []
    for kind in SHAPES:
        rules = Rules(kind)
        handlers = {"GET": rules.get, "PUT": rules.put}
        if kind == "cors":
            handlers["DELETE"] = rules.delete  # the others stay in force until they are replaced by none
        made.append(api.route(f"{BASE}/{{bucket}}/{kind}", AREA, **handlers))
    return made


class Rules:
    def __init__(self, kind: str) -> None:
        self._kind, self._documents = kind, f"bucket_{kind}"

    async def get(self, call: Call) -> Any:
        found = call.cloud.store.get(self._documents, key_of(bucket_of(call))) or EMPTY.get(self._kind)
        if found is None:
            raise ApiError(404, 10059, "The CORS configuration does not exist.")
        return found

    async def put(self, call: Call) -> Any:
        bucket, body = bucket_of(call), await read(call, SHAPES[self._kind], code=BAD_BODY)
        doc = body.model_dump(exclude_none=True)
        ids = [rule["id"] for rule in doc["rules"] if rule.get("id")]
        if len(ids) != len(set(ids)):
            raise ApiError(400, BAD_BODY, "rule ids must be unique")
        call.cloud.store.put(self._documents, key_of(bucket), doc)
        return {}

    async def delete(self, call: Call) -> Any:
        call.cloud.store.delete(self._documents, key_of(bucket_of(call)))
        return {}
