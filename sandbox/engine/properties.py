"""Property values: plain JSON with Pulumi's signature maps (secrets, references, unknowns), and walks over it."""

from collections.abc import Callable, Iterable
from typing import Any

Value = Any
Properties = dict[str, Any]

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"
ASSET = "c44067f5952c0a294b673a41bacd8c17"
ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7"
REFERENCE = "5cf8f73096256a8f31e491e813e4eb8e"
OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
UNKNOWNS = frozenset(
    {
        UNKNOWN,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)
INTERNAL = "__internal"  # marks provider inputs in states written since 2024


def signature(value: Value) -> str | None:
    found = value.get(SIGNATURE) if isinstance(value, dict) else None
    return found if isinstance(found, str) else None


def secret(value: Value) -> Value:
    return value if signature(value) == SECRET else {SIGNATURE: SECRET, "value": value}


def is_unknown(value: Value) -> bool:
    return isinstance(value, str) and value in UNKNOWNS


def rewrite(value: Value, change: Callable[[dict[str, Any]], Value]) -> Value:
    """A copy in which every signature map was replaced by `change` (innermost maps are not visited again)."""
    if isinstance(value, dict):
        if SIGNATURE in value:
            return change(value)
        return {key: rewrite(item, change) for key, item in value.items()}
    if isinstance(value, list):
        return [rewrite(item, change) for item in value]
    return value


def reveal(value: Value) -> Value:
    """Without secret wrappers."""

    def change(marked: dict[str, Any]) -> Value:
        return reveal(marked.get("value")) if marked[SIGNATURE] == SECRET else marked

    return rewrite(value, change)


def mask(value: Value) -> Value:
    """As events show it: secrets without their value."""

    def change(marked: dict[str, Any]) -> Value:
        return {SIGNATURE: SECRET, "ciphertext": "[secret]"} if marked[SIGNATURE] == SECRET else marked

    return rewrite(value, change)


def redact(value: Value) -> Value:
    """As people see it: secrets as a word."""
    return rewrite(value, lambda marked: "[secret]" if marked[SIGNATURE] == SECRET else marked)


def any_value(value: Value, test: Callable[[Value], bool]) -> bool:
    if test(value):
        return True
    items: Iterable[Value] = ()
    if isinstance(value, dict):
        items = value.values()
    elif isinstance(value, list):
        items = value
    return any(any_value(item, test) for item in items)


def has_unknown(value: Value) -> bool:
    return any_value(value, is_unknown)


def has_secret(value: Value) -> bool:
    return any_value(value, lambda item: signature(item) == SECRET)


def resolve_outputs(value: Value) -> Value:
    """Output values of the SDK as unknowns, secrets or plain values; a reference without URN is no reference."""

    def change(marked: dict[str, Any]) -> Value:
        if marked[SIGNATURE] == OUTPUT:
            inner = resolve_outputs(marked["value"]) if "value" in marked else UNKNOWN
            return secret(inner) if marked.get("secret") else inner
        return marked if "value" not in marked else {**marked, "value": resolve_outputs(marked["value"])}

    return rewrite(value, change)


def references_to_ids(value: Value) -> Value:
    """For providers that accept no references: the id of a custom resource, else the URN."""

    def change(marked: dict[str, Any]) -> Value:
        if marked[SIGNATURE] == REFERENCE:
            return marked["id"] if "id" in marked else marked.get("urn", "")
        return marked if "value" not in marked else {**marked, "value": references_to_ids(marked["value"])}

    return rewrite(value, change)


def mark_secret(properties: Properties, names: Iterable[str]) -> Properties:
    """With the named top-level properties wrapped as secrets."""
    wanted = set(names)
    return {key: secret(value) if key in wanted else value for key, value in properties.items()}


def spread_secrets(inputs: Properties, outputs: Properties) -> Properties:
    """Outputs with those wrapped that were secret as inputs: for providers that drop the wrapper."""
    return mark_secret(outputs, [key for key, value in inputs.items() if signature(value) == SECRET])
