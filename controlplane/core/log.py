"""Structured logs without secrets: JSON for machines, console for people."""

import logging
import re
import sys
from typing import Any

import structlog

from controlplane.settings import Settings

_TOKENS = re.compile(
    r"cpl_[a-z]{2}_[0-9A-Za-z]{20,}|(?:sk|rk|pk)_(?:test|live)_[0-9A-Za-z]+|whsec_[0-9A-Za-z+/=]+|re_[0-9A-Za-z_]{12,}"
    r"|eyJ[\w-]{8,}\.[\w-]+\.[\w-]+|AKIA[0-9A-Z]{16}|s1\.(?:local|kms|vault)\.[\w.-]+"
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


def scrub(text: str) -> str:
    """Text from outside, safe to log, store or show: no token, no control or direction mark."""
    return _CONTROL.sub("?", _TOKENS.sub("[secret]", text))


def _scrub_event(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    return {key: scrub(value) if isinstance(value, str) else value for key, value in event.items()}


def start(settings: Settings) -> None:
    console = settings.telemetry.log_format == "console"
    renderer: Any = structlog.dev.ConsoleRenderer() if console else structlog.processors.JSONRenderer()
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
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
