"""Lambda functions."""

from sandbox.plugins.archives import zipped
from sandbox.plugins.aws.client import Client
from sandbox.plugins.aws.errors import AwsRefusal
from sandbox.plugins.aws.resource import aws
from sandbox.plugins.aws.tags import Tagging, as_map, wanted
from sandbox.plugins.failures import Missing
from sandbox.plugins.schema import Call, archive, flag, many, mapping, number, obj, some, text
from sandbox.plugins.values import Doc
from sandbox.plugins.wire import decode, encode, pascal

_TAGS = Tagging(listing="list_tags", target="Resource", shape=as_map)
_ROLE_SECONDS, _READY_SECONDS = 30, 300
_UNRESERVED = -1

_CONFIGURATION = {
    "role": text(required=True),
    "handler": text(),
    "runtime": text(),
    "description": text(),
    "memorySize": number(default=128),
    "timeout": number(default=3),
    "kmsKeyArn": text(wire="KMSKeyArn"),
    "layers": many(text()),
    "environment": obj({"variables": mapping(text())}),
    "ephemeralStorage": obj({"size": number()}, computed=True),
    "tracingConfig": obj({"mode": text(required=True)}, computed=True),
    "deadLetterConfig": obj({"targetArn": text(required=True)}),
    "loggingConfig": obj(
        {
            "logFormat": text(required=True),
            "logGroup": text(computed=True),
            "applicationLogLevel": text(computed=True),
            "systemLogLevel": text(computed=True),
        },
        computed=True,
    ),
}
_FIELDS = {
    "name": text(autoname=True, replaces=True),
    **_CONFIGURATION,
    "architectures": some(text(), default=["x86_64"]),
    "packageType": text(default="Zip", replaces=True),
    "code": archive(local=True),
    "s3Bucket": text(local=True),
    "s3Key": text(local=True),
    "s3ObjectVersion": text(local=True),
    "sourceCodeHash": text(computed=True),
    "publish": flag(default=False, local=True),
    "reservedConcurrentExecutions": number(default=_UNRESERVED),
    "skipDestroy": flag(default=False, local=True),
}
_OUTPUTS = (
    "arn", "codeSha256", "invokeArn", "lastModified", "qualifiedArn", "qualifiedInvokeArn",
    "responseStreamingInvokeArn", "signingJobArn", "signingProfileVersionArn", "sourceCodeSize", "version",
)  # fmt: skip
_CODE = ("code", "s3Bucket", "s3Key", "s3ObjectVersion", "sourceCodeHash", "architectures")


def _source(inputs: Doc) -> Doc:
    if inputs.get("code"):
        return {"ZipFile": zipped(inputs["code"])}
    named = {"S3Bucket": "s3Bucket", "S3Key": "s3Key", "S3ObjectVersion": "s3ObjectVersion"}
    return {wire: inputs[key] for wire, key in named.items() if inputs.get(key)}


def _create(client: Client, call: Call) -> None:
    inputs, tags = call.inputs, wanted(call)
    request = {
        "FunctionName": inputs["name"],
        "Code": _source(inputs),
        "Architectures": inputs["architectures"],
        "PackageType": inputs["packageType"],
        "Publish": inputs["publish"],
        **encode(_CONFIGURATION, inputs, pascal),
        **({"Tags": tags} if tags else {}),
    }

    def accepted() -> bool:
        """IAM may not know a new role yet."""
        try:
            client.create_function(**request)
        except AwsRefusal as refusal:
            if "cannot be assumed" not in str(refusal):
                raise
            return False
        return True

    client.until(accepted, f"role of function {inputs['name']} becoming usable", seconds=_ROLE_SECONDS)
    call.id = inputs["name"]
    _wait(client, call.id)
    if inputs["reservedConcurrentExecutions"] != _UNRESERVED:
        _reserve(client, call)


def _wait(client: Client, name: str) -> None:
    def ready() -> bool:
        found = client.get_function_configuration(FunctionName=name)
        return found.get("State", "Active") != "Pending" and found.get("LastUpdateStatus") != "InProgress"

    client.until(ready, f"function {name} being ready", seconds=_READY_SECONDS)


def _reserve(client: Client, call: Call) -> None:
    reserved = int(call.inputs["reservedConcurrentExecutions"])
    if reserved == _UNRESERVED:
        client.delete_function_concurrency(FunctionName=call.id)
    else:
        client.put_function_concurrency(FunctionName=call.id, ReservedConcurrentExecutions=reserved)


def _read(client: Client, call: Call) -> Doc:
    answer = client.get_function(FunctionName=call.id)
    found = answer["Configuration"]
    reserved = (answer.get("Concurrency") or {}).get("ReservedConcurrentExecutions", _UNRESERVED)
    return {
        "name": found["FunctionName"],
        **decode(_CONFIGURATION, found, pascal),
        "architectures": found.get("Architectures") or ["x86_64"],
        "packageType": found.get("PackageType") or "Zip",
        "reservedConcurrentExecutions": reserved,
        **_code_outputs(call, found),
        **_addresses(call, client.region, found),
    }


def _code_outputs(call: Call, found: Doc) -> Doc:
    """The hash a program gives may be of its own making: it stands for the code as long as that is what we uploaded."""
    actual = found.get("CodeSha256")
    untouched = actual == call.state.get("codeSha256") or not call.state.get("codeSha256")
    given = call.known("sourceCodeHash")
    return {
        "codeSha256": actual,
        "sourceCodeHash": given if given and untouched else actual,
        "sourceCodeSize": found.get("CodeSize"),
        "version": found.get("Version"),
        "lastModified": found.get("LastModified"),
        "signingJobArn": found.get("SigningJobArn"),
        "signingProfileVersionArn": found.get("SigningProfileVersionArn"),
    }


def _addresses(call: Call, region: str, found: Doc) -> Doc:
    arn = found["FunctionArn"]
    partition, _ = call.session.partition(region)
    qualified = f"{arn}:{found.get('Version', '$LATEST')}"
    gateway = f"arn:{partition}:apigateway:{region}:lambda:path"
    return {
        "arn": arn,
        "qualifiedArn": qualified,
        "invokeArn": f"{gateway}/2015-03-31/functions/{arn}/invocations",
        "qualifiedInvokeArn": f"{gateway}/2015-03-31/functions/{qualified}/invocations",
        "responseStreamingInvokeArn": f"{gateway}/2021-11-15/functions/{arn}/response-streaming-invocations",
    }


def _update(client: Client, call: Call) -> None:
    if call.differs(*_CONFIGURATION):
        client.update_function_configuration(FunctionName=call.id, **_configuration(call))
        _wait(client, call.id)
    if call.differs(*_CODE):
        source = {**_source(call.inputs), "Architectures": call.inputs["architectures"]}
        client.update_function_code(FunctionName=call.id, Publish=call.inputs["publish"], **source)
        call.state.pop("codeSha256", None)
        _wait(client, call.id)
    if call.differs("reservedConcurrentExecutions"):
        _reserve(client, call)


def _configuration(call: Call) -> Doc:
    """Blocks that were removed have to be emptied by name."""
    empty: Doc = {"environment": {"variables": {}}, "layers": [], "description": "", "kmsKeyArn": ""}
    removed = {key: value for key, value in empty.items() if key in call.old and key not in call.inputs}
    return encode(_CONFIGURATION, {**call.inputs, **removed}, pascal)


def _delete(client: Client, call: Call) -> None:
    if not call.known("skipDestroy"):
        client.delete_function(FunctionName=call.id)
        client.until(lambda: _is_gone(client, call.id), f"deletion of function {call.id}", seconds=_READY_SECONDS)


def _is_gone(client: Client, name: str) -> bool:
    try:
        client.get_function_configuration(FunctionName=name)
    except Missing:
        return True
    return False


RESOURCES = (
    aws(
        "lambda/function:Function",
        "lambda",
        _FIELDS,
        outputs=_OUTPUTS,
        volatile=("codeSha256", "lastModified", "qualifiedArn", "qualifiedInvokeArn", "sourceCodeSize", "version"),
        natural=("name",),
        identity=lambda doc: str(doc["name"]),
        tagging=_TAGS,
        create=_create,
        read=_read,
        update=_update,
        delete=_delete,
    ),
)
