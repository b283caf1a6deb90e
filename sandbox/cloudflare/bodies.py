"""Strict reading of request bodies: the right content type, known fields only."""

import json
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from sandbox.cloudflare.envelope import ApiError
from sandbox.cloudflare.operation import Call


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


B = TypeVar("B", bound=BaseModel)


async def read(call: Call, shape: type[B], *, code: int) -> B:
    """`code` is what this part of the API answers to a body it does not understand."""
    return validate(shape, await read_json(call, code=code), code=code)


async def read_list(call: Call, item: type[Any], *, code: int) -> list[Any]:
    try:
        return TypeAdapter(list[item]).validate_python(await read_json(call, code=code), strict=True)  # type: ignore[valid-type]
    except ValidationError as error:
        raise ApiError(400, code, explain(error)) from error


def validate(shape: type[B], value: Any, *, code: int) -> B:
    try:
        return shape.model_validate(value)
    except ValidationError as error:
        raise ApiError(400, code, explain(error)) from error


async def read_json(call: Call, *, code: int) -> Any:
    kind = call.request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise ApiError(400, code, "Content-type must be application/json")
    try:
        return json.loads(await call.request.body())
    except ValueError as error:
        raise ApiError(400, code, "The request body is not valid JSON") from error


def explain(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False)[0]
    where = ".".join(str(step) for step in first["loc"])
    if first["type"] == "extra_forbidden":
        return f"json: unknown field {where}"
    return f"{where}: {first['msg']}" if where else first["msg"]
