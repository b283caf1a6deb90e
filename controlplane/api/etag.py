"""ETag and If-Match: nobody overwrites what they have not seen."""

import hashlib
import json
from typing import Annotated, Any

from fastapi import Depends, Header, Response

from controlplane.core.errors import PreconditionFailed, Problem

MISSING = "This can be changed by several people."


class PreconditionRequired(Problem):
    status, title, code = 428, "Say which version you change", "if_match_missing"


def tag_of(shown: dict[str, Any]) -> str:
    text = json.dumps(shown, sort_keys=True, default=str)
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


def tagged(response: Response, shown: dict[str, Any]) -> dict[str, Any]:
    response.headers["ETag"] = tag_of(shown)
    return shown


def _given(if_match: Annotated[str, Header(max_length=200, description="The ETag of what you read.")] = "") -> str:
    return if_match


IfMatch = Annotated[str, Depends(_given)]


def check(given: str, shown: dict[str, Any]) -> None:
    if not given:
        raise PreconditionRequired(MISSING, next_step="Read it and send its ETag as If-Match.")
    if not names(given, tag_of(shown)):
        raise PreconditionFailed()


def names(given: str, tag: str) -> bool:
    """Whether an `If-Match` or `If-None-Match` lists it."""
    return tag in {part.strip().removeprefix("W/") for part in given.split(",")}
