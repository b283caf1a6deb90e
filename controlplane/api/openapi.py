"""The description of the API: who may call what, how errors look, which headers every route knows."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI

from controlplane.api import access
from controlplane.identity.policy import RULES

PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "code", "detail", "next_step", "request_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "What a program decides by."},
        "detail": {"type": "string"},
        "next_step": {"type": "string", "description": "What to do about it."},
        "request_id": {"type": "string"},
        "fields": {"type": "array", "items": {"type": "object"}},
    },
    "example": {
        "type": "urn:controlplane:problem:operation_open",
        "title": "That conflicts with the present state",
        "status": 409,
        "code": "operation_open",
        "detail": "Operation 01m7… (update) is not finished.",
        "next_step": "Wait for it, or cancel it.",
        "request_id": "01m7y490wggsynz07032egcsd6",
    },
}
ANSWER = {
    "description": "A problem (RFC 9457)",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
ALWAYS = {401: "Not signed in", 403: "Not allowed", 404: "No such thing", 422: "Not valid", 429: "Too many requests"}
SCHEMES: dict[str, dict[str, Any]] = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "Access token, or the session of a command line."},
    "session": {"type": "apiKey", "in": "cookie", "name": "__Host-cp_operator"},
    "client": {
        "type": "oauth2",
        "flows": {"clientCredentials": {"tokenUrl": "/oauth/token", "scopes": {}}},
    },
}
KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "pattern": "^[\\w.:-]{16,100}$"},
    "description": "The same key and body give the first answer again.",
}


def install(app: FastAPI) -> None:
    plain = app.openapi

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _complete(app, plain())
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign]


def _complete(app: FastAPI, schema: dict[str, Any]) -> dict[str, Any]:
    components = schema.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = PROBLEM
    scopes = {rule.scope: rule.group for rule in RULES.values() if rule.scope not in {"-", "never"}}
    components["securitySchemes"] = {**SCHEMES, "client": {**SCHEMES["client"], "flows": _flows(scopes)}}
    for method, operation, group in _operations(app, schema):
        rule = RULES[group]
        operation["responses"] = {
            **operation["responses"],
            **{str(code): _named(text) for code, text in ALWAYS.items()},
        }
        operation["responses"]["default"] = ANSWER
        operation["x-group"] = group
        if rule.marks["anonymous"] == "–":
            by_client = [] if rule.scope in {"-", "never"} else [{"client": [rule.scope]}]
            operation["security"] = [{"bearer": []}, {"session": []}, *by_client]
        if method == "post":
            operation.setdefault("parameters", []).append(KEY)
    return schema


def _operations(app: FastAPI, schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], str]]:
    for name, required in access.groups(app):
        method, _space, path = name.partition(" ")
        operation = schema["paths"].get(path, {}).get(method.lower())
        if operation and required:
            yield method.lower(), operation, required.group


def _named(text: str) -> dict[str, Any]:
    return {**ANSWER, "description": text}


def _flows(scopes: dict[str, str]) -> dict[str, Any]:
    return {"clientCredentials": {"tokenUrl": "/oauth/token", "scopes": dict.fromkeys(sorted(scopes), "")}}
