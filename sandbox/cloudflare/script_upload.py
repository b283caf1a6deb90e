"""The multipart body of a script upload: metadata and modules."""

import base64
import json
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field
from starlette.datastructures import UploadFile

from sandbox.cloudflare.bindings import Binding
from sandbox.cloudflare.bodies import Body, validate
from sandbox.cloudflare.envelope import ApiError
from sandbox.cloudflare.operation import Call, Doc

BAD_BODY = 10026
LARGEST = 10 * 1024 * 1024
MODULE_TYPES = {
    "application/javascript+module": "ESModule",
    "application/wasm": "CompiledWasm",
    "text/plain": "Text",
    "application/octet-stream": "Data",
}
BINARY = frozenset({"CompiledWasm", "Data"})


class Observability(Body):
    enabled: bool
    head_sampling_rate: Annotated[float, Field(ge=0, le=1, strict=False)] | None = None
    logs: dict[str, Any] | None = None
    traces: dict[str, Any] | None = None


class Limits(Body):
    cpu_ms: Annotated[int, Field(ge=1, le=300_000)] | None = None
    subrequests: Annotated[int, Field(ge=1)] | None = None


class Metadata(Body):
    main_module: str
    bindings: list[Binding] = Field(default_factory=list)
    compatibility_date: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")] | None = None
    compatibility_flags: list[str] = Field(default_factory=list)
    observability: Observability | None = None
    limits: Limits | None = None
    annotations: dict[str, str] | None = None
    keep_bindings: list[str] = Field(default_factory=list)
    logpush: bool = False
    placement: dict[str, Any] | None = None
    tags: list[str] = Field(default_factory=list)
    tail_consumers: list[dict[str, Any]] = Field(default_factory=list)
    usage_model: Literal["standard", "bundled", "unbound"] = "standard"


@dataclass(frozen=True)
class Upload:
    metadata: Metadata
    modules: list[Doc]


async def read_upload(call: Call) -> Upload:
    if not call.request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise ApiError(415, 10001, "Content-Type must be multipart/form-data")
    async with call.request.form(max_part_size=LARGEST) as form:
        if "metadata" not in form:
            raise ApiError(400, 10026, "the part metadata is missing")
        metadata = _metadata(await _bytes(form["metadata"]))
        parts = [(name, part) for name, part in form.multi_items() if name != "metadata"]
        modules = [await _module(name, part) for name, part in parts]
    if metadata.main_module not in {module["name"] for module in modules}:
        raise ApiError(400, 10021, f"No such module: {metadata.main_module} (main_module has no part)")
    return Upload(metadata, modules)


def _metadata(text: bytes) -> Metadata:
    try:
        raw = json.loads(text)
    except ValueError as error:
        raise ApiError(400, BAD_BODY, "metadata is not valid JSON") from error
    if isinstance(raw, dict) and "body_part" in raw:
        raise ApiError(400, 10021, "service-worker syntax is not served here: name a main_module")
    return validate(Metadata, raw, code=BAD_BODY)


async def _module(name: str, part: UploadFile | str) -> Doc:
    if isinstance(part, str) or not part.filename:
        raise ApiError(400, BAD_BODY, f"the module part {name} needs a filename and a content type")
    kind = MODULE_TYPES.get((part.content_type or "").partition(";")[0])
    if kind is None:
        raise ApiError(400, BAD_BODY, f"unknown module type {part.content_type} of {name}")
    content = await part.read()
    if kind in BINARY:
        return {"name": name, "type": kind, "base64": base64.b64encode(content).decode()}
    try:
        return {"name": name, "type": kind, "text": content.decode()}
    except UnicodeDecodeError as error:
        raise ApiError(400, 10021, f"module {name} is not UTF-8") from error


async def _bytes(part: UploadFile | str) -> bytes:
    return part.encode() if isinstance(part, str) else await part.read()


def content_type_of(module: Doc) -> str:
    return next(name for name, kind in MODULE_TYPES.items() if kind == module["type"])
