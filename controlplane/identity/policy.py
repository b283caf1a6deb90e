"""One table decides who may use which group of routes.

●  allowed     ◐  own customer or tenant only     ▲  with a recent proof of identity     ②  with a second person
–  refused and audited.   The scope is what a machine client needs; `never` means that no machine may.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from controlplane.identity.actor import Actor, ActorKind

COLUMNS = ("anonymous", "reader", "editor", "owner", "auditor", "support", "engineer", "admin", "edge")
TABLE = """
group                scope           anon  reader editor owner auditor support engineer admin edge
health               -               ●     ●      ●      ●     ●       ●       ●        ●     ●
public               quotes:write    ●     ●      ●      ●     ●       ●       ●        ●     –
checkout             orders:write    ●     ◐      ◐      ◐     –       –       –        –     –
order.status         orders:write    ●     ◐      ◐      ◐     ●       ●       ●        ●     –
webhooks             never           ●     –      –      –     –       –       –        –     –
sign-in              -               ●     ●      ●      ●     ●       ●       ●        ●     –
session              never           –     ●      ●      ●     ●       ●       ●        ●     –
factors              never           –     –      –      –     ●▲      ●▲      ●▲       ●▲    –
oauth                never           ●     ●      ●      ●     ●       ●       ●        ●     –
own.read             site:read       –     ◐      ◐      ◐     ●       ●       ●        ●     ◐
own.profile          never           –     ◐      ◐      ◐     –       –       –        –     ◐
own.exports          never           –     –      –      ◐     –       –       –        –     ◐
own.write            site:write      –     –      ◐      ◐     –       –       –        –     ◐
own.remove           site:write      –     –      –      ◐▲    –       –       –        –     ◐▲
own.recheck          site:write      –     –      ◐      ◐     –       ●       ●        –     ◐
own.money            never           –     –      –      ◐▲    –       –       –        –     ◐
own.secrets          never           –     –      –      ◐▲    –       –       –        –     –
secrets.rotate       never           –     –      –      ◐▲    –       ●       ●        –     –
own.people           never           –     –      –      ◐▲    –       –       –        –     ◐▲
tenants.read         tenants:read    –     –      –      –     ●       ●       ●        ●     –
tenants.act          tenants:act     –     –      –      –     –       ●       ●        ●     –
tenants.freeze       tenants:act     –     –      –      –     –       ●       ●        ●     –
tenants.steer        tenants:act     –     –      –      –     –       –       ●▲       ●▲    –
tenants.destroy      never           –     –      –      –     –       –       ●▲②      ●▲②   –
tenants.unlock       never           –     –      –      –     –       –       ●▲②      ●▲②   –
approvals.decide     never           –     –      –      –     –       –       ●▲       ●▲    –
acts.decide          never           –     –      –      –     –       –       ●▲       ●▲    –
accounts.list        accounts:read   –     –      –      –     ●       ●       ●        ●     –
accounts.claim       never           –     –      –      –     –       –       ●        ●     –
accounts.close       never           –     –      –      –     –       –       ●▲②      ●▲②   –
inbox.read           inbox:read      –     –      –      –     ●       ●       ●        ●     –
inbox.act            never           –     –      –      –     –       ●       ●        ●     –
inbox.reveal         never           –     –      –      –     –       –       –        ●▲    –
money.propose        never           –     –      –      –     –       ●       ●        ●     –
money.decide         never           –     –      –      –     –       –       –        ●▲②   –
audit.read           audit:read      –     –      –      –     ●       –       ◐        ●     –
people.read          never           –     –      –      –     ●       –       –        ●     –
people.write         never           –     –      –      –     –       –       –        ●▲    –
platform.read        platform:read   –     –      –      –     ●       ●       ●        ●     –
platform.act         platform:act    –     –      –      –     –       –       ●▲②      ●▲②   –
"""
EMERGENCY = "break-glass"  # how somebody was let in; then nobody is asked to agree
CUSTOMER_ROLES = ("reader", "editor", "owner")
OPERATOR_ROLES = ("auditor", "support", "engineer", "admin")
SCOPES = tuple(sorted({line.split()[1] for line in TABLE.strip().splitlines()[1:]} - {"-", "never"}))
RECENT = {
    ActorKind.OPERATOR: timedelta(minutes=10),
    ActorKind.CUSTOMER: timedelta(minutes=15),
    ActorKind.EDGE: timedelta(minutes=30),
}


@dataclass(frozen=True)
class Rule:
    group: str
    scope: str
    marks: dict[str, str]

    @property
    def takes_customers(self) -> bool:
        return any(self.marks[role] != "–" for role in CUSTOMER_ROLES)


class Answer(StrEnum):
    YES = "yes"
    SIGN_IN = "sign_in"
    NO = "no"
    PROVE = "prove"  # allowed after a new proof of identity
    SECOND = "second"  # allowed together with a second person


def _read(table: str) -> dict[str, Rule]:
    rows = [line.split() for line in table.strip().splitlines()[1:]]
    return {row[0]: Rule(row[0], row[1], dict(zip(COLUMNS, row[2:], strict=True))) for row in rows}


RULES = _read(TABLE)


def decide(actor: Actor, group: str, *, now: datetime) -> Answer:
    rule = RULES[group]
    if actor.kind is ActorKind.CLIENT:
        return _for_client(actor, rule)
    marks = [rule.marks[role] for role in _roles(actor) if rule.marks[role] != "–"]
    if actor.kind is ActorKind.EDGE and marks:  # the studio's own column says how, the person's role says whether
        marks = [mark for mark in (rule.marks["edge"],) if mark != "–"]
    if not marks:
        return Answer.SIGN_IN if actor.kind is ActorKind.ANONYMOUS else Answer.NO
    mark = min(marks, key=len)  # the role with the fewest conditions
    if "▲" in mark and not _recent(actor, now):
        return Answer.PROVE
    return Answer.SECOND if "②" in mark and EMERGENCY not in actor.factors else Answer.YES


def own_only(actor: Actor, group: str) -> bool:
    """May the actor see only what belongs to them?"""
    if actor.kind is ActorKind.CLIENT:
        return actor.customer_id is not None
    return all("◐" in RULES[group].marks[role] for role in _roles(actor) if RULES[group].marks[role] != "–")


def roles_of(group: str) -> frozenset[str]:
    return frozenset(role for role, mark in RULES[group].marks.items() if mark != "–")


def _for_client(actor: Actor, rule: Rule) -> Answer:
    if rule.scope == "-":
        return Answer.YES
    allowed = rule.scope in actor.scopes
    if allowed and actor.customer_id and not rule.takes_customers:
        return Answer.NO  # a client of one customer never reaches what is for operators
    if allowed and any("②" in mark for mark in rule.marks.values()):
        return Answer.SECOND
    return Answer.YES if allowed else Answer.NO


def _roles(actor: Actor) -> tuple[str, ...]:
    if actor.kind is ActorKind.ANONYMOUS:
        return ("anonymous",)
    return CUSTOMER_ROLES if actor.kind is ActorKind.CUSTOMER else tuple(sorted(actor.roles))


def _recent(actor: Actor, now: datetime) -> bool:
    return actor.auth_time is not None and now - actor.auth_time <= RECENT[actor.kind]
