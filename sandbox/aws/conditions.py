"""Condition blocks of a policy: operators, set qualifiers and policy variables."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import Any

Context = Mapping[str, str | Sequence[str]]
Test = Callable[[str, str], bool]


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile("".join({"*": ".*", "?": "."}.get(c, re.escape(c)) for c in pattern), re.DOTALL)


def like(value: str, pattern: str) -> bool:
    return _compiled(pattern).fullmatch(value) is not None


def expand(pattern: str, context: Context) -> str:
    """Replace ${aws:PrincipalTag/x} and its like; an unknown variable matches nothing."""

    def value(found: re.Match[str]) -> str:
        name, _, default = found.group(1).partition(",")
        if name in {"*", "?", "$"}:
            return name
        known = lookup(context, name.strip())
        return str(known) if isinstance(known, str) else default.strip(" '") or "\x00"

    return re.sub(r"\$\{([^}]+)\}", value, pattern)


def lookup(context: Context, key: str) -> str | Sequence[str] | None:
    wanted = key.lower()
    return next((value for name, value in context.items() if name.lower() == wanted), None)


def holds(conditions: Mapping[str, Mapping[str, Any]], context: Context) -> bool:
    return all(
        _single(operator, key, values, context)
        for operator, block in conditions.items()
        for key, values in block.items()
    )


def _single(operator: str, key: str, values: Any, context: Context) -> bool:
    qualifier, _, name = operator.rpartition(":")
    optional = name.endswith("IfExists")
    name = name.removesuffix("IfExists")
    actual = lookup(context, key)
    wanted = [expand(str(v).lower() if isinstance(v, bool) else str(v), context) for v in _list(values)]
    if name == "Null":
        return (actual is None) == (wanted[0] == "true")
    if actual is None:
        return optional or _absent(name, qualifier)
    return _compare(name, qualifier, _list(actual), wanted)


def _absent(name: str, qualifier: str) -> bool:
    """A missing key satisfies only negated operators and ForAllValues."""
    return qualifier == "ForAllValues" or (qualifier == "" and name in NEGATED)


def _compare(name: str, qualifier: str, actual: list[str], wanted: list[str]) -> bool:
    positive = NEGATED.get(name, name)
    test = TESTS[positive]

    def matches(value: str) -> bool:
        return any(test(value, want) for want in wanted) != (name in NEGATED)

    return all(map(matches, actual)) if qualifier == "ForAllValues" else any(map(matches, actual))


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple, set, frozenset)) else [value]


def _number(compare: Callable[[float, float], bool]) -> Test:
    def test(value: str, want: str) -> bool:
        try:
            return compare(float(value), float(want))
        except ValueError:
            return False

    return test


def _date(compare: Callable[[float, float], bool]) -> Test:
    def seconds(text: str) -> float:
        return float(text) if text.isdigit() else datetime.fromisoformat(text).timestamp()

    def test(value: str, want: str) -> bool:
        try:
            return compare(seconds(value), seconds(want))
        except ValueError:
            return False

    return test


def _address(value: str, want: str) -> bool:
    try:
        return ip_address(value) in ip_network(want, strict=False)
    except ValueError:
        return False


def _arn(value: str, want: str) -> bool:
    """Wildcards do not reach over the colons of an ARN."""
    parts, patterns = value.split(":", 5), want.split(":", 5)
    if len(parts) != 6 or len(patterns) != 6:
        return like(value, want)
    return all(like(part, pattern) for part, pattern in zip(parts, patterns, strict=True))


ORDER: dict[str, Callable[[float, float], bool]] = {
    "Equals": lambda a, b: a == b,
    "LessThan": lambda a, b: a < b,
    "LessThanEquals": lambda a, b: a <= b,
    "GreaterThan": lambda a, b: a > b,
    "GreaterThanEquals": lambda a, b: a >= b,
}
TESTS: dict[str, Test] = {
    "StringEquals": lambda value, want: value == want,
    "StringEqualsIgnoreCase": lambda value, want: value.lower() == want.lower(),
    "StringLike": like,
    "Bool": lambda value, want: value.lower() == want.lower(),
    "BinaryEquals": lambda value, want: value == want,
    "IpAddress": _address,
    "ArnEquals": _arn,
    "ArnLike": _arn,
    **{f"Numeric{name}": _number(compare) for name, compare in ORDER.items()},
    **{f"Date{name}": _date(compare) for name, compare in ORDER.items()},
}
NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
    "NotIpAddress": "IpAddress",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
}
