"""Control routes that do what only the world outside can do: go live, chat, approve, let a rule fire."""

import asyncio
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.aws.call import Call
from sandbox.aws.cloud import Cloud
from sandbox.aws.errors import AwsError
from sandbox.aws.services import channels, chat, rooms, streams
from sandbox.aws.services.mailbox import mails
from sandbox.kit.store import Doc


class Levers:
    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    async def mailbox(self, request: Request) -> Response:
        found = mails(self._cloud, request.query_params.get("account"))
        return JSONResponse({"mails": found[::-1]})

    async def rights(self, request: Request) -> Response:
        """What a role was let do since the start: what else it is allowed nobody has needed."""
        found = self._cloud.exercised.get(request.query_params["role"], set())
        return JSONResponse({"exercised": sorted(found)})

    async def go_live(self, wanted: Doc) -> Doc:
        call = _as_account(wanted["channel"])
        channel = channels.CHANNELS.get(self._cloud, call, wanted["channel"])
        if not wanted.get("live", True):
            stream = streams.live(self._cloud, call, channel["arn"])
            if stream:
                await streams.end(self._cloud, call, stream)
            return {"live": False}
        return {"live": True, "stream": await streams.begin(self._cloud, call, channel)}

    async def say(self, wanted: Doc) -> Doc:
        call = _as_account(wanted["room"])
        room = rooms.ROOMS.get(self._cloud, call, wanted["room"])
        sender = {"user": wanted["user"], "attributes": wanted.get("sender_attributes", {})}
        attributes = wanted.get("attributes", {})
        return await chat.send(self._cloud, call, room, sender, wanted["content"], attributes)

    async def set_costs(self, wanted: Doc) -> Doc:
        for day, services in wanted["days"].items():
            self._cloud.store.put("cost", f"{wanted['account']}/{day}", {"services": services})
        return {"days": len(wanted["days"])}

    async def approve_mail(self, wanted: Doc) -> Doc:
        key = f"{wanted['account']}/{wanted.get('region', 'eu-central-1')}"
        known = self._cloud.store.get("ses_account", key) or {}
        details = known.get("details")
        review = {"details": {**details, "ReviewDetails": {"Status": "GRANTED", "CaseId": "1"}}} if details else {}
        return self._cloud.store.put(
            "ses_account", key, {**known, **review, "production": wanted.get("production", True)}
        )

    async def fire(self, wanted: Doc) -> Doc:
        """Let a scheduled rule fire now, whatever its schedule says."""
        events = self._cloud.backend.module("eventbridge")
        fired = 0
        for key, rule in list(events._rules._data.items()):
            if rule.get("Arn") == wanted["rule"] and rule.get("State") == "ENABLED":
                events._rule_last_fired[key] = 0.0
                fired += 1
        await asyncio.to_thread(events._tick_scheduled_rules)
        if not fired:
            raise AwsError("ResourceNotFoundException", "no such enabled rule", 404)
        return {"fired": fired}


def _as_account(arn: str) -> Call:
    """A call in the name of the account and region that an ARN names."""
    parts = arn.split(":")
    if len(parts) != 6:
        raise AwsError("ValidationException", f"{arn} is no ARN")
    call = Call("POST", "/", "/", "", {}, b"")
    call.region, call.account = parts[3], parts[4]
    return call


def levers(cloud: Cloud) -> list[Route]:
    hands = Levers(cloud)
    actions = {
        "/streams": hands.go_live, "/chat/messages": hands.say, "/costs": hands.set_costs,
        "/mail/production": hands.approve_mail, "/rules/fire": hands.fire,
    }  # fmt: skip
    posts = [Route(path, _posting(action), methods=["POST"]) for path, action in actions.items()]
    looks = [Route("/mailbox", hands.mailbox, methods=["GET"]), Route("/rights", hands.rights, methods=["GET"])]
    return [*looks, *posts]


def _posting(action: Any) -> Any:
    async def answer(request: Request) -> Response:
        try:
            return JSONResponse(await action(await request.json()))
        except KeyError as missing:
            return JSONResponse({"error": "missing field", "field": str(missing.args[0])}, 422)
        except AwsError as error:
            return JSONResponse({"error": error.code, "message": error.message}, error.status)

    return answer
