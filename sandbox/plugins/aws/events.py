"""EventBridge rules and their targets."""

from sandbox.plugins.aws.client import Client
from sandbox.plugins.aws.resource import aws, given
from sandbox.plugins.aws.tags import Tagging
from sandbox.plugins.failures import Failure
from sandbox.plugins.schema import Call, flag, json_text, mapping, number, obj, text
from sandbox.plugins.values import Doc
from sandbox.plugins.wire import decode, encode, pascal

_TAGS = Tagging(target="ResourceARN")
_DEFAULT_BUS = "default"
_RULE = {
    "description": text(),
    "eventPattern": json_text(),
    "scheduleExpression": text(),
    "roleArn": text(),
    "state": text(default="ENABLED"),
}
_TARGET = {
    "arn": text(required=True),
    "roleArn": text(),
    "input": text(),
    "inputPath": text(),
    "inputTransformer": obj(
        {"inputTemplate": text(required=True), "inputPaths": mapping(text(), wire="InputPathsMap")}
    ),
    "deadLetterConfig": obj({"arn": text()}),
    "retryPolicy": obj({"maximumEventAgeInSeconds": number(), "maximumRetryAttempts": number()}),
    "sqsTarget": obj({"messageGroupId": text()}, wire="SqsParameters"),
}


def _bus(call: Call) -> Doc:
    return {"EventBusName": call.known("eventBusName") or _DEFAULT_BUS}


def _rule_name(call: Call) -> str:
    return str(call.known("name") or call.id.rsplit("/", 1)[-1])


def _put_rule(client: Client, call: Call) -> None:
    tags = {} if call.id else _TAGS.new(call)
    client.put_rule(Name=call.inputs["name"], **_bus(call), **encode(_RULE, call.inputs, pascal), **tags)
    call.id = call.id or _rule_id(call.inputs)


def _rule_id(doc: Doc) -> str:
    bus = doc.get("eventBusName") or _DEFAULT_BUS
    return str(doc["name"]) if bus == _DEFAULT_BUS else f"{bus}/{doc['name']}"


def _read_rule(client: Client, call: Call) -> Doc:
    if "/" in call.id and not call.known("eventBusName"):
        call.state["eventBusName"] = call.id.split("/")[0]
    found = client.describe_rule(Name=_rule_name(call), **_bus(call))
    names = {"name": found["Name"], "arn": found["Arn"], "eventBusName": found.get("EventBusName") or _DEFAULT_BUS}
    return {**names, **decode(_RULE, found, pascal)}


def _delete_rule(client: Client, call: Call) -> None:
    force = {"Force": True} if call.known("forceDestroy") else {}
    client.delete_rule(Name=_rule_name(call), **_bus(call), **force)


def _put_target(client: Client, call: Call) -> None:
    target = {"Id": call.inputs["targetId"], **encode(_TARGET, call.inputs, pascal)}
    answer = client.put_targets(Rule=call.inputs["rule"], **_bus(call), Targets=[target])
    _refuse_partial(answer)


def _refuse_partial(answer: Doc) -> None:
    if answer.get("FailedEntryCount"):
        entry = answer["FailedEntries"][0]
        raise Failure(f"AWS: events: target {entry['TargetId']}: {entry['ErrorCode']}: {entry.get('ErrorMessage')}")


def _read_target(client: Client, call: Call) -> Doc | None:
    names = given(call, rule="rule", targetId="targetId") or {key: call.state[key] for key in ("rule", "targetId")}
    targets = client.list_targets_by_rule(Rule=names["rule"], **_bus(call)).get("Targets") or []
    target = next((each for each in targets if each["Id"] == names["targetId"]), None)
    if target is None:
        return None
    return {**names, **_bus_output(call), **decode(_TARGET, target, pascal)}


def _bus_output(call: Call) -> Doc:
    return {"eventBusName": _bus(call)["EventBusName"]}


def _delete_target(client: Client, call: Call) -> None:
    answer = client.remove_targets(Rule=call.known("rule"), **_bus(call), Ids=[call.known("targetId")])
    _refuse_partial(answer)


RESOURCES = (
    aws(
        "cloudwatch/eventRule:EventRule",
        "events",
        {
            "name": text(autoname=True, replaces=True),
            "eventBusName": text(computed=True, replaces=True),
            "forceDestroy": flag(default=False, local=True),
            **_RULE,
        },
        outputs=("arn",),
        natural=("name",),
        identity=_rule_id,
        tagging=_TAGS,
        create=_put_rule,
        read=_read_rule,
        update=_put_rule,
        delete=_delete_rule,
    ),
    aws(
        "cloudwatch/eventTarget:EventTarget",
        "events",
        {
            "rule": text(required=True, replaces=True),
            "eventBusName": text(computed=True, replaces=True),
            "targetId": text(autoname=True, replaces=True),
            "forceDestroy": flag(default=False, local=True),
            **_TARGET,
        },
        natural=("rule", "targetId"),
        imports="rule/targetId",
        identity=lambda doc: f"{doc['rule']}-{doc['targetId']}",
        create=_put_target,
        read=_read_target,
        update=_put_target,
        delete=_delete_target,
    ),
)
