"""Which operation a REST request is: read from botocore's service models, keeping only their routes."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from botocore.loaders import Loader

PROTOCOLS = {
    "s3": "rest-xml",
    "s3control": "rest-xml",
    "cloudfront": "rest-xml",
    "route53": "rest-xml",
    **dict.fromkeys(
        (
            "lambda",
            "apigatewayv2",
            "apigateway",
            "sesv2",
            "backup",
            "ivs",
            "ivschat",
            "appsync",
            "account",
            "scheduler",
        ),
        "rest-json",
    ),
    **dict.fromkeys(("iam", "sts", "sns", "ses", "ec2", "cloudformation", "rds", "autoscaling"), "query"),
}


def protocol_of(service: str) -> str:
    return PROTOCOLS.get(service, "json")


@dataclass(frozen=True)
class Route:
    operation: str
    method: str
    pattern: re.Pattern[str]
    labels: tuple[str, ...]
    query: tuple[tuple[str, str | None], ...]  # what the query string must contain
    weight: tuple[int, int]  # fixed query parts, then fixed path length: the most specific route wins


def match(service: str, method: str, path: str, query: dict[str, str]) -> tuple[str, dict[str, str]]:
    """(operation, path labels), or ("", {}) when the model has no such route."""
    for route in _routes(service):
        found = route.pattern.fullmatch(path) if route.method == method else None
        if found and all(name in query and (want is None or query[name] == want) for name, want in route.query):
            return route.operation, dict(zip(route.labels, found.groups(), strict=True))
    return "", {}


@cache
def _routes(service: str) -> tuple[Route, ...]:
    try:
        model = Loader().load_service_model(service, "service-2")
    except Exception:  # botocore has no such service: nothing to tell
        return ()
    shapes = model["shapes"]
    routes = [
        _route(name, operation["http"], _required(shapes.get(operation.get("input", {}).get("shape"), {})))
        for name, operation in model["operations"].items()
    ]
    return tuple(sorted(routes, key=lambda route: route.weight, reverse=True))


def _required(shape: dict[str, Any]) -> list[tuple[str, str | None]]:
    """Query parameters that a request must have: they tell UploadPart from PutObject."""
    members = [shape["members"][name] for name in shape.get("required", [])]
    return [(m["locationName"], None) for m in members if m.get("location") == "querystring"]


def _route(name: str, http: dict[str, str], required: list[tuple[str, str | None]]) -> Route:
    path, _, query = http["requestUri"].partition("?")
    stated = [(key, value or None) for key, _, value in (part.partition("=") for part in query.split("&") if part)]
    wanted = (*stated, *required)
    labels = tuple(re.findall(r"{([^}+]+)\+?}", path))
    fixed = re.sub(r"{[^}]+}", "", path)
    return Route(name, http["method"], _pattern(path), labels, wanted, (len(wanted), len(fixed)))


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"({[^}]+})", path)
    text = "".join(_label(part) if part.startswith("{") else re.escape(part) for part in parts)
    return re.compile(text if text.endswith("/") else text + "/?")


def _label(part: str) -> str:
    return "(.+)" if part.endswith("+}") else "([^/]+)"
