"""What the service refuses to start with, each thing by the name of its variable."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from controlplane.settings import REQUIRED, Settings, variable

DOCUMENT = Path(__file__).parents[3] / "docs" / "settings.md"
COMPLETE: dict[str, str] = {
    "CP_PUBLIC_URL": "https://portal.example/",
    "CP_DATABASE__URL": "postgresql://db.example/controlplane",
    "CP_REDIS__URL": "redis://redis.example",
    "CP_KEYS__PROVIDER": "kms",
    "CP_KEYS__KMS_KEY": "alias/control-plane",
    "CP_STRIPE__SECRET_KEY": "rk_live_unused",
    "CP_RESEND__API_KEY": "re_unused",
    "CP_RESEND__SENDER": "post@portal.example",
    "CP_CLOUDFLARE__API_TOKEN": "unused",
    "CP_CLOUDFLARE__ACCOUNT_ID": "0" * 32,
    "CP_CLOUDFLARE__PORTAL_ZONE": "portal.example",
    "CP_CLOUDFLARE__SITES_ZONE": "sites.example",
    "CP_EDGE__OPS_URL": "https://ops.portal.example",
    "CP_PULUMI__BACKEND_URL": "s3://states.example",
    "CP_PULUMI__PASSPHRASE": "unused",
}


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Any:
    def set_only(**changes: str) -> Settings:
        for name, value in {**COMPLETE, **changes}.items():
            monkeypatch.setenv(name, value)
        return Settings()

    return set_only


def test_a_complete_live_system(given: Any) -> None:
    settings = given()
    assert settings.environment == "live"
    assert settings.stripe.livemode is True
    assert settings.public_url == "https://portal.example"  # addresses are made by adding a path


@pytest.mark.parametrize("path", [*REQUIRED, "pulumi.passphrase"])
def test_what_is_missing_has_a_name(given: Any, path: str) -> None:
    with pytest.raises(ValidationError, match=f"{variable(path)} is missing"):
        given(**{variable(path): ""})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CP_PUBLIC_URL", "http://portal.example"),
        ("CP_EDGE__OPS_URL", "http://ops.portal.example"),
        ("CP_STRIPE__API_BASE", "http://127.0.0.1:1"),
        ("CP_RESEND__API_BASE", "http://127.0.0.1:1"),
        ("CP_CLOUDFLARE__API_BASE", "http://127.0.0.1:1"),
        ("CP_AWS__ENDPOINT_URL", "http://127.0.0.1:1"),
        ("CP_AWS__CONNECT_TO", "127.0.0.1:1"),
        ("CP_EDGE__CONNECT_TO", "127.0.0.1:1"),
        ("CP_CLOCK_FILE", "clock"),
        ("CP_RESOLVER__ALLOWED_NETWORKS", '["127.0.0.0/8"]'),
        ("CP_STRIPE__SECRET_KEY", "sk_test_unused"),
        ("CP_OPERATORS__OIDC__ISSUER", "http://identity.example"),
    ],
)
def test_nothing_of_a_rehearsal_goes_live(given: Any, name: str, value: str) -> None:
    with pytest.raises(ValidationError, match=f"{name} "):
        given(**{name: value})
    assert given(CP_ENVIRONMENT="staging", **{name: value, "CP_OPERATORS__OIDC__CLIENT_ID": "x",
                 "CP_OPERATORS__OIDC__GROUPS": '{"admins": "admin"}'})  # fmt: skip


def test_a_key_file_protects_nothing_live(given: Any, tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="CP_KEYS__PROVIDER must be kms or vault"):
        given(CP_KEYS__PROVIDER="local", CP_KEYS__FOLDER=str(tmp_path))


def test_a_test_key_listens_to_the_test_world(given: Any) -> None:
    settings = given(CP_ENVIRONMENT="staging", CP_STRIPE__SECRET_KEY="rk_test_unused")
    assert settings.stripe.livemode is False


def test_the_document_names_each_with_its_default() -> None:
    lines = re.findall(r"^\| `(CP_\w+)`( \*)? \| (.*?) ?\|", DOCUMENT.read_text(), re.MULTILINE)
    assert {name: default for name, _needed, default in lines} == dict(defaults(Settings))
    needed = {variable(path) for path in (*REQUIRED, "pulumi.passphrase", "keys.provider")}
    assert {name for name, mark, _default in lines if mark} == needed
    assert len(lines) == len({name for name, *_rest in lines})


def defaults(kind: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, field in kind.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from defaults(field.annotation, f"{prefix}{name}.")
        else:
            yield variable(prefix + name), written(field.get_default(call_default_factory=True))


def written(default: Any) -> str:
    """As one would set it."""
    if default is None or not (text := str(default)):
        return ""
    plain = isinstance(default, str)
    return text if plain else json.dumps(default)
