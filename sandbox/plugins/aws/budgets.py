"""Budgets and who is told when they are used up."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sandbox.plugins.aws.client import Client
from sandbox.plugins.aws.resource import aws
from sandbox.plugins.aws.tags import Tagging
from sandbox.plugins.schema import Call, flag, number, obj, some, text
from sandbox.plugins.values import Doc
from sandbox.plugins.wire import decode, encode, pascal

_HOME = "us-east-1"
_TAGS = Tagging(target="ResourceARN", tags="ResourceTags", keys="ResourceTagKeys", answer="ResourceTags")
_MOMENT = "%Y-%m-%d_%H:%M"
_NOTIFICATION = {
    "comparisonOperator": text(required=True),
    "notificationType": text(required=True),
    "threshold": number(required=True),
    "thresholdType": text(required=True),
}
_SUBSCRIBERS = {"subscriberEmailAddresses": "EMAIL", "subscriberSnsTopicArns": "SNS"}
_COSTS = (
    "includeCredit", "includeDiscount", "includeOtherSubscription", "includeRecurring", "includeRefund",
    "includeSubscription", "includeSupport", "includeTax", "includeUpfront",
)  # fmt: skip
_COST_TYPES = {
    **{key: flag(default=True) for key in _COSTS},
    "useAmortized": flag(default=False),
    "useBlended": flag(default=False),
}


def _account(call: Call) -> str:
    return str(call.known("accountId") or (call.id.split(":")[0] if call.id else "") or call.session.id)


def _names(call: Call) -> Doc:
    return {"AccountId": _account(call), "BudgetName": call.known("name") or call.id.split(":", 1)[1]}


def _budget(call: Call) -> Doc:
    inputs = call.inputs
    budget: Doc = {"BudgetName": inputs["name"], "BudgetType": inputs["budgetType"], "TimeUnit": inputs["timeUnit"]}
    if inputs.get("limitAmount"):
        budget["BudgetLimit"] = {"Amount": inputs["limitAmount"], "Unit": inputs["limitUnit"]}
    if inputs.get("costFilters"):
        budget["CostFilters"] = {each["name"]: each["values"] for each in inputs["costFilters"]}
    if inputs.get("costTypes"):
        budget["CostTypes"] = encode(_COST_TYPES, inputs["costTypes"], pascal)
    period = {"Start": inputs.get("timePeriodStart"), "End": inputs.get("timePeriodEnd")}
    moments = {key: datetime.strptime(value, _MOMENT).replace(tzinfo=UTC) for key, value in period.items() if value}
    return {**budget, "TimePeriod": moments} if moments else budget


def _notifications(inputs: Doc) -> list[Doc]:
    return [
        {"Notification": encode(_NOTIFICATION, each, pascal), "Subscribers": _subscribers(each)}
        for each in inputs.get("notifications") or []
    ]


def _subscribers(notification: Doc) -> list[Doc]:
    kinds = _SUBSCRIBERS.items()
    return [{"SubscriptionType": kind, "Address": each} for key, kind in kinds for each in notification.get(key) or []]


def _create(client: Client, call: Call) -> None:
    told = _notifications(call.inputs)
    more = {"NotificationsWithSubscribers": told} if told else {}
    client.create_budget(AccountId=_account(call), Budget=_budget(call), **more, **_TAGS.new(call))
    call.id = f"{_account(call)}:{call.inputs['name']}"


def _read(client: Client, call: Call) -> Doc:
    budget = client.describe_budget(**_names(call))["Budget"]
    limit, period = budget.get("BudgetLimit") or {}, budget.get("TimePeriod") or {}
    partition, _ = call.session.partition(_HOME)
    filters = budget.get("CostFilters") or {}
    return {
        "accountId": _account(call),
        "name": budget["BudgetName"],
        "budgetType": budget["BudgetType"],
        "timeUnit": budget["TimeUnit"],
        "limitAmount": _amount(call, limit.get("Amount")),
        "limitUnit": limit.get("Unit"),
        "costFilters": [{"name": key, "values": values} for key, values in filters.items()] or None,
        "costTypes": decode(_COST_TYPES, budget.get("CostTypes"), pascal) or None,
        "timePeriodStart": _moment(period.get("Start")),
        "timePeriodEnd": _moment(period.get("End")),
        "notifications": _told(client, call) or None,
        "arn": f"arn:{partition}:budgets::{_account(call)}:budget/{budget['BudgetName']}",
    }


def _amount(call: Call, actual: str | None) -> str | None:
    """`110` comes back as `110.0`."""
    known = call.known("limitAmount")
    return known if known and actual and Decimal(known) == Decimal(actual) else actual


def _moment(value: Any) -> str | None:
    return value.astimezone(UTC).strftime(_MOMENT) if isinstance(value, datetime) else None


def _told(client: Client, call: Call) -> list[Doc]:
    found = client.describe_notifications_for_budget(**_names(call)).get("Notifications") or []
    return [_told_whom(client, call, each) for each in found]


def _told_whom(client: Client, call: Call, notification: Doc) -> Doc:
    key = {name: notification[name] for name in map(pascal, _NOTIFICATION) if name in notification}
    answer = client.describe_subscribers_for_notification(**_names(call), Notification=key)
    subscribers = answer.get("Subscribers") or []
    doc = decode(_NOTIFICATION, notification, pascal)
    for name, kind in _SUBSCRIBERS.items():
        addresses = [each["Address"] for each in subscribers if each["SubscriptionType"] == kind]
        if addresses:
            doc[name] = addresses
    return doc


def _update(client: Client, call: Call) -> None:
    plain = ("budgetType", "timeUnit", "limitAmount", "limitUnit", "costFilters", "costTypes", "timePeriodStart")
    if call.differs(*plain, "timePeriodEnd"):
        client.update_budget(AccountId=_account(call), NewBudget=_budget(call))
    if call.differs("notifications"):
        for each in _notifications(call.old):
            client.delete_notification(**_names(call), Notification=each["Notification"])
        for each in _notifications(call.inputs):
            client.create_notification(**_names(call), **each)


def _delete(client: Client, call: Call) -> None:
    client.delete_budget(**_names(call))


RESOURCES = (
    aws(
        "budgets/budget:Budget",
        "budgets",
        {
            "accountId": text(computed=True, replaces=True),
            "name": text(autoname=True, replaces=True),
            "budgetType": text(required=True),
            "timeUnit": text(required=True),
            "limitAmount": text(computed=True),
            "limitUnit": text(computed=True),
            "costFilters": some(obj({"name": text(required=True), "values": some(text(), required=True)})),
            "costTypes": obj(_COST_TYPES, computed=True),
            "timePeriodStart": text(computed=True),
            "timePeriodEnd": text(computed=True),
            "notifications": some(obj({**_NOTIFICATION, **{key: some(text()) for key in _SUBSCRIBERS}})),
        },
        region=_HOME,
        outputs=("arn",),
        natural=("name",),
        imports="accountId:name",
        tagging=_TAGS,
        create=_create,
        read=_read,
        update=_update,
        delete=_delete,
    ),
)
