"""The ARN a call is about: one small table per service, `*` where its actions have no resource."""

from collections.abc import Callable

from sandbox.aws.call import Call

Finder = Callable[[Call, str], str]  # the call and `arn:aws:<service>:<region>:<account>`


def arn_of(call: Call) -> str:
    finder = FINDERS.get(call.service)
    if finder is None:
        return "*"
    region = "" if call.service == "iam" else call.region
    found = finder(call, f"arn:aws:{SPELLING.get(call.service, call.service)}:{region}:{call.account}")
    return found or "*"


SPELLING = {"sesv2": "ses"}


def _named(kind: str, *names: str) -> Finder:
    """A parameter that is either the ARN itself or the name behind `kind`."""

    def find(call: Call, prefix: str) -> str:
        value = call.text(*names)
        return value if value.startswith("arn:") else f"{prefix}:{kind}{value}" if value else ""

    return find


def _secret(call: Call, prefix: str) -> str:
    value = call.text("SecretId", "Name")
    if value.startswith("arn:") or not value:
        return value
    return f"{prefix}:secret:{value}-000000"  # the suffix is random: policies end in -?????? or *


def _key(call: Call, prefix: str) -> str:
    value = call.text("KeyId", "TargetKeyId")
    if value.startswith("alias/"):
        return f"{prefix}:{value}"
    return value if value.startswith("arn:") or not value else f"{prefix}:key/{value}"


def _queue(call: Call, prefix: str) -> str:
    name = call.text("QueueName") or call.text("QueueUrl").rpartition("/")[2]
    return f"{prefix}:{name}" if name else ""


def _logs(call: Call, prefix: str) -> str:
    group = call.text("logGroupName", "logGroupIdentifier").removesuffix(":*")
    if not group:
        return call.text("resourceArn")
    base = group if group.startswith("arn:") else f"{prefix}:log-group:{group}"
    stream = call.text("logStreamName")
    return f"{base}:log-stream:{stream}" if stream else f"{base}:*"


def _iam(call: Call, prefix: str) -> str:
    kinds = {
        "RoleName": "role",
        "UserName": "user",
        "GroupName": "group",
        "PolicyArn": "",
        "InstanceProfileName": "instance-profile",
    }
    for name, kind in kinds.items():
        value = call.text(name)
        if value:
            return f"{prefix}:{kind}/{value}" if kind else value
    return ""


def _ses(call: Call, prefix: str) -> str:
    name = call.text("ConfigurationSetName")
    identity = call.text("EmailIdentity")
    return f"{prefix}:identity/{identity}" if identity else f"{prefix}:configuration-set/{name}" if name else ""


def _events(call: Call, prefix: str) -> str:
    bus = call.text("EventBusName") or "default"
    if call.operation == "PutEvents":
        return f"{prefix}:event-bus/default"
    name = call.text("Name", "Rule")
    return f"{prefix}:rule/{name}" if name else f"{prefix}:event-bus/{bus}"


def _appsync(call: Call, prefix: str) -> str:
    api, namespace = call.text("apiId"), call.text("name")
    if call.operation == "EventPublish":
        return f"{prefix}:apis/{api}/channelNamespace/{call.text('channel').strip('/').partition('/')[0]}"
    return f"{prefix}:apis/{api}" + (f"/channelNamespace/{namespace}" if namespace else "") if api else ""


FINDERS: dict[str, Finder] = {
    "cognito-idp": _named("userpool/", "UserPoolId"),
    "lambda": _named("function:", "FunctionName"),
    "sns": _named("", "TopicArn", "TargetArn", "ResourceArn", "Name"),
    "sqs": _queue,
    "kms": _key,
    "secretsmanager": _secret,
    "logs": _logs,
    "iam": _iam,
    "sesv2": _ses,
    "ivs": _named("channel/", "arn", "channelArn", "resourceArn"),
    "ivschat": _named("room/", "roomIdentifier", "identifier", "resourceArn"),
    "firehose": _named("deliverystream/", "DeliveryStreamName"),
    "events": _events,
    "appsync": _appsync,
    "cloudwatch": _named("alarm:", "AlarmName"),
    "backup": _named("backup-vault:", "BackupVaultName", "backupVaultName"),
    "sts": _named("", "RoleArn"),
    "organizations": lambda _call, _prefix: "",
}
