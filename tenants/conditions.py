"""Five concerns, each with a state, a reason, a next action and who must act; one status follows from them."""

from dataclasses import dataclass
from enum import StrEnum

from tenants.lifecycle import State


class Concern(StrEnum):
    BILLING = "billing"
    CLOUD = "cloud"
    DOMAIN = "domain"
    EMAIL = "email"
    SITE = "site"


class Health(StrEnum):
    OK = "ok"
    WORKING = "working"  # nobody has to do anything
    ATTENTION = "attention"  # somebody must act, the service goes on
    BLOCKED = "blocked"  # the service stands until somebody acts
    UNKNOWN = "unknown"  # could not be asked; the last known truth may still hold


class Who(StrEnum):
    CUSTOMER = "customer"
    OPERATOR = "operator"
    VENDOR = "vendor"
    US = "us"
    NOBODY = "nobody"


@dataclass(frozen=True)
class Finding:
    """What is true of one concern now; `set_condition` stores it and keeps the history."""

    health: Health
    reason: str = ""  # a code that pages translate: `awaiting_dns`
    detail: str = ""  # facts for an operator
    next_action: str = ""  # a code that pages translate
    who: Who = Who.NOBODY


OK = Finding(Health.OK)
# The concern that is named first decides, when several are equally bad.
ORDER = (Concern.BILLING, Concern.CLOUD, Concern.SITE, Concern.EMAIL, Concern.DOMAIN)
_RANK = {Health.OK: 0, Health.UNKNOWN: 1, Health.WORKING: 2, Health.ATTENTION: 3, Health.BLOCKED: 4}


@dataclass(frozen=True)
class Status:
    """The one status of a tenant, as people see it."""

    state: State
    health: Health
    concern: Concern | None
    finding: Finding


def status(state: State, conditions: dict[Concern, Finding]) -> Status:
    if not conditions:
        return Status(state, Health.OK, None, OK)
    worst = max(ORDER, key=lambda concern: (_rank(conditions, concern), -ORDER.index(concern)))
    finding = conditions.get(worst, OK)
    concern = worst if finding.health is not Health.OK else None
    return Status(state, finding.health, concern, finding)


def _rank(conditions: dict[Concern, Finding], concern: Concern) -> int:
    return _RANK[conditions.get(concern, OK).health]
