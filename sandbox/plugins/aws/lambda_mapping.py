"""Event source mappings: queues and streams that call a function."""

from sandbox.plugins.aws.client import Client
from sandbox.plugins.aws.errors import AwsRefusal
from sandbox.plugins.aws.resource import aws
from sandbox.plugins.aws.tags import Tagging, as_map
from sandbox.plugins.failures import Missing
from sandbox.plugins.schema import Call, flag, number, obj, some, text
from sandbox.plugins.values import Doc
from sandbox.plugins.wire import decode, encode, pascal

_TAGS = Tagging(listing="list_tags", target="Resource", shape=as_map)
_SETTLE_SECONDS = 120
_ADJUSTABLE = {
    "batchSize": number(computed=True),
    "bisectBatchOnFunctionError": flag(computed=True),
    "functionResponseTypes": some(text()),
    "filterCriteria": obj({"filters": some(obj({"pattern": text()}))}),
    "kmsKeyArn": text(wire="KMSKeyArn"),
    "maximumBatchingWindowInSeconds": number(computed=True),
    "maximumRecordAgeInSeconds": number(computed=True),
    "maximumRetryAttempts": number(computed=True),
    "parallelizationFactor": number(computed=True),
    "scalingConfig": obj({"maximumConcurrency": number()}),
    "tumblingWindowInSeconds": number(),
    "destinationConfig": obj(
        {"onFailure": obj({"destinationArn": text(required=True, wire="Destination")})},
        computed=True,
    ),
}
_FIXED = {
    "eventSourceArn": text(replaces=True),
    "startingPosition": text(replaces=True),
}


def _create(client: Client, call: Call) -> None:
    wanted = encode({**_FIXED, **_ADJUSTABLE}, call.inputs, pascal)
    names = {"FunctionName": call.inputs["functionName"], "Enabled": call.inputs["enabled"]}
    call.id = client.create_event_source_mapping(**names, **wanted, **_TAGS.new(call))["UUID"]
    _settle(client, call)


def _settle(client: Client, call: Call) -> None:
    def settled() -> bool:
        return client.get_event_source_mapping(UUID=call.id)["State"] in {"Enabled", "Disabled"}

    client.until(settled, f"mapping {call.id} being settled", seconds=_SETTLE_SECONDS)


def _read(client: Client, call: Call) -> Doc:
    found = client.get_event_source_mapping(UUID=call.id)
    function = found["FunctionArn"]
    known = call.known("functionName") or function
    same = known == function or function.split(":function:")[-1] == known
    return {
        "uuid": found["UUID"],
        "arn": found.get("EventSourceMappingArn") or _arn(call, client.region, found),
        "functionArn": function,
        "functionName": known if same else function,
        "enabled": found["State"] not in {"Disabled", "Disabling"},
        "state": found["State"],
        "stateTransitionReason": found.get("StateTransitionReason"),
        "lastModified": str(found.get("LastModified") or ""),
        "lastProcessingResult": found.get("LastProcessingResult"),
        **decode({**_FIXED, **_ADJUSTABLE}, found, pascal),
    }


def _arn(call: Call, region: str, found: Doc) -> str:
    account = found["FunctionArn"].split(":")[4]
    partition, _ = call.session.partition(region)
    return f"arn:{partition}:lambda:{region}:{account}:event-source-mapping:{found['UUID']}"


def _update(client: Client, call: Call) -> None:
    names = {"FunctionName": call.inputs["functionName"], "Enabled": call.inputs["enabled"]}
    empty: Doc = {"functionResponseTypes": [], "filterCriteria": {}, "scalingConfig": {}}
    removed = {key: value for key, value in empty.items() if key in call.old and key not in call.inputs}
    wanted = encode(_ADJUSTABLE, {**call.inputs, **removed}, pascal)
    client.update_event_source_mapping(UUID=call.id, **names, **wanted)
    _settle(client, call)


def _delete(client: Client, call: Call) -> None:
    try:
        client.delete_event_source_mapping(UUID=call.id)
    except AwsRefusal as refusal:
        if refusal.error != "ResourceInUseException":  # it is already being deleted
            raise
    client.until(lambda: _is_gone(client, call.id), f"deletion of mapping {call.id}", seconds=_SETTLE_SECONDS)


def _is_gone(client: Client, uuid: str) -> bool:
    try:
        client.get_event_source_mapping(UUID=uuid)
    except Missing:
        return True
    return False


def _same_function(one: str, other: str) -> bool:
    return one.split(":function:")[-1] == other.split(":function:")[-1]


RESOURCES = (
    aws(
        "lambda/eventSourceMapping:EventSourceMapping",
        "lambda",
        {
            "functionName": text(required=True, alike=_same_function),
            "enabled": flag(default=True),
            **_FIXED,
            **_ADJUSTABLE,
        },
        outputs=(
            "arn",
            "functionArn",
            "lastModified",
            "lastProcessingResult",
            "state",
            "stateTransitionReason",
            "uuid",
        ),
        volatile=("lastModified", "lastProcessingResult", "state", "stateTransitionReason"),
        tagging=_TAGS,
        create=_create,
        read=_read,
        update=_update,
        delete=_delete,
    ),
)
