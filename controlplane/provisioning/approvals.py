"""What an update will do, and who must agree. Replacing or deleting something stateful always waits for a person.

At apply it is looked at again, unless it needed nobody's word and was made a moment ago of the same: what was not
approved stops it.
"""

import hashlib
import json
from collections import Counter
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlmodel import Session, col, select

from controlplane.audit.service import record
from controlplane.core.errors import Conflict, Forbidden, NotFound
from controlplane.domains import mail
from controlplane.domains.models import Domain, HostState
from controlplane.gateways import Gateways
from controlplane.provisioning import outcome, states
from controlplane.provisioning.models import Approval, Operation, Phase
from controlplane.provisioning.outcome import APPROVAL_LIFE, NeedsApproval
from controlplane.provisioning.service import wake
from controlplane.provisioning.work import Facts, Work

if TYPE_CHECKING:
    from controlplane.provisioning.stack import Stack

FRESH = timedelta(minutes=10)  # longer, and somebody may have written to the engine's state behind our back

# Types whose replacement or deletion loses data or a name that others rely on.
STATEFUL = (
    "cloudflare:index/r2Bucket:R2Bucket",
    "cloudflare:index/customHostname:CustomHostname",
    "cloudflare:index/workersKvNamespace:WorkersKvNamespace",
    "aws:s3/",
    "aws:dynamodb/table:Table",
    "aws:cognito/userPool:UserPool",
    "aws:route53/zone:Zone",
    "aws:kms/key:Key",
    "aws:backup/vault:Vault",
    "aws:secretsmanager/secret:Secret",
    "aws:ivs/channel:Channel",
    "aws:sesv2/emailIdentity:EmailIdentity",
)
DESTRUCTIVE = frozenset({"delete", "replace", "create-replacement", "delete-replaced", "discard-replaced"})

Change = dict[str, str]
Plan = dict[str, Any]


def classify(events: list[dict[str, Any]]) -> Plan:
    """create, update, replace, delete × stateful or not; and the exact destructive changes."""
    counts: Counter[str] = Counter()
    critical: list[Change] = []
    for event in events:
        stateful = is_stateful(event["urn"])
        counts[f"{event['op']}:{'stateful' if stateful else 'stateless'}"] += 1
        if stateful and event["op"] in DESTRUCTIVE:
            critical.append({"op": event["op"], "urn": event["urn"]})
    changes = [{"op": event["op"], "urn": event["urn"], "detail": event.get("text", "")} for event in events]
    return {"counts": dict(counts), "critical": sorted(critical, key=json.dumps), "changes": changes[:500]}


def is_stateful(urn: str) -> bool:
    kind = urn.split("::")[2].split("$")[-1] if urn.count("::") >= 3 else ""
    return kind.startswith(STATEFUL)


def plan_hash(plan: Plan, release: str) -> str:
    return hashlib.sha256(json.dumps([plan["critical"], release], sort_keys=True).encode()).hexdigest()


def require(work: Work, events: list[dict[str, Any]], stack: "Stack") -> Facts:
    """The plan, if nothing in it needs a person or exactly this was approved."""
    plan = classify(events)
    digest = plan_hash(plan, stack.release)
    if not _all_given_up(work, plan):
        with work.gateways.db.transaction() as session:
            work.lease.settle(session)
            approved = _approved(session, work.operation.id, digest, work.now)
            if not approved:
                _ask(session, work, plan, digest, stack.release)
        if not approved:
            raise NeedsApproval(f"{len(plan['critical'])} stateful resources would be replaced or deleted")
    return {"plan": plan, "plan_hash": digest, "basis": _basis(work, stack), "seen_at": work.now.isoformat()}


def holds(work: Work, stack: "Stack") -> bool:
    """Whether the plan of this operation was made a moment ago, of this state, program and values: then another look
    would show the same. Where a person had to agree, it is taken all the same."""
    seen = work.result("preview")
    is_same = seen.get("basis") == _basis(work, stack) and not seen["plan"]["critical"]
    return is_same and work.now - datetime.fromisoformat(seen["seen_at"]) < FRESH


def _basis(work: Work, stack: "Stack") -> str:
    """All that a preview looks at."""
    with work.gateways.db.transaction() as session:
        state = states.latest(session, work.tenant.id, stack.name)
    facts = [stack.release, stack.spec, state.version if state else 0]
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def _all_given_up(work: Work, plan: Plan) -> bool:
    """Dropping a name that its owner asked us to drop is what they agreed to by asking: for the site, and for mail."""
    with work.gateways.db.transaction() as session:
        leaving = select(Domain.host).where(Domain.tenant_id == work.tenant.id, Domain.state == HostState.REMOVING)
        names = {f"own-{name}" for host in session.exec(leaving).all() for name in (host, mail.below(host))}
    return all(one["op"] == "delete" and one["urn"].rsplit("::", 1)[-1] in names for one in plan["critical"])


def _approved(session: Session, operation_id: str, digest: str, now: datetime) -> bool:
    query = select(Approval).where(Approval.operation_id == operation_id, Approval.decision == "approved")
    return any(row.plan_hash == digest and row.expires_at > now for row in session.exec(query).all())


def _ask(session: Session, work: Work, plan: Plan, digest: str, release: str) -> None:
    """The newest plan counts; an open question about another plan is withdrawn."""
    open_ = select(Approval).where(Approval.operation_id == work.operation.id, col(Approval.decision).is_(None))
    for row in session.exec(open_).all():
        row.decision, row.decided_at = "withdrawn", work.now
        session.add(row)
    session.add(
        Approval(
            operation_id=work.operation.id,
            tenant_id=work.tenant.id,
            requested_by=work.operation.requested_by,
            plan=plan,
            plan_hash=digest,
            release=release,
            expires_at=work.now + APPROVAL_LIFE,
        )
    )


def decide(
    session: Session, gateways: Gateways, approval_id: str, *, actor: str, approve: bool, reason: str
) -> Approval:
    row = session.exec(select(Approval).where(Approval.id == approval_id).with_for_update()).first()
    if row is None:
        raise NotFound("There is no such approval.")
    if row.decision is not None:
        raise Conflict(f"It was already {row.decision}.")
    if row.expires_at <= gateways.now():
        raise Conflict("It has expired.", next_step="Ask for the change again: it takes a new preview.")
    if actor == row.requested_by:
        raise Forbidden("Who asked for a change cannot approve it.", next_step="Ask another operator.")
    row.decision, row.decided_by, row.decided_at = "approved" if approve else "refused", actor, gateways.now()
    row.reason = reason
    session.add(row)
    _follow(session, gateways, row)
    record(
        session,
        actor=actor,
        action=f"approval.{row.decision}",
        object_type="approval",
        object_id=row.id,
        stream="tenant",
        tenant_id=row.tenant_id,
        reason=reason,
    )
    return row


def _follow(session: Session, gateways: Gateways, row: Approval) -> None:
    operation = session.exec(select(Operation).where(Operation.id == row.operation_id).with_for_update()).one()
    if operation.phase is not Phase.APPROVAL:
        return
    if row.decision == "approved":
        operation.phase, operation.next_attempt_at = Phase.WAITING, gateways.now()
        wake(session, gateways, operation)
    else:
        operation.phase, operation.finished_at = Phase.CANCELLED, gateways.now()
        operation.error_class, operation.error = str(row.decision), row.reason
        outcome.show(session, gateways, operation)
    session.add(operation)


def expire(session: Session, gateways: Gateways) -> int:
    query = select(Approval).where(col(Approval.decision).is_(None), Approval.expires_at <= gateways.now())
    rows = session.exec(query.with_for_update(skip_locked=True).limit(50)).all()
    for row in rows:
        row.decision, row.decided_at, row.reason = "expired", gateways.now(), "nobody decided in time"
        session.add(row)
        _follow(session, gateways, row)
    return len(rows)
