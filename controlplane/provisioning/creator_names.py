"""Own names of a creator: proved to Amazon for one certificate, then answered by the distribution, then looked at.

A distribution has one certificate. So names are asked for together: what is not proved yet makes the new ones wait,
never those that are answered already, and the doctor says of each which record it is.
"""

from datetime import timedelta
from typing import Any

from sqlmodel import Session

from controlplane.accounts import pool
from controlplane.core.errors import TryLater
from controlplane.core.queue import Wakeup
from controlplane.domains import doctor, mail
from controlplane.domains import service as domains
from controlplane.domains.models import Domain, Found, HostState, MailDomain, Transport
from controlplane.gateways import Gateways
from controlplane.vendors.aws_member import Certificate, Member
from tenants.models import Tenant

UNMADE = (HostState.CLAIMED, HostState.REMOVING, HostState.REMOVED)
CAA, LATE = "CAA_ERROR", "VALIDATION_TIMED_OUT"
ROLL_OUT = timedelta(seconds=10)
ISSUERS = frozenset({"amazon.com", "amazontrust.com", "awstrust.com", "amazonaws.com"})
PATIENCE = 80  # looks, some two hours, before a mended domain is asked for again without a word


def spec_of(session: Session, tenant: Tenant) -> dict[str, Any]:
    """What the program is told about names; mails link to the first that is live."""
    own = domains.of_tenant(session, tenant.id)
    names = sorted(row.host for row in own if row.state not in UNMADE)
    live = sorted(row.host for row in own if row.state is HostState.LIVE)
    sending = mail.of_tenant(session, tenant.id, Transport.SES)
    return {
        "own_asked": {"names": names, "attempt": tenant.facts.get("own_attempt", 0)},
        "own_issued": _issued(tenant.facts),
        "primary": next(iter(sorted(live, key=lambda host: host != tenant.facts.get("primary_host"))), None),
        "own_mail": sending.name if sending else None,
    }


def _issued(facts: dict[str, Any]) -> dict[str, Any]:
    """Only a certificate that the last update left there; one that was given up is asked for anew."""
    issued = facts.get("own_issued") or {"names": []}
    return issued if facts.get("own_aliases") or issued == facts.get("own_asked") else {"names": []}


def has_new_primary(session: Session, tenant: Tenant) -> bool:
    """Whether links in mails lead elsewhere than they should by now."""
    return bool(spec_of(session, tenant)["primary"] != tenant.facts.get("own_primary"))


def just_attached(gateways: Gateways, tenant: Tenant) -> list[str]:
    """Names that the distribution has and whose owner leads them here, but that nobody has seen answering yet."""
    with gateways.db.transaction() as session:
        own = domains.of_tenant(session, tenant.id)
    answered = tenant.facts.get("own_aliases", [])
    fresh = [row for row in own if row.host in answered and row.state not in {*UNMADE, HostState.LIVE}]
    return [row.id for row in fresh if _way_in(gateways, tenant, row).ok]


def require_rolled_out(gateways: Gateways, tenant: Tenant) -> None:
    """Minutes after each change of a distribution; until then some visitors meet the one before."""
    found = _member(gateways, tenant).caller.call("cloudfront", "get_distribution", Id=tenant.facts["distribution_id"])
    if found["Distribution"]["Status"] != "Deployed":
        raise TryLater("the site is being rolled out", after=ROLL_OUT)


def look(gateways: Gateways, tenant: Tenant, domain: Domain) -> Found:
    """Where a proved name stands, by what the last update made and what Amazon and the DNS say now."""
    facts = tenant.facts
    made, answered = facts.get("own_asked", {}).get("names", []), domain.host in facts.get("own_aliases", [])
    if domain.state is HostState.REMOVING:
        gone = domain.host not in made and not answered
        return Found(HostState.REMOVED if gone else HostState.REMOVING, domain.required, wants=not gone)
    if domain.host not in made:
        return Found(HostState.REQUESTED, domain.required, wants=True)
    required = _required(gateways, tenant, domain)
    certificate = _member(gateways, tenant).certificate(facts["own_certificate_arn"])
    renewed = _newly_issued(facts, certificate)
    if answered:
        return _seen(gateways, tenant, domain, required)._replace(learned=renewed, wants=bool(renewed))
    if certificate.is_issued or certificate.is_pending:
        return _proved(domain, certificate, required)._replace(learned=renewed)
    return _given_up(gateways, domain, certificate, required, facts)


def _member(gateways: Gateways, tenant: Tenant) -> Member:
    with gateways.db.transaction() as session:
        account = pool.of_tenant(session, tenant.id)
    if account is None or not account.account_id:
        raise TryLater("this creator has no account")
    return gateways.aws.member(account.account_id)


def _required(gateways: Gateways, tenant: Tenant, domain: Domain) -> list[dict[str, str]]:
    """Our own proof, the way in, and Amazon's proof, which has to stay for renewals."""
    own = [entry for entry in domain.required if entry["name"] == f"_sp-verify.{domain.host}"]
    way = {"type": "CNAME", "name": domain.host, "value": domains.target(gateways, tenant)}
    theirs = [
        {"type": record["type"], "name": record["name"].rstrip("."), "value": record["value"].rstrip(".")}
        for record in tenant.facts["own_records"]
        if record["host"] == domain.host
    ]
    return [*own, way, *theirs]


def _newly_issued(facts: dict[str, Any], certificate: Certificate) -> dict[str, Any]:
    wanted = facts["own_asked"]
    return {"own_issued": wanted} if certificate.is_issued and facts.get("own_issued") != wanted else {}


def _proved(domain: Domain, certificate: Certificate, required: list[dict[str, str]]) -> Found:
    if certificate.is_issued:
        return Found(HostState.VERIFYING, required, wants=True)
    waits = domain.host in certificate.unproved
    return Found(HostState.AWAITING_DNS if waits else HostState.VERIFYING, required)


def _given_up(
    gateways: Gateways, domain: Domain, certificate: Certificate, required: list[dict[str, str]], facts: dict[str, Any]
) -> Found:
    """Amazon looks at this request no more; another takes its place when somebody says so, or when it is mended."""
    reason = _reason(certificate)
    said_so = domain.state is HostState.MOVED and not domain.reason
    if said_so or (domain.checks >= PATIENCE and _is_mended(gateways, facts)):
        attempt = facts["own_asked"]["attempt"] + 1
        return Found(HostState.REQUESTED, required, wants=True, learned={"own_attempt": attempt})
    return Found(HostState.MOVED, required, reason)


def _reason(certificate: Certificate) -> str:
    """A refusal and its reason are not told in the same moment."""
    if certificate.status == LATE:
        return "proof_timed_out"
    if not certificate.failure:
        raise TryLater(f"Amazon has not said why the certificate is {certificate.status}")
    return "caa_forbids_amazon" if certificate.failure == CAA else "amazon_refuses"


def _is_mended(gateways: Gateways, facts: dict[str, Any]) -> bool:
    """For all names of the certificate: one of them holds up the others."""
    proofs = [doctor.Required(record["type"], record["name"], record["value"]) for record in facts["own_records"]]
    allowed = all(doctor.allows(gateways, name, ISSUERS) for name in facts["own_asked"]["names"])
    return allowed and all(one.ok for one in doctor.compare(gateways, proofs))


def _seen(gateways: Gateways, tenant: Tenant, domain: Domain, required: list[dict[str, str]]) -> Found:
    """It answers; whether it is asked depends on where the name leads."""
    found = _way_in(gateways, tenant, domain)
    if found.ok is None:
        raise TryLater(found.problem)
    if not found.ok:
        was_live = domain.state in {HostState.LIVE, HostState.MOVED}
        return Found(HostState.MOVED if was_live else HostState.AWAITING_DNS, required)
    status = gateways.visitor.ask(domain.host, "GET", "/").status
    if status not in {200, 301, 503}:  # 301: the twin with or without `www` is the address; 503: it pauses
        raise TryLater(f"{domain.host} answers {status}")
    return Found(HostState.LIVE, required)


def _way_in(gateways: Gateways, tenant: Tenant, domain: Domain) -> doctor.Compared:
    (found,) = doctor.compare(gateways, [doctor.Required("CNAME", domain.host, domains.target(gateways, tenant))])
    return found


def follow_with_mail(session: Session, gateways: Gateways, tenant: Tenant) -> None:
    """The first proved name has a sending domain below it, as long as the name is there."""
    wanted = [mail.below(row.host) for row in domains.of_tenant(session, tenant.id) if row.state not in UNMADE]
    row = mail.of_tenant(session, tenant.id, Transport.SES)
    if row and row.name not in wanted:
        session.delete(row)
        session.flush()
        row = None
    if row is None and wanted:
        row = MailDomain(tenant_id=tenant.id, transport=Transport.SES, name=wanted[0], next_check_at=gateways.now())
        session.add(row)
        session.flush()
        gateways.queue.defer(session, Wakeup(mail.CHECK, row.id))
