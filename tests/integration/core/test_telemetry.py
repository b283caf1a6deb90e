"""What the outside hears of us: bugs without secrets, metrics under the names that are documented."""

import gzip
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
from prometheus_client.parser import text_string_to_metric_families

from controlplane.core.telemetry import shown
from controlplane.settings import Telemetry
from sandbox.ports import free_port
from tests.fixtures.host import environment
from tests.fixtures.http import Door
from tests.fixtures.listening import Answered, Asked, listening

FAILING = """
from controlplane import jobs
from controlplane.core import log
from controlplane.core.errors import NeedsPerson
from controlplane.settings import Settings
log.start(Settings())
log.remember("looks like nothing in particular")
def bug(_gateways, _row):
    local = "cpl_at_" + "b" * 49
    raise RuntimeError("with cpl_at_" + "a" * 49 + " and looks like nothing in particular")
def person(_gateways, _row):
    raise NeedsPerson("somebody must act", next_action="act")
for function in (person, bug):
    jobs._run(None, jobs.Job("test." + function.__name__, function), "row-1", {"correlation": "c-17"})
"""


def events(asked: list[Asked]) -> list[dict[str, Any]]:
    """An envelope is lines of JSON: a header, then item headers and items in turn."""
    found = []
    for one in asked:
        body = gzip.decompress(one.body) if one.headers.get("content-encoding") == "gzip" else one.body
        lines = [json.loads(line) for line in body.split(b"\n") if line]
        found += [item for head, item in zip(lines[1::2], lines[2::2], strict=True) if head["type"] == "event"]
    return found


def test_a_job_that_nobody_foresaw_to_fail_is_reported_without_secrets(door: Door) -> None:
    asked: list[Asked] = []

    def answer(one: Asked) -> Answered:
        asked.append(one)
        return Answered()

    with listening(answer) as url:
        dsn = url.replace("http://", "http://public@") + "/1"
        values = {**environment(door.gateways, TELEMETRY__SENTRY_DSN=dsn), "PYTHONPATH": os.getcwd()}
        done = subprocess.run(
            [sys.executable, "-c", FAILING], env=values, capture_output=True, text=True, check=True, timeout=120
        )
    [event] = events(asked)
    [error] = event["exception"]["values"]
    assert (error["type"], error["value"]) == ("RuntimeError", "with [secret] and [secret]")
    assert event["tags"] == {"job": "test.bug", "row": "row-1", "correlation": "c-17"}
    assert event["environment"] == "test"
    said = json.dumps(event) + done.stderr
    for hidden in ("cpl_at_aaa", "cpl_at_bbb", "in particular and", '"vars"', "sys.argv"):
        assert hidden not in said
    assert not event.keys() & {"request", "user", "extra", "breadcrumbs"}


def documented() -> dict[str, set[str]]:
    rows = re.findall(r"^\| `(cp_\w+)` \|([^|]*)\|", Path("docs/operations.md").read_text(), re.MULTILINE)
    return {name: set(re.findall(r"`(\w+)`", labels)) for name, labels in rows}


def shown_in(text: str) -> set[str]:
    names = set()
    for family in text_string_to_metric_families(text):
        names.add(f"{family.name}_total" if family.type == "counter" else family.name)
    return {name for name in names if name.startswith("cp_") and not name.endswith("_created")}


def test_metrics_have_the_names_that_are_documented(door: Door) -> None:
    client = door.anonymous()
    assert client.get("/metrics").status_code == 404  # not for everybody
    port = free_port()
    telemetry = Telemetry(metrics_listen=f"127.0.0.1:{port}")
    with shown(door.gateways.settings.model_copy(update={"telemetry": telemetry})):
        answer = httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False)
    assert shown_in(answer.text) == documented().keys()
    assert documented()["cp_jobs_total"] == {"job", "outcome"}
    assert 'cp_http_requests_total{method="GET",route="/metrics",status="404"}' in answer.text
