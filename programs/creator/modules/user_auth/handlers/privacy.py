"""A person's data: given out, or erased, through every module that is switched on."""

import io
import json
import time
import uuid
import zipfile
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from programs.creator.modules.user_auth.handlers import factors, people, pool
from programs.creator.runtime.aws import client
from programs.creator.runtime.documents import Unmet, change, get, put, write
from programs.creator.runtime.errors import Problem
from programs.creator.runtime.fields import form, password
from programs.creator.runtime.http import Answer, Request, Routes
from programs.creator.runtime.settings import text, words

routes = Routes()
TABLE = "privacy-requests"
LEAVING = form(password=password(1), optional={"totp": factors.CODE})
DAY = 86_400


def handle(event: Mapping[str, Any], context: object = None) -> Any:
    """Requests of people come by HTTP; what they ask for is done in a call of its own."""
    if "routeKey" in event:
        return routes(event, context)
    work = {"export": _export, "erase": _erase}[event["work"]]
    return work(event["requestId"], event["userId"])


@routes.add("POST /auth/me/export")
def ask(request: Request) -> Answer:
    row = people.find(request.caller.user_id)
    return Answer(202, {"requestId": _later("export", row["userId"])})


@routes.add("GET /auth/me/export/{id}")
def look(request: Request) -> Answer:
    found = get(TABLE, requestId=request.id("id"))
    if not found or found["kind"] != "export" or found["subjectHash"] != people.subject(request.caller.user_id):
        raise Problem("not_found", "there is no such request")
    if found["status"] != "done":
        return Answer(200, {"status": found["status"]})
    place = {"Bucket": text("BUCKET_MEDIA"), "Key": found["exportKey"]}
    url = client("s3").generate_presigned_url("get_object", Params=place, ExpiresIn=DAY)
    return Answer(200, {"status": "done", "url": url})


@routes.add("DELETE /auth/me")
def leave(request: Request) -> Answer:
    row = people.find(request.caller.user_id)
    wanted = request.form(LEAVING)
    pool.sign_in(row["email"], wanted["password"], wanted.get("totp", ""))
    pool.sign_out(row["email"])
    pool.disable(row["email"])
    people.update(row["userId"], status="erasing")
    return Answer(202, {"requestId": _later("erase", row["userId"])})


def _later(work: str, user_id: str) -> str:
    request_id = uuid.uuid4().hex
    item = {"requestId": request_id, "kind": work, "status": "running", "subjectHash": people.subject(user_id)}
    write(put(TABLE, item | {"at": int(time.time())}))
    event = {"work": work, "requestId": request_id, "userId": user_id}
    name = text("AWS_LAMBDA_FUNCTION_NAME")
    client("lambda").invoke(FunctionName=name, InvocationType="Event", Payload=json.dumps(event))
    return request_id


def _export(request_id: str, user_id: str) -> None:
    row = people.find(user_id)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("account.json", _json(people.shown(row)))
        for name, module in _modules():
            archive.writestr(f"{name}.json", _json(module.export(user_id, row["email"])))
    key = f"exports/{request_id}.zip"
    client("s3").put_object(Bucket=text("BUCKET_MEDIA"), Key=key, Body=packed.getvalue(), ContentType="application/zip")
    _done(request_id, exportKey=key)


def _erase(request_id: str, user_id: str) -> None:
    """May run twice: each step passes over what is gone."""
    row = get("users", consistent=True, userId=user_id)
    if row is not None:
        for _, module in _modules():
            module.erase(user_id, row["email"])
        pool.delete(row["email"])
        people.remove(row)
    _done(request_id)


def _modules() -> list[tuple[str, Any]]:
    names = words("PRIVACY_MODULES")
    return [(name, import_module(f"programs.creator.modules.{name}.privacy")) for name in names]


def _done(request_id: str, **more: str) -> None:
    values = {"status": "done", "doneAt": people.now(), **more}
    try:
        write(change(TABLE, {"requestId": request_id}, set=values, when="attribute_exists(#requestId)"))
    except Unmet:
        raise LookupError("a request for which there is no record") from None


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1)
