"""What accounts cost and how much they are used, month by month: read from the vendor, kept by us."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, func, select

from controlplane.accounts.models import Account, AccountUse
from controlplane.core.ids import new_id
from controlplane.gateways import Gateways
from controlplane.vendors.aws_costs import costs
from controlplane.vendors.aws_member import Member

COUNT = "account.margin"  # the job that counts what one creator uses, and compares
STREAM, TRAFFIC = "stream", "traffic"  # counted by us: the bill tells of them too late
UNITS = {STREAM: "hours", TRAFFIC: "gigabytes"}
DOLLARS = "usd"
Amounts = dict[tuple[str, str, str], float]  # account, month, service


def month_of(day: date) -> str:
    return f"{day:%Y-%m}"


def previous(day: date) -> date:
    """The first day of the month before."""
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)


def read(gateways: Gateways) -> int:
    """This month and the one before, whose bill is final only some days later. One request for all accounts."""
    today = gateways.now().date()
    found = costs(gateways.aws.management, start=previous(today), end=today)
    amounts: Amounts = defaultdict(float)
    for cost in found:
        amounts[cost.account_id, cost.month, cost.service] += cost.dollars
    with gateways.db.transaction() as session:
        owners = _owners(session)
        return _keep(session, gateways, owners, amounts, lambda _service: DOLLARS)


def count(gateways: Gateways, tenant_id: str, *, channel: str, distribution: str, table: str) -> dict[str, float]:
    """Hours sent and gigabytes delivered this month, from what the account itself counts."""
    with gateways.db.transaction() as session:
        row = session.exec(select(Account).where(Account.tenant_id == tenant_id)).one()
    account, now = str(row.account_id), gateways.now()
    member, start = gateways.aws.member(account), now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    used = {TRAFFIC: member.delivered(distribution, start, now) / 1e9 if distribution else 0.0}
    used[STREAM] = _sent(member, table, start, now) if channel else 0.0
    amounts = {(account, month_of(now.date()), service): amount for service, amount in used.items()}
    with gateways.db.transaction() as session:
        _keep(session, gateways, {account: tenant_id}, amounts, UNITS.__getitem__)
    return used


def _sent(member: Member, table: str, start: datetime, now: datetime) -> float:
    """Hours of this month in which a stream was on; one that is still on counts until now."""
    seconds = 0.0
    for item in member.items(table):
        if "startedAt" in item:
            began = max(_moment(item["startedAt"]["S"]), start)
            seconds += max(0.0, (min(_end(item, now), now) - began).total_seconds())
    return seconds / 3600


def _end(item: dict[str, Any], now: datetime) -> datetime:
    """Its end may never have been told; then the recording says how long it was."""
    if "endedAt" in item:
        return _moment(item["endedAt"]["S"])
    began = _moment(item["startedAt"]["S"])
    return now if item["state"]["S"] == "live" else began + timedelta(milliseconds=int(item["durationMs"]["N"]))


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _owners(session: Session) -> dict[str, str]:
    query = select(Account.account_id, Account.tenant_id).where(col(Account.tenant_id).is_not(None))
    return {str(account): str(tenant) for account, tenant in session.exec(query).all()}


def _keep(session: Session, gateways: Gateways, owners: dict[str, str], amounts: Amounts, unit: Any) -> int:
    """The newest word counts. What belongs to nobody yet is the cost of our stock and is not kept here."""
    rows = [
        {
            "id": new_id(), "tenant_id": owners[account], "account_id": account, "month": month, "service": service,
            "unit": unit(service), "thousandths": round(amount * 1000), "seen_at": gateways.now(),
        }
        for (account, month, service), amount in amounts.items()
        if account in owners
    ]  # fmt: skip
    if rows:
        put = insert(AccountUse).values(rows)
        newest = {name: put.excluded[name] for name in ("thousandths", "seen_at")}
        session.execute(put.on_conflict_do_update(index_elements=["account_id", "month", "service"], set_=newest))
    return len(rows)


def of_tenant(session: Session, tenant_id: str, *, months: int = 13) -> dict[str, list[AccountUse]]:
    """Newest month first."""
    query = select(AccountUse).where(AccountUse.tenant_id == tenant_id)
    found: dict[str, list[AccountUse]] = defaultdict(list)
    for row in session.exec(query.order_by(col(AccountUse.month).desc(), col(AccountUse.service))).all():
        found[row.month].append(row)
    return dict(list(found.items())[:months])


def dollars(rows: Iterable[AccountUse]) -> float:
    return sum(row.thousandths for row in rows if row.unit == DOLLARS) / 1000


def cents_by_month(session: Session) -> dict[str, int]:
    """What all platforms together have really cost."""
    total = func.sum(AccountUse.thousandths)
    query = select(AccountUse.month, total).where(AccountUse.unit == DOLLARS).group_by(AccountUse.month)
    return {str(month): round(int(amount) / 10) for month, amount in session.exec(query).all()}
