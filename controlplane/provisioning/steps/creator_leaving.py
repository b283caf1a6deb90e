"""A creator leaves: all data handed over, everything taken down and looked for, the account closed."""

import hashlib
import json
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import IO, Any

from controlplane.accounts import pool, service
from controlplane.accounts.models import AccountState as AccountIs
from controlplane.core.errors import TryLater
from controlplane.delivery import credentials
from controlplane.domains import mail
from controlplane.provisioning import engine
from controlplane.provisioning.steps.creator_stack import apply, domain_of, known_account, member, stack_of
from controlplane.provisioning.work import Facts, Work
from controlplane.publishing import bundle
from controlplane.vendors.aws_member import Member
from tenants import service as tenants
from tenants.lifecycle import State

LARGEST = 50 * 1024 * 1024  # a bigger file is listed, not copied: recordings are fetched from the bucket before the end


def begin(work: Work) -> None:
    if work.tenant.state is State.DEPROVISIONING:
        return
    if work.tenant.state not in {State.CANCELLED, State.RETENTION}:
        work.move(State.CANCELLED, reason=work.operation.cause)
    work.move(State.DEPROVISIONING, reason=work.operation.cause)


def export(work: Work) -> Facts:
    """Tables, people without passwords and files, with a signed manifest; kept in our own store, not in the account."""
    if known_account(work) is None:
        return {"files": 0, "sha256": None}
    store = f"cr-{work.gateways.settings.name}-exports"
    work.gateways.cloudflare.ensure_bucket(store)
    key = f"{work.tenant.id}/{work.tenant.slug}.zip"
    with tempfile.TemporaryFile() as target:
        count = _archive(work, member(work), target)
        size = target.tell()
        target.seek(0)
        digest = hashlib.file_digest(target, "sha256").hexdigest()
        work.gateways.cloudflare.put_file(store, key, target, content_type="application/zip")
    return {"bucket": store, "key": key, "files": count, "bytes": size, "sha256": digest}


def _archive(work: Work, entered: Member, target: IO[bytes]) -> int:
    digests: dict[str, str] = {}
    left_out: list[dict[str, Any]] = []
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, parts in _contents(entered, left_out):
            digest = hashlib.sha256()
            with archive.open(path, "w", force_zip64=True) as packed:
                for part in parts:
                    packed.write(part)
                    digest.update(part)
            digests[path] = digest.hexdigest()
        facts = {
            "tenant": work.tenant.id, "slug": work.tenant.slug, "made_at": work.now.isoformat(), "files": digests,
            "listed_only": left_out,
        }  # fmt: skip
        archive.writestr("manifest.json", json.dumps(bundle.sign(work.gateways, facts), indent=1))
    return len(digests)


def _contents(entered: Member, left_out: list[dict[str, Any]]) -> Iterator[tuple[str, Iterable[bytes]]]:
    """Row by row: a table may be larger than our memory."""
    for table in entered.tables():
        yield f"tables/{table}.jsonl", _lines(entered.items(table))
    for identity in entered.pools():
        yield f"people/{identity}.jsonl", _lines(entered.people(identity))
    for bucket in entered.buckets():
        if bucket.endswith("-logs"):
            continue
        for entry in entered.files(bucket):
            if entry["Size"] > LARGEST:
                left_out.append({"bucket": bucket, "key": entry["Key"], "bytes": entry["Size"]})
            elif (content := entered.get(bucket, entry["Key"])) is not None:
                yield f"files/{bucket}/{entry['Key']}", [content]


def _lines(rows: Iterator[dict[str, Any]]) -> Iterator[bytes]:
    return (json.dumps(row, default=str).encode() + b"\n" for row in rows)


def release_names(work: Work) -> Facts:
    """The sending key, the sending domain and every record in our zone."""
    credentials.revoke(work.gateways, work.tenant.id)
    mail.release(work.gateways, work.tenant.id)
    zone = work.gateways.cloudflare.zone_id(work.gateways.settings.cloudflare.sites_zone)
    names = {*work.tenant.facts.get("dns_names", []), domain_of(work.gateways, work.tenant)}
    return {"records": sum(work.gateways.cloudflare.remove_records(zone, name) for name in sorted(names))}


def unprotect(work: Work) -> Facts:
    """The same program, told that its creator leaves: only then may anything that holds data be deleted."""
    if known_account(work) is None or not work.tenant.facts.get("api_id"):
        return {}
    return apply(work, lifecycle="offboarding", suspended=True)


def empty(work: Work) -> Facts:
    if known_account(work) is None:
        return {"objects": 0}
    entered = member(work)
    return {"objects": sum(entered.empty(bucket) for bucket in entered.buckets())}


def destroy(work: Work) -> Facts:
    if known_account(work) is None or not work.tenant.facts.get("api_id"):
        return {}
    answer = engine.destroy(work, stack_of(work, lifecycle="offboarding", suspended=True))
    return {"changes": answer["changes"], "memory_mb": answer["memory_mb"]}


def verify_gone(work: Work) -> Facts:
    """By what each service lists, not by what we did; then the name rests."""
    left = _left_over(work)
    if left:
        raise TryLater(f"still there: {', '.join(left)}", after=timedelta(seconds=5))
    rest = work.now + timedelta(days=work.gateways.settings.selling.slug_rest_days)
    with work.gateways.db.transaction() as session:
        work.lease.settle(session)
        tenants.free_name(session, work.tenant.slug, holder=work.tenant.id, rest_until=rest)
    return {"verified_at": work.now.isoformat(), "name_rests_until": rest.isoformat()}


def _left_over(work: Work) -> list[str]:
    found = [("sending domain", mail.exists(work.gateways, work.tenant))]
    if known_account(work) is not None:
        entered = member(work)
        found += [
            ("tables", bool(entered.tables())),
            ("buckets", bool(entered.buckets())),
            ("people", bool(entered.pools())),
            ("functions", bool(entered.caller.call("lambda", "list_functions")["Functions"])),
            ("interfaces", bool(entered.caller.call("apigatewayv2", "get_apis")["Items"])),
        ]
    return [name for name, present in found if present]


def close_account(work: Work) -> Facts:
    """Asked for once; done is what the vendor says. Its quota may make this wait for days."""
    with work.gateways.db.transaction() as session:
        work.lease.settle(session)
        pool.withdraw(session, work.tenant.id)
        row = pool.of_tenant(session, work.tenant.id)
        if row is None:
            return {}
        if row.wanted is not AccountIs.CLOSED and row.state not in {AccountIs.CLOSING, AccountIs.CLOSED}:
            service.want(
                session, work.gateways, row.id, AccountIs.CLOSED, actor="worker:controlplane", reason="creator left"
            )
    if row.state is not AccountIs.CLOSED:
        raise TryLater(f"the account is {row.state}: {row.error}", after=timedelta(seconds=1))
    return {"account_id": row.account_id, "closed_at": row.closed_at.isoformat() if row.closed_at else None}


def certificate(work: Work) -> Facts:
    gone = {**work.results, "purge_content": work.result("empty")}
    return bundle.certificate(work.gateways, work.tenant, gone)
