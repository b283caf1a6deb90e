"""AppSync Events: who may connect, publish and subscribe.

The backend knows API keys only, or believes every token. Here IAM callers have been authenticated and checked against
their policies before, and tokens of a user pool are verified with the pool's keys.
"""

import base64
import json
import secrets
from typing import Any

import jwt

from sandbox.aws import guard, sessions
from sandbox.aws.call import Call, identify
from sandbox.aws.cloud import Cloud
from sandbox.aws.consequences import follows
from sandbox.aws.errors import Answer, AwsError

VERIFIED, PROOF = "x-sandbox-verified", secrets.token_hex(16)  # only this process can know the proof
MODES = {"publish": "Publish", "subscribe": "Subscribe"}


def install(cloud: Cloud) -> None:
    events = cloud.backend.module("appsync_events")

    async def authorize(
        api: str,
        channel: str | None,
        operation: str,
        auth: dict[str, Any] | None,
        headers: dict[str, str] | None = None,
    ) -> tuple[bool, str | None]:
        modes = _modes(events, api, channel, operation == events.EVENT_PUBLISH)
        signed = (headers or {}).get(VERIFIED) == PROOF
        accepted = _accepted(cloud, events, api, modes, auth or {}, signed=signed)
        return (True, None) if accepted else (False, "You are not authorized to make this call.")

    events._authorize_event_op = authorize


@follows("appsync:CreateChannelNamespace")
async def inherit(cloud: Cloud, call: Call, answer: Answer) -> Answer:
    """The backend takes the API's publish modes for subscribing, too; a namespace has to ask its API instead."""
    store = cloud.backend.module("appsync_events")._channel_namespaces
    namespace = store.get_scoped(call.account, call.region, call.text("apiId"))[call.text("name")]
    own = {name: call.params.get(name) or [] for name in ("publishAuthModes", "subscribeAuthModes")}
    namespace |= own
    found = json.loads(answer.body)
    return answer.with_body(json.dumps({"channelNamespace": found["channelNamespace"] | own}).encode())


def _modes(events: Any, api: str, channel: str | None, publishing: bool) -> set[str]:
    """The namespace's own modes, else the defaults of the API."""
    kind = "publish" if publishing else "subscribe"
    namespace = events._channel_namespaces.get(api, {}).get((channel or "").strip("/").partition("/")[0]) or {}
    config = events._apis.get(api)["eventConfig"]
    listed = namespace.get(f"{kind}AuthModes") or config[f"default{MODES[kind]}AuthModes"]
    return {mode["authType"] for mode in listed}


def _accepted(
    cloud: Cloud, events: Any, api: str, modes: set[str], auth: dict[str, Any], *, signed: bool = False
) -> bool:
    key = auth.get("x-api-key") or auth.get("X-Api-Key")
    if key:
        return "API_KEY" in modes and key in events._api_keys.get(api, {})
    token = str(auth.get("Authorization") or auth.get("authorization") or "")
    if token.startswith("AWS4-"):
        return "AWS_IAM" in modes and signed
    return "AMAZON_COGNITO_USER_POOLS" in modes and token != "" and _of_pool(cloud, events, api, token)


def _of_pool(cloud: Cloud, events: Any, api: str, token: str) -> bool:
    for provider in events._apis.get(api)["eventConfig"]["authProviders"]:
        pool = (provider.get("cognitoConfig") or {}).get("userPoolId")
        if pool and _verified(cloud, pool, token.removeprefix("Bearer ")):
            return True
    return False


def _verified(cloud: Cloud, pool: str, token: str) -> bool:
    _, _, body = cloud.backend.module("cognito").well_known_jwks(pool)
    issuer = f"https://cognito-idp.{pool.partition('_')[0]}.amazonaws.com/{pool}"
    for key in json.loads(body)["keys"]:
        try:
            jwt.decode(token, jwt.PyJWK(key).key, ["RS256"], issuer=issuer, options={"verify_aud": False})
        except jwt.PyJWTError:
            continue
        return True
    return False


def connection_allowed(cloud: Cloud, api: str, account: str, region: str, protocols: str) -> bool:
    """Whether the `header-` sub-protocol of a WebSocket brings what the API accepts for connections."""
    events = cloud.backend.module("appsync_events")
    parts = [part.strip()[7:] for part in protocols.split(",") if part.strip().startswith("header-")]
    try:
        auth = json.loads(base64.urlsafe_b64decode(parts[0] + "=" * (-len(parts[0]) % 4)))
    except (IndexError, ValueError):
        return False
    with cloud.backend.scope(account, region):
        modes = {mode["authType"] for mode in events._apis.get(api)["eventConfig"]["connectionAuthModes"]}
        return _accepted(cloud, events, api, modes, auth)


async def publish(cloud: Cloud, call: Call, api: str, account: str, region: str) -> Answer:
    """POST /event. A signed call is checked like any other; whoever passes is handed over as verified."""
    call = identify(call)
    call.service, call.operation, call.region, call.account = "appsync", "EventPublish", region, account
    call.params = {**_body(call), "apiId": api}
    headers = {name: value for name, value in call.headers.items() if name != VERIFIED}
    if call.credential:
        who = sessions.authenticate(cloud, call)
        if who is None or who.account != account:
            raise AwsError("AccessDeniedException", "The API belongs to another account.", 403)
        guard.admit(cloud, call, who)
        scope = f"{account}/20260101/{region}/appsync/aws4_request"
        headers |= {"authorization": f"AWS4-HMAC-SHA256 Credential={scope}", VERIFIED: PROOF}
    return await cloud.backend.request("POST", call.raw_path, call.query, headers, call.body, account=account)


def _body(call: Call) -> dict[str, Any]:
    try:
        found = json.loads(call.body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
