"""Reading input: a form names its fields, each field one reader; what is not named is refused."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from programs.creator.runtime.errors import invalid

Reader = Callable[[str, Any], Any]
ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
MAIL = re.compile(r"[^\s@<>\"(),:;\[\]\\]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")


@dataclass(frozen=True)
class Form:
    fields: Mapping[str, Reader]
    optional: frozenset[str] = frozenset()

    def read(self, data: object) -> dict[str, Any]:
        if not isinstance(data, dict):
            raise invalid("", "a JSON object is expected")
        unknown = sorted(set(data) - set(self.fields))
        if unknown:
            raise invalid(unknown[0][:64], "this field is not known")
        return {name: self._field(name, data) for name in self.fields if name in data or name not in self.optional}

    def _field(self, name: str, data: Mapping[str, Any]) -> Any:
        if name not in data:
            raise invalid(name, "this field is missing")
        return self.fields[name](name, data[name])


def form(*, optional: Mapping[str, Reader] | None = None, **fields: Reader) -> Form:
    return Form({**fields, **(optional or {})}, frozenset(optional or {}))


def text(least: int, most: int, pattern: str = "") -> Reader:
    allowed = re.compile(pattern) if pattern else None

    def read(name: str, value: Any) -> str:
        if not isinstance(value, str):
            raise invalid(name, "a text is expected")
        found = unicodedata.normalize("NFC", value).strip()
        if not least <= len(found) <= most or (allowed and not allowed.fullmatch(found)):
            raise invalid(
                name, f"{least} to {most} characters are expected" if not allowed else "this is not allowed here"
            )
        return found

    return read


def password(least: int) -> Reader:
    """Taken as it is: a password is not normalised."""

    def read(name: str, value: Any) -> str:
        if not isinstance(value, str) or not least <= len(value) <= 256:
            raise invalid(name, f"{least} to 256 characters are expected")
        return value

    return read


def email(name: str, value: Any) -> str:
    found = value.strip().lower() if isinstance(value, str) else ""
    if len(found) > 254 or not MAIL.fullmatch(found):
        raise invalid(name, "an e-mail address is expected")
    return found


def identifier(name: str, value: Any) -> str:
    if not isinstance(value, str) or not ID.fullmatch(value):
        raise invalid(name, "an id is expected")
    return value


def whole(least: int, most: int) -> Reader:
    def read(name: str, value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise invalid(name, f"a whole number from {least} to {most} is expected")
        return value

    return read


def yes_or_no(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise invalid(name, "true or false is expected")
    return value


def agreed(name: str, value: Any) -> bool:
    if value is not True:
        raise invalid(name, "consent is needed")
    return True


def one_of(*choices: str) -> Reader:
    def read(name: str, value: Any) -> str:
        if value not in choices:
            raise invalid(name, f"one of {', '.join(choices)} is expected")
        return str(value)

    return read


def several(reader: Reader, least: int, most: int) -> Reader:
    def read(name: str, value: Any) -> list[Any]:
        if not isinstance(value, list) or not least <= len(value) <= most:
            raise invalid(name, f"{least} to {most} entries are expected")
        return [reader(name, each) for each in value]

    return read


PRICE = whole(50, 99_999_900)  # cents


def day(name: str, value: Any) -> str:
    try:
        return date.fromisoformat(value).isoformat()
    except (TypeError, ValueError):
        raise invalid(name, "a day like 2027-01-31 is expected") from None


def link(name: str, value: Any) -> str:
    """To a page outside: https, and no names or passwords in it."""
    found = value.strip() if isinstance(value, str) else ""
    try:
        parts = urlsplit(found)
        plain = parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        plain = False
    if not plain or len(found) > 1000 or not found.isprintable() or " " in found:
        raise invalid(name, "an https address is expected")
    return found


def nested(inner: Form) -> Reader:
    def read(name: str, value: Any) -> dict[str, Any]:
        del name
        return inner.read(value)

    return read
