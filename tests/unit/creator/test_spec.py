"""What cannot be built is refused before anything is planned."""

from typing import Any

import pytest
from pydantic import ValidationError

from programs.creator import registry as modules
from programs.creator.spec import CreatorSpec
from programs.registry import program

CHOSEN: dict[str, dict[str, Any]] = {
    "s3-website": {},
    "user-auth": {},
    "backup": {},
    "monitoring": {"alarm_emails": ["a@b.example"]},
}
SPEC: dict[str, Any] = {
    "env": "test",
    "tenant_id": "t" * 26,
    "slug": "anna",
    "account_id": "1" * 12,
    "tier": "small",
    "domain": "anna.example",
    "owner_email": "owner@anna.example",
    "locale": "de",
    "modules": CHOSEN,
    "runtime_version": "1.0.0",
}

PLAN = {"id": "gold", "name": "Gold", "stripe_price_id": "price_1"}
WRONG: tuple[tuple[str, dict[str, Any]], ...] = (
    ("shop", {"shipping": "flat"}),
    ("shop", {"max_items_per_order": 51}),
    ("donations", {"min": 49}),
    ("donations", {"min": 200, "max": 100}),
    ("membership", {"plans": [PLAN, PLAN]}),
    ("membership", {"plans": [{**PLAN, "stripe_price_id": "9"}]}),
    ("sponsor-system", {"slots": []}),
    ("sponsor-system", {"price_per_day": 20}),
    ("ivs-streaming", {"recording_days": 0}),
    ("ivs-chat", {}),  # there is no stream beside it
    ("analytics", {"sample": 0}),
    ("events", {"hold_minutes": 4}),
)


def read(**changed: Any) -> CreatorSpec:
    found = program("creator").read({**SPEC, **changed})
    assert isinstance(found, CreatorSpec)
    return found


def test_a_spec_becomes_typed_values() -> None:
    spec = read(modules={**CHOSEN, "contact-form": {"recipient": "a@b.example", "topics": ["Presse"]}})
    assert list(spec.chosen()) == ["user-auth", "contact-form", "s3-website", "monitoring", "backup"]
    assert spec.chosen()["contact-form"].topics == ("Presse",)
    assert spec.limits.memory == 128
    assert spec.bucket_name("site") == "cr-anna-111111111111-site"
    assert read(table_generations={"users": 2}).table_name("users") == "creator-users-g2"


@pytest.mark.parametrize(
    "wrong",
    [
        {"slug": "A"},
        {"slug": "ab"},
        {"account_id": "12"},
        {"domain": "anna"},
        {"tier": "huge"},
        {"region": "us-east-1"},
        {"locale": "fr"},
        {"runtime_version": "1"},
        {"surprise": 1},
        {"modules": {"s3-website": {}}},
        {"modules": {**CHOSEN, "time-machine": {}}},
        {"modules": {**CHOSEN, "contact-form": {}}},
        {"modules": {**CHOSEN, "contact-form": {"recipient": "nobody"}}},
        {"modules": {**CHOSEN, "user-auth": {"password_min": 4}}},
        {"modules": {**CHOSEN, "s3-website": {"noncurrent_days": 1}}},
        {"modules": {**CHOSEN, "monitoring": {"alarm_emails": []}}},
        {"modules": {**CHOSEN, "backup": {"retention_days": 1}}},
        {"mail_transport": "ses"},
        {"realtime_until": "soon"},
        *({"modules": {**CHOSEN, name: spec}} for name, spec in WRONG),
    ],
)
def test_what_does_not_fit_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        read(**wrong)


def test_each_table_and_function_has_one_owner() -> None:
    plans = [module.plan() for module in modules.MODULES.values()]
    for kind in ("TABLES", "FUNCTIONS"):
        names = [each.name for plan in plans for each in getattr(plan, kind)]
        assert len(names) == len(set(names))
    keys = [route.key for plan in plans for each in plan.FUNCTIONS for route in each.routes]
    assert len(keys) == len(set(keys))
