"""Structured logs without secrets: JSON for machines, console for people."""

import json
import logging
import re
import sys
from collections import deque
from typing import Any

import structlog

from controlplane.settings import Settings

_TOKENS = re.compile(
    r"cpl_[a-z]{2}_[0-9A-Za-z]{20,}|(?:sk|rk|pk)_(?:test|live)_[0-9A-Za-z]+|whsec_[0-9A-Za-z+/=]+|re_[0-9A-Za-z_]{12,}"
    r"|eyJ[\w-]{8,}\.[\w-]+\.[\w-]+|AKIA[0-9A-Z]{16}|s[12]\.(?:local|kms|vault)\.[\w.-]+"
)
_OPENED: deque[str] = deque(maxlen=64)  # what this process had in clear lately, whatever it looks like
_SHORTEST, _LONGEST = 8, 4096
_HIDDEN = frozenset({"secret", "token", "url", "code", "key", "seed", "address", "password"})
_ROW_VALUES = re.compile(r"(\([\w, ]+\))=\([^)]*\)")  # how Postgres quotes the row that broke a rule
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


def scrub(text: str) -> str:
    """Text from outside, safe to log, store or show: no token, no control or direction mark."""
    for secret in tuple(_OPENED):
        if secret in text:
            text = text.replace(secret, "[secret]")
    return _CONTROL.sub("?", _ROW_VALUES.sub(r"\1=(…)", _TOKENS.sub("[secret]", text)))


def remember(opened: str) -> None:
    """A value that was just opened must not turn up in what we say."""
    for value in _parts(opened):
        if _SHORTEST <= len(value) <= _LONGEST and value not in _OPENED:
            _OPENED.append(value)


def _parts(opened: str) -> list[str]:
    """Of what is sealed as JSON only the secrets: names and ids in it may be said."""
    try:
        found = json.loads(opened) if opened.startswith("{") and len(opened) <= _LONGEST else None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        return [opened]
    return [value for name, value in found.items() if name in _HIDDEN and isinstance(value, str)]


def _scrub_event(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    return {key: scrub(value) if isinstance(value, str) else value for key, value in event.items()}


def plain_console() -> structlog.dev.ConsoleRenderer:
    """For people; a drawn traceback would show what every variable holds, and take seconds to draw."""
    return structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)


def start(settings: Settings) -> None:
    console = settings.telemetry.log_format == "console"
    renderer: Any = plain_console() if console else structlog.processors.JSONRenderer()
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if settings.telemetry.sentry_dsn.get_secret_value():
        from controlplane.core import reports

        reports.start(settings)
        shared.append(reports.note)
    # No local variables in traces: they may hold an opened secret.
    tail: list[Any] = [structlog.processors.format_exc_info, _scrub_event, renderer]
    level = logging.getLevelNamesMapping()[settings.telemetry.log_level.upper()]
    structlog.configure(
        processors=[*shared, *tail],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processors=tail, foreign_pre_chain=shared))
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for noisy in ("httpx", "httpcore", "arq.worker", "stripe"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
