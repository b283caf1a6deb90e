"""The properties of a table, and how a create request is made of them."""

from sandbox.plugins.schema import flag, many, number, obj, some, text
from sandbox.plugins.values import Doc
from sandbox.plugins.wire import decode, encode, pascal

_ON_DEMAND = {"maxReadRequestUnits": number(), "maxWriteRequestUnits": number()}
_KEYS = {"attributeName": text(required=True), "keyType": text(required=True, choices=("HASH", "RANGE"))}
_ATTRIBUTE = {"name": text(required=True), "type": text(required=True, choices=("S", "N", "B"))}
_OFF = {"enabled": False}
_PROJECTIONS = ("ALL", "KEYS_ONLY", "INCLUDE")

INDEX = {
    "name": text(required=True, wire="IndexName"),
    "hashKey": text(computed=True),
    "rangeKey": text(computed=True),
    "keySchemas": many(obj(_KEYS), computed=True, wire="KeySchema"),
    "projectionType": text(required=True, choices=_PROJECTIONS),
    "nonKeyAttributes": some(text()),
    "readCapacity": number(computed=True),
    "writeCapacity": number(computed=True),
    "onDemandThroughput": obj(_ON_DEMAND),
}
FIELDS = {
    "name": text(autoname=True, replaces=True),
    "hashKey": text(computed=True, replaces=True),
    "rangeKey": text(replaces=True),
    "attributes": some(
        obj({"name": text(required=True), "type": text(required=True, choices=("S", "N", "B"))}), computed=True
    ),
    "billingMode": text(default="PROVISIONED", choices=("PROVISIONED", "PAY_PER_REQUEST")),
    "readCapacity": number(computed=True),
    "writeCapacity": number(computed=True),
    "onDemandThroughput": obj(_ON_DEMAND),
    "globalSecondaryIndexes": some(obj(INDEX)),
    "deletionProtectionEnabled": flag(default=False),
    "pointInTimeRecovery": obj(
        {"enabled": flag(required=True), "recoveryPeriodInDays": number(computed=True)}, default=_OFF
    ),
    "serverSideEncryption": obj({"enabled": flag(required=True), "kmsKeyArn": text(computed=True)}, default=_OFF),
    "tableClass": text(default="STANDARD", choices=("STANDARD", "STANDARD_INFREQUENT_ACCESS")),
    "ttl": obj({"attributeName": text(), "enabled": flag(default=False)}, default=_OFF),
    "streamEnabled": flag(default=False),
    "streamViewType": text(computed=True),
    "restoreSourceName": text(),
    "restoreBackupArn": text(),
    "restoreDateTime": text(),
    "restoreToLatestTime": flag(),
}


def table_request(inputs: Doc) -> Doc:
    provisioned = inputs["billingMode"] == "PROVISIONED"
    request: Doc = {
        "TableName": inputs["name"],
        "KeySchema": _key_schema(inputs),
        "AttributeDefinitions": definitions(inputs),
        "BillingMode": inputs["billingMode"],
        "TableClass": inputs["tableClass"],
        "DeletionProtectionEnabled": inputs["deletionProtectionEnabled"],
    }
    if provisioned:
        request["ProvisionedThroughput"] = capacity(inputs)
    if inputs.get("onDemandThroughput"):
        request["OnDemandThroughput"] = on_demand(inputs)
    if inputs.get("globalSecondaryIndexes"):
        request["GlobalSecondaryIndexes"] = [
            index_request(each, provisioned) for each in inputs["globalSecondaryIndexes"]
        ]
    if inputs.get("streamEnabled"):
        request["StreamSpecification"] = stream(inputs)
    encryption = inputs.get("serverSideEncryption") or {}
    if encryption.get("enabled"):
        request["SSESpecification"] = sse(encryption)
    return request


def _key_schema(keys: Doc) -> list[Doc]:
    hash_key = [{"AttributeName": keys["hashKey"], "KeyType": "HASH"}]
    range_key = [{"AttributeName": keys["rangeKey"], "KeyType": "RANGE"}] if keys.get("rangeKey") else []
    return hash_key + range_key


def definitions(inputs: Doc) -> list[Doc]:
    return [{"AttributeName": each["name"], "AttributeType": each["type"]} for each in inputs.get("attributes") or []]


def capacity(source: Doc) -> Doc:
    return {
        "ReadCapacityUnits": int(source.get("readCapacity") or 1),
        "WriteCapacityUnits": int(source.get("writeCapacity") or 1),
    }


def on_demand(source: Doc) -> Doc:
    return encode(_ON_DEMAND, source["onDemandThroughput"], pascal)


def stream(inputs: Doc) -> Doc:
    if not inputs.get("streamEnabled"):
        return {"StreamEnabled": False}
    return {"StreamEnabled": True, "StreamViewType": inputs.get("streamViewType") or "NEW_AND_OLD_IMAGES"}


def sse(encryption: Doc) -> Doc:
    key = {"KMSMasterKeyId": encryption["kmsKeyArn"]} if encryption.get("kmsKeyArn") else {}
    return {"Enabled": True, "SSEType": "KMS", **key} if encryption.get("enabled") else {"Enabled": False}


def index_request(index: Doc, provisioned: bool) -> Doc:
    keys = encode({"keySchemas": INDEX["keySchemas"]}, index, pascal).get("KeySchema") or _key_schema(index)
    more = {"NonKeyAttributes": index["nonKeyAttributes"]} if index.get("nonKeyAttributes") else {}
    request = {
        "IndexName": index["name"],
        "KeySchema": keys,
        "Projection": {"ProjectionType": index["projectionType"], **more},
    }
    if provisioned:
        request["ProvisionedThroughput"] = capacity(index)
    if index.get("onDemandThroughput"):
        request["OnDemandThroughput"] = on_demand(index)
    return request


def keys_read(table: Doc) -> Doc:
    named = {each["KeyType"]: each["AttributeName"] for each in table["KeySchema"]}
    attributes = [
        {"name": each["AttributeName"], "type": each["AttributeType"]} for each in table["AttributeDefinitions"]
    ]
    return {"hashKey": named.get("HASH"), "rangeKey": named.get("RANGE"), "attributes": attributes}


def index_read(index: Doc, billing: str) -> Doc:
    throughput = index.get("ProvisionedThroughput") or {}
    named = {each["KeyType"]: each["AttributeName"] for each in index["KeySchema"]}
    found = {
        "name": index["IndexName"],
        "hashKey": named.get("HASH"),
        "rangeKey": named.get("RANGE"),
        "keySchemas": decode({"keySchemas": INDEX["keySchemas"]}, index, pascal).get("keySchemas"),
        "projectionType": index["Projection"]["ProjectionType"],
        "nonKeyAttributes": index["Projection"].get("NonKeyAttributes"),
        "onDemandThroughput": decode(_ON_DEMAND, index.get("OnDemandThroughput"), pascal) or None,
    }
    if billing == "PROVISIONED":
        found["readCapacity"] = throughput.get("ReadCapacityUnits")
        found["writeCapacity"] = throughput.get("WriteCapacityUnits")
    return {key: value for key, value in found.items() if value is not None}
