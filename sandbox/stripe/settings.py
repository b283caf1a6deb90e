"""What a merchant sets in the dashboard, plus the pace of the sandbox; changed through the control routes."""

from typing import Any

from sandbox.kit.store import Store
from sandbox.stripe.errors import Doc

DAY = 86_400
DEFAULTS: Doc = {
    "account_name": "Sandbox",
    "country": "DE",
    "tax_behavior": "exclusive",  # of prices that do not say
    "rate_limit": None,  # requests per second; null: none
    "invoice_draft_seconds": 3600,  # how long a renewal invoice stays a draft
    "retry_days": [3, 5, 7],  # dunning: days between payment attempts
    "after_retries": "cancel",  # cancel | unpaid | past_due
    "invoice_after_retries": "leave",  # leave | uncollectible
    "days_to_settle": 5,  # delayed methods, in emulated time
    "seconds_to_settle": 6.0,  # the same in real time, whichever is first; null: only emulated time counts
    "webhook_backoff": [1, 3, 10, 30, 120, 600],  # real seconds between delivery attempts
    "webhook_timeout": 10.0,
}
CHOICES = {"after_retries": {"cancel", "unpaid", "past_due"}, "invoice_after_retries": {"leave", "uncollectible"}}


def read(store: Store) -> Doc:
    return {**DEFAULTS, **(store.get("setting", "account") or {})}


def change(store: Store, changes: Doc) -> Doc:
    for name, value in changes.items():
        _check(name, value)
    with store.transaction():
        store.put("setting", "account", {**(store.get("setting", "account") or {}), **changes})
        return read(store)


def _check(name: str, value: Any) -> None:
    if name not in DEFAULTS:
        raise ValueError(f"unknown setting: {name}")
    if name in CHOICES and value not in CHOICES[name]:
        raise ValueError(f"{name} is one of {sorted(CHOICES[name])}")
    if isinstance(DEFAULTS[name], list) and not (isinstance(value, list) and all(_positive(item) for item in value)):
        raise ValueError(f"{name} is a list of numbers")


def _positive(value: Any) -> bool:
    return isinstance(value, int | float) and value >= 0
