"""Stored documents as Stripe would show them: every field of the SDK's class present, private fields gone."""

import inspect
import typing
from functools import cache
from importlib import import_module
from typing import Any

from stripe._object_classes import OBJECT_CLASSES
from stripe._stripe_object import StripeObject

from sandbox.stripe.errors import Doc

# Left out unless asked for by `expand`, or only present on some objects.
_OMITTED = {
    "customer": {"sources", "subscriptions", "tax_ids", "tax", "cash_balance", "invoice_credit_balance"},
    "checkout.session": {"line_items"},
    "price": {"tiers"},
    "coupon": {"applies_to"},
    "charge": {"refunds"},
    "invoice": {"payments", "confirmation_secret"},
    "webhook_endpoint": {"secret"},
    "event": {"previous_attributes", "account", "context"},
}


_NEVER_NULL = {"deleted", "currency_options"}  # absent or filled; the SDK stumbles over a null
_MANY = 10


def show(doc: Doc) -> Doc:
    """A deep copy without `_private` fields, completed with null where Stripe has null."""
    if doc.get("object") == "event" and "pending_webhooks" in doc:
        return dict(doc)  # completed when it happened
    shown = {name: _show(value) for name, value in doc.items() if not name.startswith("_")}
    known = object_class(shown.get("object"))
    return _complete(known, shown, _OMITTED.get(shown["object"], set())) if known else shown


def object_class(name: Any) -> type[StripeObject] | None:
    module, cls = OBJECT_CLASSES.get(name, (None, None)) if isinstance(name, str) else (None, None)
    return getattr(import_module(module), cls) if module and cls and name != "list" else None


def _show(value: Any) -> Any:
    if isinstance(value, dict):
        return show(value) if "object" in value else {k: _show(v) for k, v in value.items() if not k.startswith("_")}
    return [_show(item) for item in value] if isinstance(value, list) else value


def _complete(cls: Any, doc: Doc, omitted: set[str]) -> Doc:
    variants = _is_bag_of_variants(cls)
    for name, (optional, nested) in fields(cls).items():
        if name not in doc:
            if optional and name not in omitted and name not in _NEVER_NULL and not (nested and variants):
                doc[name] = None
        elif nested:
            for part in doc[name] if isinstance(doc[name], list) else [doc[name]]:
                if isinstance(part, dict):
                    _complete(nested, part, omitted)
    return doc


@cache
def _is_bag_of_variants(cls: Any) -> bool:
    """`payment_method_details` and its like show only the kind at hand, not fifty nulls."""
    nested = sum(1 for optional, inner in fields(cls).values() if optional and inner)
    return nested > _MANY and ("type" in fields(cls) or "OBJECT_NAME" not in vars(cls))


@cache
def fields(cls: Any) -> dict[str, tuple[bool, type[StripeObject] | None]]:
    """Per field: may it be null, and which nested class holds it."""
    return {name: _field(hint) for name, hint in _hints(cls).items()}


def _hints(cls: type[StripeObject]) -> dict[str, Any]:
    hints = inspect.get_annotations(cls)
    return {name: hint for name, hint in hints.items() if "ClassVar" not in str(hint) and not name.startswith("_")}


def _field(hint: Any) -> tuple[bool, type[StripeObject] | None]:
    options = typing.get_args(hint) if typing.get_origin(hint) is typing.Union else (hint,)
    inner = next((option for option in options if option is not type(None)), None)
    if typing.get_origin(inner) is list:
        (inner,) = typing.get_args(inner)
    nested = inner if inspect.isclass(inner) and issubclass(inner, StripeObject) else None
    return type(None) in options, nested if nested and "UntypedStripeObject" not in str(nested) else None
