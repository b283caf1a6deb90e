"""Our accounts against the organisation's: what nobody knows, what is gone, what stands elsewhere than it should."""

from typing import Any

from sqlmodel import col, select

from controlplane.accounts import units
from controlplane.accounts.models import LIVING, Account, AccountReport
from controlplane.accounts.models import AccountState as S
from controlplane.gateways import Gateways

Finding = dict[str, Any]
RECONCILE = "organization.reconcile"


def compare(gateways: Gateways) -> list[Finding]:
    """Only looks. An account that we do not know may be somebody's: a person decides about it."""
    seen = {entry.id: entry for entry in gateways.aws.organization.accounts()}
    with gateways.db.transaction() as session:
        rows = session.exec(select(Account).where(col(Account.account_id).is_not(None))).all()
    known = {str(row.account_id): row for row in rows}
    ours = {gateways.settings.aws.management_account, *known}
    found = [
        {"what": "unknown", "account_id": entry.id, "email": entry.email, "state": entry.state}
        for entry in seen.values()
        if entry.id not in ours
    ]
    for identity, row in known.items():
        if identity not in seen and row.state is not S.CLOSED:
            found.append({"what": "missing", "account_id": identity, "row": row.id, "state": row.state})
        elif identity in seen and seen[identity].is_closed and row.state in LIVING:
            found.append({"what": "closed_elsewhere", "account_id": identity, "row": row.id, "state": row.state})
    return found + _misplaced(gateways, known)


def _misplaced(gateways: Gateways, known: dict[str, Account]) -> list[Finding]:
    found = []
    for unit, identity in units.ids(gateways).items():
        for entry in gateways.aws.organization.accounts_in(identity):
            row = known.get(entry.id)
            if row and row.unit and row.unit != unit and row.state in {S.ACTIVE, S.SUSPENDED, S.READY, S.QUARANTINED}:
                found.append({"what": "misplaced", "account_id": entry.id, "row": row.id, "unit": unit or "top"})
    return found


def reconcile(gateways: Gateways) -> AccountReport:
    found = compare(gateways)
    report = AccountReport(kind="reconcile", passed=not found, body={"findings": found})
    with gateways.db.transaction() as session:
        session.add(report)
    return report
