"""Requests that are not calls to a service's API: data planes by host or path, pages, the control routes."""

import re

from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox.aws import chat_room, cors, organization, realtime, site
from sandbox.aws.actions import checks
from sandbox.aws.call import Call
from sandbox.aws.cloud import Cloud
from sandbox.aws.errors import Answer, AwsError, shape
from sandbox.aws.notices import CERTIFICATE_PATH, Notary
from sandbox.aws.public import owner_of, require_public
from sandbox.aws.services import identities

EXECUTE_HOST = re.compile(r"([a-z0-9]+)\.execute-api\.")
EXECUTE_PATH = re.compile(r"/_aws/execute-api/([a-z0-9]+)/")
CHAT = re.compile(r"edge\.ivschat\.")
REALTIME = re.compile(r"([a-z0-9]+)\.appsync-(?:realtime-)?api\.")


class Fronts:
    def __init__(self, cloud: Cloud, notary: Notary, control: ASGIApp) -> None:
        self._cloud, self._notary, self._control = cloud, notary, control

    async def asgi(self, call: Call, scope: Scope, send: Send) -> bool:
        """The control routes are an application of their own."""
        if not call.path.startswith("/_sim/"):
            return False

        async def receive() -> dict[str, object]:
            return {"type": "http.request", "body": call.body, "more_body": False}

        self._cloud.keeper.stir()
        await self._control({**scope, "path": call.path[5:], "raw_path": call.raw_path[5:].encode()}, receive, send)
        return True

    async def answer(self, call: Call) -> Answer | None:
        for front in (self._page, self._api_gateway, self._events, self._keys):
            found = await front(call)
            if found is not None:
                return found
        return await site.answer(self._cloud, call) or cors.preflight(self._cloud, call)

    async def _page(self, call: Call) -> Answer | None:
        if call.path == CERTIFICATE_PATH:
            return Answer(200, [("content-type", "application/x-pem-file")], self._notary.certificate)
        if call.path == identities.VERIFY_PATH:
            return self._verified(call)
        if call.path in {"/_health", "/health"} and call.method == "GET":
            return Answer(200, [("content-type", "application/json")], b'{"status":"ok"}')
        # ministack has doors of its own; they ask for no credentials.
        closed = call.path.startswith(("/_ministack", "/_localstack", "/restapis/"))
        return Answer(404, [("content-type", "text/plain")], b"not found") if closed else None

    def _verified(self, call: Call) -> Answer:
        """The link in the mail that asks whether an address is one's own."""
        account = identities.confirm(self._cloud, call.arguments.get("token", ""))
        if account is None:
            return Answer(404, [("content-type", "text/plain")], b"This link is not valid.")
        self._cloud.keeper.save("sesv2", account)
        return Answer(200, [("content-type", "text/plain")], b"The address is verified.")

    async def _api_gateway(self, call: Call) -> Answer | None:
        found = EXECUTE_HOST.match(call.host) or EXECUTE_PATH.match(call.path)
        if found is None:
            return None
        account = self._owner("apigateway", "_apis", found.group(1))
        if account is None or not organization.is_open(self._cloud, account):
            return Answer(404, [("content-type", "application/json")], b'{"message":"Not Found"}')
        return await self._through(
            call,
            account,
            host=call.host.replace(f".execute-api.{_rest(call.host)}", f".execute-api.localhost:{self._cloud.port}"),
        )

    async def _events(self, call: Call) -> Answer | None:
        """AppSync Events over HTTP."""
        found = REALTIME.match(call.host)
        if found is None:
            return None
        scope = self._scope("appsync_events", "_apis", found.group(1))
        if scope is None or not organization.is_open(self._cloud, scope[0]):
            return Answer(404, [("content-type", "application/json")], b'{"message":"Not Found"}')
        try:
            return await realtime.publish(self._cloud, call, found.group(1), *scope)
        except AwsError as error:
            return shape(error, protocol="rest-json", service="appsync")

    async def _keys(self, call: Call) -> Answer | None:
        if "/.well-known/" not in call.path or call.method != "GET":
            return None
        pool = call.path.strip("/").partition("/")[0]
        account = self._owner("cognito", "_user_pools", pool)
        return await self._through(call, account) if account else None

    async def _through(self, call: Call, account: str, host: str = "") -> Answer:
        self._cloud.keeper.stir()
        headers = {
            **call.headers,
            "host": host or call.host,
            "x-forwarded-proto": call.headers.get("x-forwarded-proto", "https"),
        }
        return await self._cloud.backend.request(
            call.method, call.raw_path, call.query, headers, call.body, account=account
        )

    def _owner(self, module: str, store: str, id: str) -> str | None:
        found = self._scope(module, store, id)
        return found[0] if found else None

    def _scope(self, module: str, store: str, id: str) -> tuple[str, str] | None:
        """(account, region) of what has this id."""
        data = getattr(self._cloud.backend.module(module), store)._data
        return next(((key[0], key[1]) for key in list(data) if key[-1] == id), None)

    def owner_of_unsigned(self, call: Call) -> str:
        if call.service == "sns":
            topic = call.text("TopicArn").split(":")
            if len(topic) != 6:
                raise AwsError("InvalidParameter", "Invalid parameter: TopicArn")
            call.region = topic[3]
            return topic[4]
        client = call.text("ClientId")
        for key, pool in list(self._cloud.backend.module("cognito")._user_pools._data.items()):
            if client in (pool.get("_clients") or {}) or self._issued(call, key[-1]):
                call.region = key[1]
                return str(key[0])
        raise AwsError("ResourceNotFoundException", f"User pool client {client} does not exist.")

    def _issued(self, call: Call, pool: str) -> bool:
        """An access token names its pool in its issuer."""
        token = call.text("AccessToken", "Token").split(".")
        if len(token) != 3:
            return False
        import base64

        try:
            claims = base64.urlsafe_b64decode(token[1] + "=" * (-len(token[1]) % 4))
        except ValueError:
            return False
        return f'/{pool}"'.encode() in claims

    def owner_of_public_object(self, call: Call) -> str:
        bucket = call.text("Bucket")
        found = owner_of(self._cloud, bucket) if call.operation == "PostObject" else None
        if found is None:
            check = checks(call)[0]
            found = require_public(self._cloud, bucket, call.text("Key"), check.action)
        call.region = found[1]
        return found[0]

    async def websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """AppSync Events and chat in real time. A refused connection is closed before it is accepted."""
        headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
        if CHAT.match(headers.get("host", "")):
            protocols = headers.get("sec-websocket-protocol", "")
            await chat_room.serve(self._cloud, receive, send, protocols)
            return
        found = REALTIME.match(headers.get("host", ""))
        owner = self._scope("appsync_events", "_apis", found.group(1)) if found else None
        protocols = headers.get("sec-websocket-protocol", "")
        if not found or not owner or not realtime.connection_allowed(self._cloud, found.group(1), *owner, protocols):
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return
        await self._cloud.backend.websocket(scope, receive, send, account=owner[0])


def _rest(host: str) -> str:
    return host.partition(".execute-api.")[2]
