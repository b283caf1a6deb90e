"""Bringing a release to everybody: one first, then a few at a time, and a halt when too many fail.

A tenant that fails holds nobody up: it is parked for a person like any other, and the wave goes on until more have
failed than it tolerates. Its updates come after everything that somebody has paid for and waits for.
"""

from collections.abc import Sequence

from sqlalchemy import func, insert, literal
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from controlplane.audit.service import record
from controlplane.core.errors import Conflict, NotFound
from controlplane.fleet.models import Member, Outcome, Wave, WavePhase
from controlplane.gateways import Gateways
from controlplane.provisioning.actions import STARTS
from controlplane.provisioning.models import PRIORITY, Kind, Operation, Phase
from controlplane.provisioning.service import request
from programs.registry import program
from tenants.lifecycle import TERMINAL
from tenants.models import Tenant

Counts = dict[Outcome, int]
BACKGROUND = PRIORITY[Kind.DRIFT]
OUTCOMES = {Phase.DONE: Outcome.DONE, Phase.PARKED: Outcome.FAILED, Phase.CANCELLED: Outcome.FAILED}


def installed(product: str) -> str:
    return str(program(product).release())


def versions(session: Session) -> list[dict[str, object]]:
    """How many living tenants run which release of their program."""
    query = (
        select(Tenant.product, Tenant.applied_release, func.count())
        .where(col(Tenant.state).not_in(TERMINAL))
        .group_by(Tenant.product, col(Tenant.applied_release))
        .order_by(Tenant.product, func.count().desc())
    )
    return [
        {"product": product, "release": release, "tenants": count, "is_installed": release == installed(product)}
        for product, release, count in session.exec(query).all()
    ]


def start(
    session: Session, *, product: str, at_once: int, tolerated: int, reason: str, actor: str, only_behind: bool = True
) -> Wave:
    """Everybody who does not have the installed release; with `only_behind` off, everybody."""
    wave = Wave(
        product=product, release=installed(product), reason=reason, asked_by=actor, at_once=at_once, tolerated=tolerated
    )
    try:
        with session.begin_nested():
            session.add(wave)
            session.flush()
    except IntegrityError as error:
        raise Conflict(
            f"A wave of {product} is not finished.", code="wave_open", next_step="Wait, or end it."
        ) from error
    _enlist(session, wave, only_behind=only_behind)
    _note(session, wave, "wave.started", actor, reason)
    return wave


def advance(session: Session, gateways: Gateways, wave_id: str) -> None:
    """Look at those under way, then let the next ones go. Whoever finds it locked leaves it to the other."""
    query = select(Wave).where(Wave.id == wave_id, Wave.phase == WavePhase.RUNNING)
    wave = session.exec(query.with_for_update(skip_locked=True)).first()
    if wave is None:
        return
    _look(session, wave)
    count = counts(session, wave)
    because = _halts(wave, count)
    if because:
        wave.phase, wave.halted_because = WavePhase.HALTED, because
        _note(session, wave, "wave.halted", "rule:wave", because)
    else:
        _let_go(session, gateways, wave, count)
        if not count[Outcome.TO_COME] and not count[Outcome.UNDER_WAY]:
            wave.phase, wave.finished_at = WavePhase.DONE, gateways.now()
    session.add(wave)


def halt(session: Session, wave_id: str, *, actor: str, reason: str) -> Wave:
    """What is under way finishes; nothing new is started."""
    wave = _open(session, wave_id)
    wave.phase, wave.halted_because = WavePhase.HALTED, reason
    return _changed(session, wave, "wave.halted", actor, reason)


def resume(session: Session, wave_id: str, *, actor: str, reason: str) -> Wave:
    """Whoever resumes has looked at what failed so far: it counts no more."""
    wave = _open(session, wave_id)
    if wave.release != installed(wave.product):
        raise Conflict("Another release is installed by now.", next_step="End this wave and start a new one.")
    _look(session, wave)
    wave.forgiven = counts(session, wave)[Outcome.FAILED]
    wave.phase, wave.halted_because = WavePhase.RUNNING, ""
    return _changed(session, wave, "wave.resumed", actor, reason)


def end(session: Session, gateways: Gateways, wave_id: str, *, actor: str, reason: str) -> Wave:
    wave = _open(session, wave_id)
    wave.phase, wave.finished_at = WavePhase.ENDED, gateways.now()
    return _changed(session, wave, "wave.ended", actor, reason)


def find(session: Session, wave_id: str) -> Wave:
    wave = session.get(Wave, wave_id)
    if wave is None:
        raise NotFound("There is no such wave.")
    return wave


def counts(session: Session, wave: Wave) -> Counts:
    return counts_of(session, [wave.id])[wave.id]


def counts_of(session: Session, wave_ids: Sequence[str]) -> dict[str, Counts]:
    query = select(Member.wave_id, Member.outcome, func.count()).where(col(Member.wave_id).in_(wave_ids))
    found = {identity: dict.fromkeys(Outcome, 0) for identity in wave_ids}
    for identity, outcome, count in session.exec(query.group_by(Member.wave_id, col(Member.outcome))).all():
        found[identity][Outcome(outcome)] = count
    return found


def _enlist(session: Session, wave: Wave, *, only_behind: bool) -> None:
    fit = select(literal(wave.id), Tenant.id, literal(Outcome.TO_COME.value), literal("")).where(
        Tenant.product == wave.product, col(Tenant.state).in_(STARTS[Kind.UPDATE])
    )
    if only_behind:
        fit = fit.where(col(Tenant.applied_release).is_distinct_from(wave.release))
    session.execute(insert(Member).from_select(["wave_id", "tenant_id", "outcome", "note"], fit))


def _look(session: Session, wave: Wave) -> None:
    """Also at those that failed: a person may have brought them home since."""
    query = (
        select(Member, Operation)
        .join(Operation, col(Operation.id) == Member.operation_id)
        .where(Member.wave_id == wave.id, col(Member.outcome).in_([Outcome.UNDER_WAY, Outcome.FAILED]))
    )
    for member, operation in session.exec(query).all():
        member.outcome = OUTCOMES.get(operation.phase, Outcome.UNDER_WAY)
        member.note = operation.error[:500] if member.outcome is Outcome.FAILED else ""
        session.add(member)
    session.flush()


def _halts(wave: Wave, count: Counts) -> str:
    if wave.release != installed(wave.product):
        return "another release is installed by now"
    failed = count[Outcome.FAILED] - wave.forgiven
    return f"{failed} failed, {wave.tolerated} are tolerated" if failed > wave.tolerated else ""


def _let_go(session: Session, gateways: Gateways, wave: Wave, count: Counts) -> None:
    """Keeps the count true."""
    at_once = wave.at_once if count[Outcome.DONE] else 1  # one shows the way
    while (room := at_once - count[Outcome.UNDER_WAY]) > 0 and (next_ones := _next(session, wave, room)):
        for member in next_ones:
            _begin(session, gateways, wave, member)
            count[Outcome.TO_COME] -= 1
            count[member.outcome] += 1
        session.flush()


def _next(session: Session, wave: Wave, limit: int) -> Sequence[Member]:
    query = select(Member).where(Member.wave_id == wave.id, Member.outcome == Outcome.TO_COME)
    return session.exec(query.order_by(Member.tenant_id).limit(limit)).all()


def _begin(session: Session, gateways: Gateways, wave: Wave, member: Member) -> None:
    tenant = session.get_one(Tenant, member.tenant_id)
    if tenant.state not in STARTS[Kind.UPDATE]:
        member.outcome, member.note = Outcome.SKIPPED, f"it is {tenant.state}"
    else:
        try:
            operation = request(
                session,
                gateways,
                tenant,
                Kind.UPDATE,
                cause=f"wave {wave.id}",
                actor=wave.asked_by,
                priority=BACKGROUND,
            )
            member.outcome, member.operation_id = Outcome.UNDER_WAY, operation.id
        except Conflict as error:
            member.outcome, member.note = Outcome.SKIPPED, str(error)
    session.add(member)


def _open(session: Session, wave_id: str) -> Wave:
    wave = session.exec(select(Wave).where(Wave.id == wave_id).with_for_update()).first()
    if wave is None:
        raise NotFound("There is no such wave.")
    if wave.phase not in {WavePhase.RUNNING, WavePhase.HALTED}:
        raise Conflict(f"The wave is {wave.phase}.")
    return wave


def _changed(session: Session, wave: Wave, action: str, actor: str, reason: str) -> Wave:
    session.add(wave)
    _note(session, wave, action, actor, reason)
    return wave


def _note(session: Session, wave: Wave, action: str, actor: str, reason: str) -> None:
    record(session, actor=actor, action=action, object_type="wave", object_id=wave.id, reason=reason)
