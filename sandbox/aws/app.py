"""The edge: one address for every service. Looks at a request, decides whose it is, and answers or hands it over."""

import logging
from typing import Any

from starlette.types import Receive, Scope, Send

from sandbox.aws import cors, faults, guard, halves, sessions
from sandbox.aws.actions import UNSIGNED
from sandbox.aws.call import Call, identify, read
from sandbox.aws.cloud import OPERATIONS, Cloud
from sandbox.aws.consequences import after
from sandbox.aws.errors import Answer, AwsError, shape
from sandbox.aws.fronts import Fronts
from sandbox.aws.rendering import render
from sandbox.aws.routing import OWN, backend_of

READS = (
    "Get",
    "List",
    "Describe",
    "Head",
    "Query",
    "Scan",
    "BatchGet",
    "Lookup",
    "Filter",
    "Search",
    "Receive",
    "Test",
    "Simulate",
    "Select",
)
# They change nothing that is kept by the service itself; what a function does comes back through the edge.
PASSING = {
    "lambda:Invoke",
    "dynamodb:TransactGetItems",
    "sts:AssumeRole",
    "kms:Encrypt",
    "kms:Decrypt",
    "kms:GenerateDataKey",
}

STIRRING = {"sns", "sqs", "events", "firehose", "ivs", "ivschat", "sesv2", "cloudwatch", "scheduler"}

log = logging.getLogger("sandbox.aws")


class Edge:
    def __init__(self, cloud: Cloud, fronts: Fronts) -> None:
        self._cloud, self._fronts = cloud, fronts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._fronts.websocket(scope, receive, send)
        elif scope["type"] == "http":
            call = await read(scope, receive)
            if not await self._fronts.asgi(call, scope, send):
                await self._reply(call, send)

    async def _reply(self, call: Call, send: Send) -> None:
        try:
            answer = await self._fronts.answer(call) or await self._api(identify(call))
        except faults.Cut:
            await _cut(send)
            raise
        await _send(send, cors.told(self._cloud, call, answer), head=call.method == "HEAD")

    async def _api(self, call: Call) -> Answer:
        """A call to a service's API."""
        try:
            return await faults.respond(self._cloud, call, self._serve)
        except AwsError as error:
            return shape(error, protocol=call.protocol, service=call.service, resource=call.path)
        except faults.Cut:
            raise
        except Exception:
            log.exception("%s failed", call.name)
            return shape(AwsError("InternalFailure", "", 500), protocol=call.protocol, service=call.service)

    async def _serve(self, call: Call) -> Answer:
        who = sessions.authenticate(self._cloud, call)
        call.account, call.principal = (who.account, who.arn) if who else (self._owner(call), "")
        guard.admit(self._cloud, call, who)
        own = OPERATIONS.get(call.name)
        if own is None and backend_of(call.service) == OWN:
            raise AwsError("UnsupportedOperation", f"{call.name or call.path} is not emulated.", 501)
        answer = await self._own(own, call) if own else await halves.forward(self._cloud, call)
        if answer.status < 400:
            answer = await after(self._cloud, call, answer)
        if call.name in PASSING or call.service in STIRRING:
            self._cloud.keeper.stir()
        if not call.operation.startswith(READS) and call.name not in PASSING:
            self._cloud.keeper.save(call.service, call.account)
        return answer

    async def _own(self, handler: Any, call: Call) -> Answer:
        found = handler(self._cloud, call)
        result = await found if hasattr(found, "__await__") else found
        return result if isinstance(result, Answer) else render(call, result)

    def _owner(self, call: Call) -> str:
        """An unsigned call is for whoever owns what it names."""
        if call.name in UNSIGNED:
            return self._fronts.owner_of_unsigned(call)
        if call.service == "s3":
            return self._fronts.owner_of_public_object(call)
        raise AwsError("MissingAuthenticationToken", "Request is missing Authentication Token", 403)


async def _send(send: Send, answer: Answer, *, head: bool) -> None:
    length = answer.header("content-length") if head else str(len(answer.body))
    headers = [pair for pair in answer.headers if pair[0] != "content-length"]
    if length:
        headers.append(("content-length", length))
    pairs = [(name.encode("latin-1"), value.encode("utf-8")) for name, value in headers]
    await send({"type": "http.response.start", "status": answer.status, "headers": pairs})
    await send({"type": "http.response.body", "body": b"" if head else answer.body})


async def _cut(send: Send) -> None:
    """More bytes are promised than sent: the server has to close the connection."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000000")]})
