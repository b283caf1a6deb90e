"""The stack of a creator: what the program is told, and what came of it."""

from datetime import timedelta
from typing import Any

from controlplane.accounts import pool
from controlplane.core.errors import NeedsPerson
from controlplane.gateways import Gateways
from controlplane.provisioning import creator_code, creator_mail, creator_names, engine
from controlplane.provisioning.models import Kind
from controlplane.provisioning.stack import Stack
from controlplane.provisioning.work import Facts, Work
from controlplane.vendors.aws_member import Member
from programs.creator.registry import MODULES
from programs.registry import program
from tenants.lifecycle import State
from tenants.models import Tenant

PROJECT = "creator-tenant"
PAUSED = {State.SUSPENDED, State.QUARANTINED}


def domain_of(gateways: Gateways, tenant: Tenant) -> str:
    return f"{tenant.slug}.{gateways.settings.cloudflare.sites_zone}"


def account_id(work: Work) -> str:
    found = known_account(work)
    if found is None:
        raise NeedsPerson("this creator has no account", next_action="look at the accounts, then retry")
    return found


def known_account(work: Work) -> str | None:
    with work.gateways.db.transaction() as session:
        row = pool.of_tenant(session, work.tenant.id)
    return row.account_id if row else None


def member(work: Work) -> Member:
    return work.gateways.aws.member(account_id(work))


def modules_of(tenant: Tenant) -> dict[str, dict[str, Any]]:
    """What was bought with what each module must know; what every creator has is always there."""
    bought = {name: dict(value) for name, value in (tenant.spec.get("modules") or {}).items()}
    wanted = [name for name, module in MODULES.items() if module.mandatory or bought.get(name, {}).get("enabled")]
    missing = sorted(set(bought) - set(MODULES))
    if missing:
        raise NeedsPerson(
            f"the program has no module {', '.join(missing)}", next_action="install a release that has it, then retry"
        )
    given = _given(tenant)
    return {name: {**given.get(name, {}), **_own(bought.get(name, {}))} for name in wanted}


def switched_off(tenant: Tenant) -> list[str]:
    """Modules whose data is still there."""
    return sorted(set(tenant.facts.get("modules_had", [])) - set(modules_of(tenant)))


def _own(chosen: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in chosen.items() if name != "enabled"}


def _given(tenant: Tenant) -> dict[str, dict[str, Any]]:
    owner = tenant.spec["owner_email"]
    return {
        "s3-website": {"www": False},  # a name below our own zone
        "monitoring": {"alarm_emails": [owner]},
        "contact-form": {"recipient": owner},
        "newsletter": {"from_name": tenant.name},
    }


def physical(tenant: Tenant, table: str, generation: int = 0) -> str:
    """The table's name in the account: a restored one is of the next generation."""
    generation = generation or int(tenant.facts.get("generations", {}).get(table, 1))
    return f"creator-{table}" + (f"-g{generation}" if generation > 1 else "")


def spec_of(work: Work, **changes: Any) -> dict[str, Any]:
    gateways, tenant = work.gateways, work.tenant
    settings = gateways.settings
    with gateways.db.transaction() as session:
        account = pool.of_tenant(session, tenant.id)
        names = creator_names.spec_of(session, tenant)
        transport = creator_mail.transport(session, tenant, account)
    found = {
        **names,
        "mail_transport": transport,
        "site_url": settings.aws.site_url,
        "env": settings.name,
        "tenant_id": tenant.id,
        "slug": tenant.slug,
        "account_id": account_id(work),
        "tier": tenant.spec.get("tier", "small"),
        "domain": domain_of(gateways, tenant),
        "owner_email": tenant.spec["owner_email"],
        "locale": tenant.locale,
        "modules": modules_of(tenant),
        "runtime_version": program("creator").version,
        "switched_off": switched_off(tenant),
        "dns_mode": "external",
        "dns_phase": tenant.facts.get("dns_phase", "pending"),
        "suspended": tenant.state in PAUSED and work.kind is not Kind.RESUME,
        "resend_url": settings.resend.api_base,
        "alarms_url": f"{settings.public_url}/webhooks/aws",
        "table_generations": tenant.facts.get("generations", {}),
        "restored_at": tenant.facts.get("restored_at", {}),
        "oldest": tenant.facts.get("oldest", {}),
        "realtime_until": f"{work.now.replace(day=1) + timedelta(days=300):%Y-%m-%d}",  # a new day each month
        "stripe_url": settings.stripe.api_base,
        "base_url": settings.aws.endpoint_url or None,
    }
    quotas = (account.quotas if account else None) or {}
    return {**found, **({"quotas": quotas} if quotas else {}), **creator_code.held(work), **changes}


def stack_of(work: Work, **changes: Any) -> Stack:
    """The provider gets the identity of this machine and takes the role in the account itself; the state keeps none."""
    return Stack(
        program="creator",
        release=str(program("creator").release()),
        project=PROJECT,
        name=f"{work.gateways.settings.name}-{work.tenant.id}",
        spec=spec_of(work, **changes),
        environment=work.gateways.aws.management.keys(),
    )


def apply(work: Work, **changes: Any) -> Facts:
    stack = stack_of(work, **changes)
    if stack.release != work.tenant.applied_release:
        creator_code.keep(work, stack.release)
    answer = engine.up(work, stack)
    had = {*work.tenant.facts.get("modules_had", []), *stack.spec["modules"]}
    work.learn(**answer["outputs"], modules_had=sorted(had), own_primary=stack.spec["primary"])

    release = work.tenant.facts.get("held_code") if "code" in stack.spec else stack.release

    def applied(tenant: Tenant) -> None:
        tenant.applied_release = tenant.desired_release = release

    work.change(applied)
    return {"changes": answer["changes"], "memory_mb": answer["memory_mb"], "release": stack.release}
