"""The provider of the tests, installed as aws and cloudflare: any type, objects in a JSON file, misbehaviour by rules.

Started as `python -m tests.contract.engine.provider NAME ENGINE_ADDRESS`; TEST_CLOUD is the folder of the cloud.
"""

import os
import signal
import sys
import threading
import time
from concurrent import futures
from pathlib import Path
from typing import Any

from google.protobuf import any_pb2, json_format

from sandbox.engine.rpc.messages import (
    empty_pb2,
    grpc,
    plugin_pb2,
    provider_pb2,
    provider_pb2_grpc,
    status_pb2,
    struct_pb2,
)
from tests.contract.engine.cloud import CallLog, Cloud, Rule, read_rules

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
VERSIONS = {"aws": "7.51.1", "cloudflare": "6.23.1"}
_REPLACED_BY = {
    "cloudflare:index/r2Bucket:R2Bucket": {"name", "accountId", "jurisdiction"},
    "cloudflare:index/workersScript:WorkersScript": {"scriptName", "accountId"},
    "aws:s3/bucket:Bucket": {"bucket"},
}
_DELETED_FIRST = {"cloudflare:index/r2Bucket:R2Bucket"}
_ANY = {"key"}  # what replaces a resource of any other type


def plain(message: Any) -> dict[str, Any]:
    found: dict[str, Any] = json_format.MessageToDict(message)
    return found


def struct(value: dict[str, Any]) -> Any:
    return json_format.ParseDict(value, struct_pb2.Struct())


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    def __init__(self, package: str, folder: Path) -> None:
        self.package, self.folder, self.cloud = package, folder, Cloud(folder)
        self.cancelled = threading.Event()

    # --- misbehaviour ---------------------------------------------------------------------------------------------

    def obey(self, op: str, subject: str, context: Any) -> Rule | None:
        for rule in read_rules(self.folder):
            if rule.op == op and rule.match in subject:
                self._obey(rule, context)
                return rule
        return None

    def _obey(self, rule: Rule, context: Any) -> None:
        if rule.delay:
            (self.cancelled.wait if rule.cancellable else time.sleep)(rule.delay)
        if rule.cancellable and self.cancelled.is_set():
            context.abort(grpc.StatusCode.CANCELLED, "cancelled by engine")
        if rule.exit is not None:
            os._exit(rule.exit)
        if rule.code:
            context.abort(getattr(grpc.StatusCode, rule.code), rule.message)

    # --- configuration --------------------------------------------------------------------------------------------

    def Handshake(self, request: Any, context: Any) -> Any:
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True)

    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        return plugin_pb2.PluginInfo(version=VERSIONS[self.package])

    def Attach(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()

    def CheckConfig(self, request: Any, context: Any) -> Any:
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, context: Any) -> Any:
        old, new = plain(request.old_inputs), plain(request.news)
        replaces = ["region"] if old.get("region") != new.get("region") else []
        changes = provider_pb2.DiffResponse.DIFF_NONE if old == new else provider_pb2.DiffResponse.DIFF_SOME
        return provider_pb2.DiffResponse(changes=changes, replaces=replaces)

    def Configure(self, request: Any, context: Any) -> Any:
        self.obey("Configure", request.urn, context)
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    # --- resources ------------------------------------------------------------------------------------------------

    def Check(self, request: Any, context: Any) -> Any:
        self.obey("Check", request.urn, context)
        news, failures = plain(request.news), []
        if request.type == "aws:s3/bucket:Bucket" and "bucket" not in news:
            news["bucket"] = plain(request.olds).get("bucket") or f"{request.name}-{request.randomSeed.hex()[:7]}"
        if news.get("storageClass") == "Bad":
            reason = "must be Standard or InfrequentAccess"
            failures.append(provider_pb2.CheckFailure(property="storageClass", reason=reason))
        return provider_pb2.CheckResponse(inputs=struct(news), failures=failures)

    def Diff(self, request: Any, context: Any) -> Any:
        self.obey("Diff", request.urn, context)
        old, new = plain(request.old_inputs), plain(request.news)
        ignored = set(request.ignoreChanges)
        changed = sorted(key for key in {*old, *new} - ignored if old.get(key) != new.get(key))
        replaces = [key for key in changed if key in _REPLACED_BY.get(request.type, _ANY)]
        some = provider_pb2.DiffResponse.DIFF_SOME if changed else provider_pb2.DiffResponse.DIFF_NONE
        return provider_pb2.DiffResponse(
            changes=some,
            diffs=changed,
            replaces=replaces,
            hasDetailedDiff=True,
            detailedDiff={key: _difference(key, old, new, key in replaces) for key in changed},
            deleteBeforeReplace=bool(replaces) and (request.type in _DELETED_FIRST or bool(new.get("first"))),
        )

    def Create(self, request: Any, context: Any) -> Any:
        inputs = plain(request.properties)
        if request.preview:
            return provider_pb2.CreateResponse(properties=struct(self.outputs(request.type, inputs, None)))
        rule = self.obey("Create", request.urn, context)
        with self.cloud.open() as content:
            content["count"] += 1
            outputs = self.outputs(request.type, inputs, content["count"])
            identity = f"{_short(request.type).lower()}-{content['count']}"
            content["objects"][f"{request.type}/{identity}"] = {"outputs": outputs, "inputs": inputs}
        if rule and rule.reasons:
            self._half_created(identity, inputs, outputs, rule, context)
        return provider_pb2.CreateResponse(id=identity, properties=struct(outputs))

    def outputs(self, kind: str, inputs: dict[str, Any], number: int | None) -> dict[str, Any]:
        computed = {"createdOn" if self.package == "cloudflare" else "arn": f"sim:{_short(kind)}:{number}"}
        if _short(kind) == "WorkersScript":
            computed["etag"] = f"etag-{number}"
        return {**inputs, **(computed if number is not None else dict.fromkeys(computed, UNKNOWN))}

    def _half_created(self, identity: str, inputs: Any, outputs: Any, rule: Rule, context: Any) -> None:
        failed = provider_pb2.ErrorResourceInitFailed(
            id=identity, properties=struct(outputs), inputs=struct(inputs), reasons=list(rule.reasons)
        )
        detail = any_pb2.Any()
        detail.Pack(failed)
        status = status_pb2.Status(code=2, message="init failed", details=[detail])
        context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
        context.abort(grpc.StatusCode.UNKNOWN, "init failed")

    def Read(self, request: Any, context: Any) -> Any:
        self.obey("Read", request.urn, context)
        found = self.cloud.objects().get(f"{request.type}/{request.id}")
        if found is None:
            return provider_pb2.ReadResponse(id="")
        return provider_pb2.ReadResponse(
            id=request.id, properties=struct(found["outputs"]), inputs=struct(found["inputs"])
        )

    def Update(self, request: Any, context: Any) -> Any:
        news, outputs = plain(request.news), plain(request.olds)
        for key in plain(request.old_inputs).keys() - news.keys():
            outputs.pop(key, None)
        outputs.update(news)
        if not request.preview:
            self.obey("Update", request.urn, context)
            with self.cloud.open() as content:
                content["objects"][f"{request.type}/{request.id}"] = {"outputs": outputs, "inputs": news}
        return provider_pb2.UpdateResponse(properties=struct(outputs))

    def Delete(self, request: Any, context: Any) -> Any:
        self.obey("Delete", request.urn, context)
        with self.cloud.open() as content:
            content["objects"].pop(f"{request.type}/{request.id}", None)
        return empty_pb2.Empty()

    def Invoke(self, request: Any, context: Any) -> Any:
        self.obey("Invoke", request.tok, context)
        if request.tok != "aws:index/getCallerIdentity:getCallerIdentity":
            failure = provider_pb2.CheckFailure(reason=f"no such function {request.tok}")
            return provider_pb2.InvokeResponse(failures=[failure])
        account = "000000000000"
        found = {"accountId": account, "arn": f"arn:aws:iam::{account}:root", "id": account, "userId": "SIM"}
        return provider_pb2.InvokeResponse(**{"return": struct(found)})

    def Cancel(self, request: Any, context: Any) -> Any:
        self.cancelled.set()
        return empty_pb2.Empty()


def _short(kind: str) -> str:
    return kind.rsplit(":", 1)[-1]


def _difference(key: str, old: dict[str, Any], new: dict[str, Any], replaces: bool) -> Any:
    kinds = provider_pb2.PropertyDiff
    if replaces:
        return kinds(kind=kinds.UPDATE_REPLACE, inputDiff=True)
    kind = kinds.ADD if key not in old else kinds.DELETE if key not in new else kinds.UPDATE
    return kinds(kind=kind, inputDiff=True)


class Recorder(grpc.ServerInterceptor):
    def __init__(self, package: str, log: CallLog) -> None:
        self.package, self.log = package, log

    def intercept_service(self, continuation: Any, details: Any) -> Any:
        handler, method = continuation(details), details.method.rsplit("/", 1)[-1]
        if handler is None or handler.unary_unary is None:
            return handler

        def call(request: Any, context: Any) -> Any:
            self.log.add("request", plugin=self.package, method=method, request=plain(request))
            try:
                answer = handler.unary_unary(request, context)
            except BaseException:
                self.log.add("failure", plugin=self.package, method=method, code=str(context.code()))
                raise
            self.log.add("answer", plugin=self.package, method=method, answer=plain(answer))
            return answer

        return grpc.unary_unary_rpc_method_handler(call, handler.request_deserializer, handler.response_serializer)


def _die_with_parent() -> None:
    """A killed engine must not leave a plugin that goes on creating."""
    parent = os.getppid()
    while os.getppid() == parent:
        time.sleep(0.1)
    os._exit(1)


def main() -> None:
    package, folder = sys.argv[1], Path(os.environ["TEST_CLOUD"])
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: os._exit(0))
    log = CallLog(folder / "calls.jsonl")
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=32), interceptors=[Recorder(package, log)])
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Provider(package, folder), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    if os.environ.get("TEST_PLUGIN_OUTLIVES") != "1":
        threading.Thread(target=_die_with_parent, daemon=True).start()
    log.add("start", plugin=package, group=os.getpgid(0) == os.getpid(), cwd=os.getcwd())
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    server.wait_for_termination()


if __name__ == "__main__":
    main()
