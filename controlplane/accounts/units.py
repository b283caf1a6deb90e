"""The units of the organisation and the policies on them: found by name, made when missing, mended when changed."""

import json
from functools import partial

from controlplane.accounts import guardrails
from controlplane.accounts.turn import turn
from controlplane.core.errors import TryLater
from controlplane.gateways import Gateways


def top_name(gateways: Gateways) -> str:
    return f"creators-{gateways.settings.name}"


def policy_name(gateways: Gateways, name: str) -> str:
    return f"{gateways.settings.name}-{name}"


def find(gateways: Gateways, unit: str) -> str:
    """The unit's id. Without its policies it counts as missing: nothing is ever put where nothing guards it."""
    present = ids(gateways)
    if unit not in present or not all(_is_guarded(gateways, present, each) for each in ("", unit)):
        prepare(gateways)
        present = ids(gateways)
    return present[unit]


def _is_guarded(gateways: Gateways, present: dict[str, str], unit: str) -> bool:
    return len(gateways.aws.organization.attached(present[unit])) > len(guardrails.POLICIES[unit])  # and full access


def ids(gateways: Gateways) -> dict[str, str]:
    """unit → id, "" is the one above all; only what is there."""
    organization = gateways.aws.organization
    top = organization.units(organization.root()).get(top_name(gateways))
    if top is None:
        return {}
    return {"": top, **{name: id for name, id in organization.units(top).items() if name in guardrails.UNITS}}


def prepare(gateways: Gateways) -> list[str]:
    """Safe to repeat at any time; what was written this time. One write in a turn: `TryLater` between two of them."""
    organization, written = gateways.aws.organization, []
    present = ids(gateways)
    if "" not in present:
        make = partial(organization.create_unit, organization.root(), top_name(gateways))
        present[""] = _write(gateways, make)
        written.append(top_name(gateways))
    policies = _policies(gateways, written)
    for unit, names in guardrails.POLICIES.items():
        if unit not in present:
            present[unit] = _write(gateways, partial(organization.create_unit, present[""], unit))
            written.append(unit)
        attached = organization.attached(present[unit])
        for name in names:
            if policies[name] not in attached:
                _write(gateways, partial(organization.attach, policies[name], present[unit]))
                written.append(f"{name} on {unit or 'all'}")
    return written


def _policies(gateways: Gateways, written: list[str]) -> dict[str, str]:
    organization, present, found = gateways.aws.organization, gateways.aws.organization.policies(), {}
    wanted = {name: rule for names in guardrails.POLICIES.values() for name, rule in names.items()}
    for name, rule in wanted.items():
        full, text = policy_name(gateways, name), guardrails.document(rule())
        found[name] = present.get(full, "")
        if not found[name]:
            found[name] = _write(gateways, partial(organization.create_policy, full, text))
            written.append(full)
        elif json.loads(organization.policy(found[name])) != json.loads(text):
            _write(gateways, partial(organization.update_policy, found[name], text))
            written.append(full)
    return found


def _write(gateways: Gateways, act: "partial[str] | partial[None]") -> str:
    with turn(gateways):
        return str(act() or "")


def place(gateways: Gateways, account_id: str, unit: str) -> str:
    """Move an account into a unit, wherever it stands now."""
    target = find(gateways, unit)
    source = gateways.aws.organization.parent(account_id)
    if source != target:
        with turn(gateways):
            gateways.aws.organization.move(account_id, source=source, target=target)
        if gateways.aws.organization.parent(account_id) != target:
            raise TryLater(f"{account_id} is not in {unit} yet")
    return unit
