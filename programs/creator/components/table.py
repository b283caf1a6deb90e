"""A table as its plan says, with the care that its kind of data asks for."""

from typing import Any

import pulumi
import pulumi_aws as aws

from programs.creator.account import Account
from programs.creator.components.scaling import LEAST, ignored, is_scaled, scale
from programs.creator.plan import Table
from programs.creator.spec import CreatorSpec

PITR_DAYS = 35


def table(account: Account, parent: pulumi.Resource, plan: Table, *, erasing: bool = False) -> aws.dynamodb.Table:
    """The newest generation is the one in use. Earlier ones stay until they are retired: a restore deletes nothing."""
    spec, before, kept = account.spec, None, plan.kind.is_kept and not erasing
    for generation in range(spec.oldest.get(plan.name, 1), spec.generation(plan.name)):
        before = _table(account, parent, plan, generation, before, kept=kept and not spec.retiring)
    made = _table(account, parent, plan, spec.generation(plan.name), before, kept=kept)
    if is_scaled(account, plan):
        scale(account, parent, plan, made)
    account.made["tables"].append(spec.table_name(plan.name))
    return made


def _table(
    account: Account,
    parent: pulumi.Resource,
    plan: Table,
    generation: int,
    before: aws.dynamodb.Table | None,
    *,
    kept: bool,
) -> aws.dynamodb.Table:
    spec = account.spec
    more: dict[str, Any] = {"depends_on": [before]} if before else {}
    more |= {"ignore_changes": ignored(plan)} if is_scaled(account, plan) else {}
    options = account.kept(parent, **more) if kept else account.options(parent, **more)
    name = spec.table_name(plan.name, generation)
    return aws.dynamodb.Table(
        name.removeprefix("creator-"),
        name=name,
        hash_key=plan.key,
        range_key=plan.sort or None,
        attributes=[aws.dynamodb.TableAttributeArgs(name=name, type=type) for name, type in plan.attributes().items()],
        global_secondary_indexes=[_index(account, plan, at) for at in range(len(plan.indexes))] or None,
        server_side_encryption=aws.dynamodb.TableServerSideEncryptionArgs(
            enabled=True, kms_key_arn=account.arns["key"]
        ),
        deletion_protection_enabled=kept and not spec.is_leaving,
        tags={"data": plan.kind.value, "backup": str(plan.kind.is_kept).lower()},
        opts=options,
        **_paid(account, plan),
        **_protection(plan),
        **_origin(spec, plan, generation),
    )


def _paid(account: Account, plan: Table) -> dict[str, Any]:
    if is_scaled(account, plan):
        return {"billing_mode": "PROVISIONED", "read_capacity": LEAST, "write_capacity": LEAST}
    return {"billing_mode": "PAY_PER_REQUEST", "on_demand_throughput": _caps(account)}


def _origin(spec: CreatorSpec, plan: Table, generation: int) -> dict[str, Any]:
    if generation == 1:
        return {}
    moment = spec.restored_at.get(spec.table_name(plan.name, generation))
    latest = {"restore_to_latest_time": True} if moment is None else {"restore_date_time": moment}
    return {"restore_source_name": spec.table_name(plan.name, generation - 1), **latest}


def _protection(plan: Table) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if plan.kind.value != "transient":
        recovery = aws.dynamodb.TablePointInTimeRecoveryArgs(enabled=True, recovery_period_in_days=PITR_DAYS)
        found["point_in_time_recovery"] = recovery
    if plan.ttl:
        found["ttl"] = aws.dynamodb.TableTtlArgs(enabled=True, attribute_name=plan.ttl)
    return found


def _caps(account: Account) -> aws.dynamodb.TableOnDemandThroughputArgs | None:
    limits = account.spec.limits
    if limits.read_units is None:
        return None
    return aws.dynamodb.TableOnDemandThroughputArgs(
        max_read_request_units=limits.read_units, max_write_request_units=limits.write_units
    )


def _index(account: Account, plan: Table, at: int) -> aws.dynamodb.TableGlobalSecondaryIndexArgs:
    index, limits = plan.indexes[at], account.spec.limits
    keys = [(index.key, "HASH"), *([(index.sort, "RANGE")] if index.sort else [])]
    caps = None
    if limits.read_units is not None:
        caps = aws.dynamodb.TableGlobalSecondaryIndexOnDemandThroughputArgs(
            max_read_request_units=limits.read_units, max_write_request_units=limits.write_units
        )
    return aws.dynamodb.TableGlobalSecondaryIndexArgs(
        name=index.name,
        projection_type="ALL",
        on_demand_throughput=caps,
        read_capacity=LEAST if is_scaled(account, plan) else None,
        write_capacity=LEAST if is_scaled(account, plan) else None,
        key_schemas=[
            aws.dynamodb.TableGlobalSecondaryIndexKeySchemaArgs(attribute_name=name, key_type=type)
            for name, type in keys
        ],
    )
