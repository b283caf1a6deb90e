"""Asking and voting. A vote and its count are written together, or neither is."""

import time
import uuid
from datetime import UTC, datetime
from typing import Any

from programs.creator.runtime import cursor
from programs.creator.runtime.documents import Item, Unmet, change, get, put, query, transact, write
from programs.creator.runtime.errors import Problem, invalid
from programs.creator.runtime.fields import form, one_of, several, text, whole
from programs.creator.runtime.http import Answer, Request, Routes
from programs.creator.runtime.realtime import publish
from programs.creator.runtime.settings import text as setting

handle = Routes()
TABLE, VOTES = "polls", "poll-votes"
MOST_OPTIONS = 10
SHOWN = ("pollId", "question", "options", "mode", "audience", "closesAt", "createdAt")

NEW = form(
    question=text(3, 300),
    options=several(text(1, 120), 2, MOST_OPTIONS),
    closesAt=whole(0, 2**40),  # seconds
    optional={"mode": one_of("single", "multi"), "audience": one_of("member", "premium")},
)
CHANGE = form(optional={"status": one_of("closed"), "closesAt": whole(0, 2**40)})
VOTE = form(choices=several(whole(0, MOST_OPTIONS - 1), 1, MOST_OPTIONS))


@handle.add("GET /polls")
def listed(request: Request) -> Answer:
    status = one_of("open", "closed")("status", request.query.get("status", "open"))
    after = cursor.opened(request.query.get("next", ""), listing=f"polls/{status}")
    page = query(
        TABLE, "#status = :s", {"s": status}, index="status-index", limit=20, newest=True, after=after
    )  # fmt: skip
    items = [_shown(row) for row in page.items]
    return Answer(200, {"items": items, **cursor.closed(page.after, listing=f"polls/{status}")})


@handle.add("GET /polls/{id}")
def one(request: Request) -> Answer:
    return Answer(200, _shown(_find(request.id("id"))))


@handle.add("POST /polls")
def ask(request: Request) -> Answer:
    _ = request.admin
    wanted = request.form(NEW)
    if len(wanted["options"]) > int(setting("POLL_OPTIONS")) or len(set(wanted["options"])) < len(wanted["options"]):
        raise invalid("options", f"{setting('POLL_OPTIONS')} different options at most")
    if wanted["closesAt"] <= time.time():
        raise invalid("closesAt", "this is in the past")
    row = {"mode": "single", "audience": "member", **wanted, "pollId": uuid.uuid4().hex, "status": "open"}
    row |= {"createdAt": datetime.now(UTC).isoformat(timespec="milliseconds")}
    row |= {_count(number): 0 for number in range(len(wanted["options"]))}
    write(put(TABLE, row, when="attribute_not_exists(#pollId)"))
    return Answer(201, _shown(row))


@handle.add("PATCH /polls/{id}")
def alter(request: Request) -> Answer:
    _ = request.admin
    wanted = request.form(CHANGE)
    row = _find(request.id("id"))
    if not wanted:
        return Answer(200, _shown(row))
    try:
        changed = write(change(TABLE, {"pollId": row["pollId"]}, set=wanted, when="#status = :o", values={"o": "open"}))
    except Unmet:
        raise Problem("conflict", "this poll is closed") from None
    return Answer(200, _shown(changed))


@handle.add("POST /polls/{id}/vote")
def vote(request: Request) -> Answer:
    caller, row = request.caller, _find(request.id("id"))
    if row["audience"] == "premium" and not caller.groups & {"premium", "admin"}:
        raise Problem("forbidden", "this poll is for premium members")
    choices = _choices(row, request.form(VOTE)["choices"])
    now = int(time.time())
    cast = {"pollId": row["pollId"], "voterId": caller.user_id, "choices": choices, "votedAt": now}
    counted = change(
        TABLE, {"pollId": row["pollId"]}, add={_count(number): 1 for number in choices},
        when="#status = :open AND #closesAt > :now", values={"open": "open", "now": now},
    )  # fmt: skip
    try:
        transact(put(VOTES, cast, when="attribute_not_exists(#voterId)"), counted)
    except Unmet as unmet:
        if 0 in unmet.at:
            raise Problem("conflict", "you have voted already") from None
        raise Problem("gone", "this poll is closed") from None
    if setting("LIVE_RESULTS") == "yes":
        _tell(row["pollId"])
    return Answer(200, {"pollId": row["pollId"], "choices": choices})


def _tell(poll_id: str) -> None:
    shown = _shown(_find(poll_id))
    publish(f"/polls/{poll_id}", {"pollId": poll_id, "counts": shown["counts"]})


def _choices(row: Item, wanted: list[int]) -> list[int]:
    if len(set(wanted)) < len(wanted) or max(wanted) >= len(row["options"]):
        raise invalid("choices", "there is no such option")
    if row["mode"] == "single" and len(wanted) > 1:
        raise invalid("choices", "one option may be chosen")
    return sorted(wanted)


def _find(poll_id: str) -> Item:
    found = get(TABLE, consistent=True, pollId=poll_id)
    if found is None:
        raise Problem("not_found", "there is no such poll")
    return found


def _shown(row: Item) -> dict[str, Any]:
    over = row["status"] == "closed" or row["closesAt"] <= time.time()
    found = {name: row[name] for name in SHOWN} | {"status": "closed" if over else "open"}
    if over or setting("LIVE_RESULTS") == "yes":
        found["counts"] = [row[_count(number)] for number in range(len(row["options"]))]
    return found


def _count(number: int) -> str:
    """An attribute for each option: ADD is promised for the top level only."""
    return f"count{number}"
