"""Answers of the provider protocol: messages, and statuses for what went wrong."""

import sys
import traceback
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import grpc
from google.protobuf import any_pb2

from sandbox.plugins import objects
from sandbox.plugins.compare import Change
from sandbox.plugins.failures import Failure
from sandbox.plugins.schema import Kind, Property, Resource
from sandbox.plugins.values import Doc, to_struct

if TYPE_CHECKING:
    from pulumi.runtime.proto import provider_pb2, status_pb2
else:
    from sandbox.plugins.proto import provider_pb2, status_pb2

Rpc = TypeVar("Rpc", bound=Callable[..., Any])


def answering(method: Rpc) -> Rpc:
    """Turn an exception into a status; of a bug only its place is told, a value could be a secret."""

    @wraps(method)
    def answer(self: Any, request: Any, context: Any) -> Any:
        try:
            return method(self, request, context)
        except objects.Unfinished as unfinished:
            _abort_unfinished(context, unfinished)
        except Failure as failure:
            context.abort(getattr(grpc.StatusCode, failure.code), str(failure))
        except Exception as error:
            if context.code() is not None:
                raise
            _report(error)
            context.abort(grpc.StatusCode.INTERNAL, f"bug in the plugin: {type(error).__name__}, see its output")

    return answer  # type: ignore[return-value]


def _report(error: Exception) -> None:
    places = [
        f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)
    ]
    print(f"{type(error).__name__} at {' > '.join(places)}", file=sys.stderr, flush=True)  # noqa: T201


def _abort_unfinished(context: grpc.ServicerContext, unfinished: objects.Unfinished) -> NoReturn:
    failed = provider_pb2.ErrorResourceInitFailed(
        id=unfinished.id,
        properties=to_struct(unfinished.outputs),
        inputs=to_struct(unfinished.inputs),
        reasons=[unfinished.reason],
    )
    detail = any_pb2.Any()
    detail.Pack(failed)
    status = status_pb2.Status(code=2, message=unfinished.reason, details=[detail])
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(grpc.StatusCode.UNKNOWN, unfinished.reason)
    raise AssertionError("abort always raises")


def failure(path: str, reason: str) -> Any:
    return provider_pb2.CheckFailure(property=path, reason=reason)


def difference(found: list[Change], *, replaces: list[str], delete_first: bool) -> Any:
    kinds = provider_pb2.PropertyDiff.Kind
    detailed = {
        change.path: provider_pb2.PropertyDiff(
            kind=kinds.Value(change.kind + ("_REPLACE" if change.root in replaces else "")), inputDiff=True
        )
        for change in found
    }
    response = provider_pb2.DiffResponse
    return response(
        changes=response.DIFF_SOME if found else response.DIFF_NONE,
        diffs=sorted({change.root for change in found}),
        replaces=replaces,
        detailedDiff=detailed,
        hasDetailedDiff=True,
        deleteBeforeReplace=delete_first,
    )


def outline(resource: Resource) -> Doc:
    """The names and types of a resource, as far as the table knows them."""
    inputs = {key: {"type": _plain_type(prop)} for key, prop in resource.inputs.items()}
    outputs = {key: {"type": "string"} for key in resource.outputs}
    required = sorted(key for key, prop in resource.inputs.items() if prop.required)
    return {"inputProperties": inputs, "requiredInputs": required, "properties": {**outputs, **inputs}}


def _plain_type(prop: Property) -> str:
    return {Kind.JSON: "string", Kind.MAP: "object", Kind.ANY: "object", Kind.ARCHIVE: "object"}.get(
        prop.kind, str(prop.kind)
    )
