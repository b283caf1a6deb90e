"""What operators read is in words, whatever our code calls it."""

import tomllib
from pathlib import Path

import pytest

from controlplane.accounts.models import AccountState
from controlplane.billing.models import OrderState
from controlplane.delivery.models import EmailState
from controlplane.domains.models import HostState
from controlplane.inbox.models import EventState
from controlplane.provisioning.models import Kind, Phase
from controlplane.web.console.attention import FINDERS
from controlplane.web.language import catalogue
from tenants.lifecycle import State

LETTERS = tomllib.loads(Path("controlplane/delivery/letters.en.toml").read_text()).keys() - {"common"}
FAMILIES = {
    "mail": LETTERS, "attention": FINDERS, "account": AccountState, "order_state": OrderState, "letter": EmailState,
    "host": HostState, "event": EventState, "kind": Kind, "phase": Phase, "verdict": Phase, "tenant": State,
}  # fmt: skip


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_code_has_a_word(language: str) -> None:
    texts = catalogue(language)
    missing = {f"{family}.{code}" for family, codes in FAMILIES.items() for code in codes}
    assert sorted(missing - texts.keys()) == []
