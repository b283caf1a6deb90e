"""Changes to a table: DynamoDB takes one kind at a time, and one index per request."""

from collections.abc import Iterator

from sandbox.plugins.aws.client import Client
from sandbox.plugins.aws.dynamodb_schema import capacity, definitions, index_request, on_demand, sse, stream
from sandbox.plugins.failures import Missing
from sandbox.plugins.schema import Call
from sandbox.plugins.values import Doc

_CHANGE_SECONDS = 1800


def wait_active(client: Client, table: str, *, seconds: float = _CHANGE_SECONDS) -> None:
    def active() -> bool:
        found = client.describe_table(TableName=table)["Table"]
        indexes = found.get("GlobalSecondaryIndexes") or []
        states = [found["TableStatus"], *(each.get("IndexStatus", "ACTIVE") for each in indexes)]
        return all(state == "ACTIVE" for state in states)

    client.until(active, f"table {table} being active", seconds=seconds)


def is_gone(client: Client, table: str) -> bool:
    try:
        client.describe_table(TableName=table)
    except Missing:
        return True
    return False


def after_create(client: Client, call: Call) -> None:
    """What CreateTable cannot take."""
    if (call.inputs.get("ttl") or {}).get("enabled"):
        _set_ttl(client, call, {})
    if (call.inputs.get("pointInTimeRecovery") or {}).get("enabled"):
        _set_recovery(client, call)


def apply(client: Client, call: Call, *, old: Doc) -> None:
    for request in _requests(call, old):
        client.update_table(TableName=call.id, **request)
        wait_active(client, call.id)
    if call.inputs.get("ttl") != old.get("ttl"):
        _set_ttl(client, call, old.get("ttl") or {})
    if call.inputs.get("pointInTimeRecovery") != old.get("pointInTimeRecovery"):
        _set_recovery(client, call)


def _requests(call: Call, old: Doc) -> Iterator[Doc]:
    inputs = call.inputs
    if inputs["deletionProtectionEnabled"] != old.get("deletionProtectionEnabled"):
        yield {"DeletionProtectionEnabled": inputs["deletionProtectionEnabled"]}
    if inputs["tableClass"] != old.get("tableClass"):
        yield {"TableClass": inputs["tableClass"]}
    yield from _billing(inputs, old)
    if inputs.get("serverSideEncryption") != old.get("serverSideEncryption"):
        yield {"SSESpecification": sse(inputs.get("serverSideEncryption") or {})}
    if bool(inputs.get("streamEnabled")) != bool(old.get("streamEnabled")):
        yield {"StreamSpecification": stream(inputs)}
    yield from _index_changes(inputs, old)


def _billing(inputs: Doc, old: Doc) -> Iterator[Doc]:
    provisioned = inputs["billingMode"] == "PROVISIONED"
    switched = inputs["billingMode"] != old.get("billingMode")
    if provisioned and (switched or _resized(old, inputs)):
        request: Doc = {"BillingMode": "PROVISIONED", "ProvisionedThroughput": capacity(inputs)}
        kept = _kept_indexes(inputs, old)
        if switched and kept:
            request["GlobalSecondaryIndexUpdates"] = [
                {"Update": {"IndexName": index["name"], "ProvisionedThroughput": capacity(index)}} for index in kept
            ]
        yield request
    elif switched:
        yield {"BillingMode": "PAY_PER_REQUEST"}
    if inputs.get("onDemandThroughput") and inputs.get("onDemandThroughput") != old.get("onDemandThroughput"):
        yield {"OnDemandThroughput": on_demand(inputs)}


def _named(source: Doc) -> dict[str, Doc]:
    return {index["name"]: index for index in source.get("globalSecondaryIndexes") or []}


def _kept_indexes(inputs: Doc, old: Doc) -> list[Doc]:
    before = _named(old)
    return [index for name, index in _named(inputs).items() if name in before]


def _shape(index: Doc) -> Doc:
    """What of an index cannot be changed in place."""
    request = index_request(index, False)
    return {key: request[key] for key in ("KeySchema", "Projection")}


def _index_changes(inputs: Doc, old: Doc) -> Iterator[Doc]:
    before, after = _named(old), _named(inputs)
    provisioned = inputs["billingMode"] == "PROVISIONED"
    rebuilt = {name for name in before if name in after and _shape(before[name]) != _shape(after[name])}
    for name in before:
        if name not in after or name in rebuilt:
            yield {"GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": name}}]}
    for name, index in after.items():
        if name not in before or name in rebuilt:
            create = {"Create": index_request(index, provisioned)}
            yield {"AttributeDefinitions": definitions(inputs), "GlobalSecondaryIndexUpdates": [create]}
        elif provisioned and old.get("billingMode") == "PROVISIONED" and _resized(before[name], index):
            change = {"IndexName": name, "ProvisionedThroughput": capacity(index)}
            yield {"GlobalSecondaryIndexUpdates": [{"Update": change}]}


def _resized(before: Doc, after: Doc) -> bool:
    return any(
        after.get(key) is not None and before.get(key) != after.get(key) for key in ("readCapacity", "writeCapacity")
    )


def _set_ttl(client: Client, call: Call, old: Doc) -> None:
    wanted = call.inputs.get("ttl") or {}
    enabled = bool(wanted.get("enabled"))
    was_enabled = bool(old.get("enabled"))
    if not enabled and not was_enabled:
        return
    if enabled and was_enabled and wanted.get("attributeName") == old.get("attributeName"):
        return
    attribute = wanted.get("attributeName") or old.get("attributeName")
    client.update_time_to_live(
        TableName=call.id, TimeToLiveSpecification={"Enabled": enabled, "AttributeName": attribute}
    )


def _set_recovery(client: Client, call: Call) -> None:
    wanted = call.inputs.get("pointInTimeRecovery") or {}
    days = wanted.get("recoveryPeriodInDays")
    more = {"RecoveryPeriodInDays": int(days)} if days and wanted.get("enabled") else {}
    client.update_continuous_backups(
        TableName=call.id,
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": bool(wanted.get("enabled")), **more},
    )
