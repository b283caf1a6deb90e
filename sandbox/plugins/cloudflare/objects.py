"""What all Cloudflare resources do alike."""

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.plugins.cloudflare.api import Api
from sandbox.plugins.failures import Exists
from sandbox.plugins.schema import Call, Property, text
from sandbox.plugins.values import Doc
from sandbox.plugins.wire import decode, encode, snake


def account() -> Property:
    return text(required=True, replaces=True)


def zone() -> Property:
    return text(required=True, replaces=True)


def api(call: Call) -> Api:
    session = call.session
    if not isinstance(session, Api):
        raise TypeError("a Cloudflare resource needs a Cloudflare session")
    return session


def made(post: Callable[[], Any], find: Callable[[], Any | None]) -> Any:
    """Create once: when an attempt without an answer did create the object, that one is taken."""
    try:
        return post()
    except Exists as taken:
        found = find() if taken.perhaps_ours else None
        if found is None:
            raise
        return found


def body(call: Call, *leave_out: str) -> Doc:
    fields = {key: prop for key, prop in call.resource.inputs.items() if key not in leave_out}
    return encode(fields, call.inputs, snake)


def outputs(call: Call, result: Mapping[str, Any] | None) -> Doc:
    """The properties in an answer: inputs of the table, and its further outputs by name."""
    found = decode(call.resource.inputs, result, snake)
    extra = {key: (result or {}).get(snake(key)) for key in call.resource.outputs}
    return {**found, **{key: value for key, value in extra.items() if value is not None}}
