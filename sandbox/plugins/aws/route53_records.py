"""DNS records in a hosted zone."""

from sandbox.plugins.aws.client import Client
from sandbox.plugins.aws.resource import aws
from sandbox.plugins.aws.route53_zones import HOME
from sandbox.plugins.schema import Call, flag, number, obj, some, text
from sandbox.plugins.values import Doc

_ALIAS = {
    "name": text(required=True),
    "zoneId": text(required=True),
    "evaluateTargetHealth": flag(required=True),
}


def _fqdn(name: str) -> str:
    """As Route 53 writes names: lower case, the star escaped, no dot at the end."""
    return name.lower().rstrip(".").replace("\\052", "*")


def _set(inputs: Doc) -> Doc:
    record: Doc = {"Name": inputs["name"], "Type": inputs["type"]}
    if inputs.get("aliases"):
        alias = inputs["aliases"][0]
        record["AliasTarget"] = {
            "DNSName": alias["name"],
            "HostedZoneId": alias["zoneId"],
            "EvaluateTargetHealth": alias["evaluateTargetHealth"],
        }
    else:
        record["TTL"] = int(inputs.get("ttl") or 0)
        record["ResourceRecords"] = [{"Value": _quoted(inputs["type"], value)} for value in inputs.get("records") or []]
    for key, wire in (("setIdentifier", "SetIdentifier"), ("healthCheckId", "HealthCheckId")):
        if inputs.get(key):
            record[wire] = inputs[key]
    return record


def _quoted(type: str, value: str) -> str:
    needs = type in {"TXT", "SPF"} and not value.startswith('"')
    return f'"{value}"' if needs else value


def _change(client: Client, action: str, inputs: Doc) -> None:
    batch = {"Changes": [{"Action": action, "ResourceRecordSet": _set(inputs)}]}
    client.change_resource_record_sets(HostedZoneId=inputs["zoneId"], ChangeBatch=batch)


def _create(client: Client, call: Call) -> None:
    _change(client, "UPSERT" if call.inputs["allowOverwrite"] else "CREATE", call.inputs)


def _find(client: Client, call: Call) -> Doc | None:
    name, type = call.known("name"), call.known("type")
    start = {"StartRecordName": name, "StartRecordType": type, "MaxItems": "1"}
    listed = client.list_resource_record_sets(HostedZoneId=call.known("zoneId"), **start)
    found: list[Doc] = listed["ResourceRecordSets"]
    wanted = (_fqdn(name), type, call.known("setIdentifier"))
    return next(
        (each for each in found if (_fqdn(each["Name"]), each["Type"], each.get("SetIdentifier")) == wanted), None
    )


def _read(client: Client, call: Call) -> Doc | None:
    found = _find(client, call)
    if found is None:
        return None
    values = [each["Value"] for each in found.get("ResourceRecords") or []]
    return {
        "zoneId": call.known("zoneId"),
        "name": call.known("name"),
        "type": call.known("type"),
        "fqdn": _fqdn(found["Name"]),
        "ttl": found.get("TTL"),
        "records": _spelt(call.known("records") or [], values, found["Type"]) or None,
        "aliases": _aliases(call, found.get("AliasTarget")),
        "setIdentifier": found.get("SetIdentifier"),
        "healthCheckId": found.get("HealthCheckId"),
    }


def _spelt(known: list[str], values: list[str], type: str) -> list[str]:
    """Texts come back in quotation marks that the program may not have written."""
    written = {_quoted(type, value): value for value in known}
    return [written.get(value) or (value.strip('"') if type == "TXT" else value) for value in values]


def _aliases(call: Call, target: Doc | None) -> list[Doc] | None:
    if not target:
        return None
    known = (call.known("aliases") or [{}])[0].get("name", "")
    same = _fqdn(known) == _fqdn(target["DNSName"])
    name = known if same else _fqdn(target["DNSName"])
    return [{"name": name, "zoneId": target["HostedZoneId"], "evaluateTargetHealth": target["EvaluateTargetHealth"]}]


def _update(client: Client, call: Call) -> None:
    _change(client, "UPSERT", call.inputs)


def _delete(client: Client, call: Call) -> None:
    found = _find(client, call)
    if found is not None:
        batch = {"Changes": [{"Action": "DELETE", "ResourceRecordSet": found}]}
        client.change_resource_record_sets(HostedZoneId=call.known("zoneId"), ChangeBatch=batch)


def _id(doc: Doc) -> str:
    parts = (doc["zoneId"], doc["name"], doc["type"], doc.get("setIdentifier"))
    return "_".join(str(part) for part in parts if part)


RESOURCES = (
    aws(
        "route53/record:Record",
        "route53",
        {
            "zoneId": text(required=True, replaces=True),
            "name": text(required=True, replaces=True),
            "type": text(required=True, replaces=True),
            "ttl": number(),
            "records": some(text()),
            "aliases": some(obj(_ALIAS)),
            "allowOverwrite": flag(default=False, local=True),
            "setIdentifier": text(replaces=True),
            "healthCheckId": text(),
        },
        region=HOME,
        outputs=("fqdn",),
        natural=("zoneId", "name", "type"),
        imports="zoneId_name+_type",
        identity=_id,
        create=_create,
        read=_read,
        update=_update,
        delete=_delete,
    ),
)
