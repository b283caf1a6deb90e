"""Statements in a function's own policy."""

import json

from sandbox.plugins.aws.client import Client
from sandbox.plugins.aws.resource import aws, given
from sandbox.plugins.schema import Call, text
from sandbox.plugins.values import Doc


def _function(call: Call) -> Doc:
    qualifier = {"Qualifier": call.known("qualifier")} if call.known("qualifier") else {}
    return {"FunctionName": call.known("function"), **qualifier}


def _create(client: Client, call: Call) -> None:
    wanted = given(
        call, StatementId="statementId", Action="action", Principal="principal", SourceArn="sourceArn",
        SourceAccount="sourceAccount", EventSourceToken="eventSourceToken", PrincipalOrgID="principalOrgId",
        FunctionUrlAuthType="functionUrlAuthType",
    )  # fmt: skip
    client.add_permission(**_function(call), **wanted)


def _read(client: Client, call: Call) -> Doc | None:
    policy = json.loads(client.get_policy(**_function(call))["Policy"])
    statements = policy.get("Statement") or []
    wanted = call.known("statementId") or call.id
    statement = next((each for each in statements if each.get("Sid") == wanted), None)
    if statement is None:
        return None
    function = call.known("function")
    condition = statement.get("Condition") or {}
    return {
        "function": function,
        "statementId": statement["Sid"],
        "qualifier": call.known("qualifier"),
        "action": statement["Action"],
        "principal": _principal(statement["Principal"]),
        "sourceArn": _condition(condition, "AWS:SourceArn"),
        "sourceAccount": _condition(condition, "AWS:SourceAccount"),
        "eventSourceToken": _condition(condition, "lambda:EventSourceToken"),
        "principalOrgId": _condition(condition, "aws:PrincipalOrgID"),
        "functionUrlAuthType": _condition(condition, "lambda:FunctionUrlAuthType"),
    }


def _principal(value: Doc | str) -> str | None:
    if isinstance(value, str):
        return value
    found = value.get("Service") or value.get("AWS")
    return str(found) if found else None


def _condition(conditions: Doc, key: str) -> str | None:
    for operands in conditions.values():
        for name, value in operands.items():
            if name.lower() == key.lower():
                return str(value)
    return None


def _delete(client: Client, call: Call) -> None:
    client.remove_permission(**_function(call), StatementId=call.known("statementId") or call.id)


RESOURCES = (
    aws(
        "lambda/permission:Permission",
        "lambda",
        {
            "function": text(required=True, replaces=True),
            "action": text(required=True, replaces=True),
            "principal": text(required=True, replaces=True),
            "statementId": text(autoname=True, replaces=True),
            "qualifier": text(replaces=True),
            "sourceArn": text(replaces=True),
            "sourceAccount": text(replaces=True),
            "eventSourceToken": text(replaces=True),
            "principalOrgId": text(replaces=True),
            "functionUrlAuthType": text(replaces=True),
        },
        natural=("function", "statementId"),
        imports="function/statementId",
        identity=lambda doc: str(doc["statementId"]),
        create=_create,
        read=_read,
        delete=_delete,
    ),
)
