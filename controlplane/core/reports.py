"""Bugs, told to Sentry when one setting names it: what went wrong and where, never with which values."""

from typing import Any

import sentry_sdk
import structlog

from controlplane.core.errors import Outcome
from controlplane.core.log import scrub
from controlplane.settings import Settings

ERRORS = frozenset({"error", "critical", "exception"})
LEFT_OUT = ("request", "user", "extra", "breadcrumbs", "modules")
TAGS = ("job", "row", "tick", "operation", "correlation")


def start(settings: Settings) -> None:
    sentry_sdk.init(
        dsn=settings.telemetry.sentry_dsn.get_secret_value(),
        environment=settings.name,
        auto_enabling_integrations=False,  # they would see bodies, queries and headers; our log line says enough
        include_local_variables=False,
        send_default_pii=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        before_send=_discreet,
    )


def note(_logger: Any, method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """A log line with an error nobody foresaw is a report, wherever it is written."""
    error = event.get("exc_info")
    if method in ERRORS and isinstance(error, BaseException) and not isinstance(error, Outcome):
        with sentry_sdk.new_scope() as scope:
            scope.set_tags({name: str(event[name]) for name in TAGS if event.get(name)})
            scope.set_transaction_name(str(event.get("event", "")))
            sentry_sdk.capture_exception(error)
    return event


def _discreet(event: Any, _hint: Any) -> Any:
    return _scrubbed({name: value for name, value in event.items() if name not in LEFT_OUT})


def _scrubbed(value: Any) -> Any:
    if isinstance(value, str):
        return scrub(value)
    if isinstance(value, dict):
        return {name: _scrubbed(item) for name, item in value.items()}
    return [_scrubbed(item) for item in value] if isinstance(value, list | tuple) else value
