"""The three reads that a provider makes of one script, and its workers.dev switch."""

import base64
import uuid
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from sandbox.cloudflare.bindings import public
from sandbox.cloudflare.bodies import Body, read
from sandbox.cloudflare.operation import Api, Call, Doc
from sandbox.cloudflare.script_upload import BAD_BODY, content_type_of
from sandbox.cloudflare.scripts import AREA, BASE, script_of, summary

SETTINGS = ("compatibility_date", "compatibility_flags", "usage_model", "logpush", "tags", "tail_consumers")
OPTIONAL_SETTINGS = ("observability", "limits", "placement", "annotations")


class Subdomain(Body):
    enabled: bool
    previews_enabled: bool = False


def routes(api: Api) -> list[BaseRoute]:
    return [
        api.route("/accounts/{account_id}/workers/services/{name}", AREA, GET=service),
        api.route(f"{BASE}/{{name}}/settings", AREA, GET=settings),
        api.route(f"{BASE}/{{name}}/content/v2", AREA, GET=content),
        api.route(f"{BASE}/{{name}}/subdomain", AREA, GET=subdomain, POST=switch, DELETE=switch_off),
    ]


async def service(call: Call) -> Any:
    script = script_of(call)
    dates = {"created_on": script["created_on"], "modified_on": script["modified_on"]}
    environment = {"environment": "production", **dates, "script": {**summary(script), **_settings(script)}}
    return {"id": script["name"], "default_environment": environment, "environments": [environment], **dates}


async def settings(call: Call) -> Any:
    return _settings(script_of(call))


async def content(call: Call) -> Response:
    script = script_of(call)
    boundary = uuid.uuid4().hex
    parts = b"".join(_part(boundary, module) for module in script["modules"])
    headers = {"cf-entrypoint": script["main_module"], "etag": script["etag"]}
    body = parts + f"--{boundary}--\r\n".encode()
    return Response(body, headers=headers, media_type=f"multipart/form-data; boundary={boundary}")


async def subdomain(call: Call) -> Any:
    return script_of(call)["subdomain"]


async def switch(call: Call) -> Any:
    script = script_of(call)
    wanted = (await read(call, Subdomain, code=BAD_BODY)).model_dump()
    call.cloud.store.put("script", script["name"], {**script, "subdomain": wanted})
    return wanted


async def switch_off(call: Call) -> Any:
    script, off = script_of(call), {"enabled": False, "previews_enabled": False}
    call.cloud.store.put("script", script["name"], {**script, "subdomain": off})
    return off


def _settings(script: Doc) -> Doc:
    shown = {name: script[name] for name in SETTINGS}
    shown |= {name: script[name] for name in OPTIONAL_SETTINGS if name in script}
    return {**shown, "bindings": public(script["bindings"])}


def _part(boundary: str, module: Doc) -> bytes:
    data = base64.b64decode(module["base64"]) if "base64" in module else module["text"].encode()
    head = f'Content-Disposition: form-data; name="{module["name"]}"; filename="{module["name"]}"'
    return f"--{boundary}\r\n{head}\r\nContent-Type: {content_type_of(module)}\r\n\r\n".encode() + data + b"\r\n"
