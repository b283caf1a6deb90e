"""A whole creator: `up` of every module that the program has, against the same objects made by bare calls, against the
engine's own floor, and the memory that many of them take one after the other, a few at a time.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]

from bench.engine import Bench
from programs.creator.registry import MODULES
from sandbox.engine.install import Plugin, install
from sandbox.plugins.providers import provider
from tests.contract.aws.conftest import start
from tests.contract.engine.programs import many
from tests.flow.creator.conftest import MODULES as KNOWN
from tests.flow.creator.conftest import STRIPE, Creator, MailServer, Outside, Stripe, make

Row = dict[str, Any]
CREATORS = int(os.environ.get("BENCH_CREATORS", "20"))
AT_ONCE = 2  # cores of the machine
PER_CALL = 2.0  # of a bare call: state, checks, read-back and tags of an object cost no more than the object
FLOORS = 2.0  # of an engine with nothing behind it
MEBIBYTES, GROWTH = 256, 2.0  # of a process; of the stand-in, for each creator
FEW = ("s3-website", "user-auth", "monitoring", "backup")


def run() -> list[Row]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        for part in ("aws", "engine", "floor", "stripe"):
            (folder / part).mkdir()
        install(folder / "engine", [Plugin("aws", provider("aws").version, "sandbox.plugins")])
        aws, mail = start(folder / "aws"), MailServer()
        process, stripe = _stripe(folder / "stripe")
        outside = Outside(aws, mail, stripe, folder / "engine")
        try:
            return [*_one(folder, outside), *_crowd(folder, outside)]
        finally:
            process.terminate()
            process.communicate(timeout=10)
            mail.server.shutdown()
            mail.server.server_close()
            aws.stop()


def _stripe(folder: Path) -> tuple["subprocess.Popen[str]", Stripe]:
    (folder / "secrets.json").write_text(json.dumps(STRIPE))
    (folder / "secrets.json").chmod(0o600)
    command = [sys.executable, "-m", "sandbox.vendors", "--folder", str(folder), "--port", "0", "--only", "stripe"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, Stripe(f"{json.loads(process.stdout.readline())['ready']}/stripe")


def _one(folder: Path, outside: Outside) -> list[Row]:
    modules = {name: KNOWN.get(name, {}) for name in MODULES if name in KNOWN}
    first = _made(folder, outside, "warm", {name: KNOWN.get(name, {}) for name in FEW})
    whole = _made(folder, outside, "anna", modules)
    count, seconds = int(whole.report["changes"]["create"]), float(whole.report["seconds"])
    again = whole.run("up")
    calls, bare = _bare(whole)
    floor = _floor(folder / "floor", count)
    assert first.report["changes"]["create"] > 50
    return [
        _row(f"creator: up, {len(modules)} modules, {count} resources (s)", seconds, None),
        _row("creator: up, nothing changed (s)", again["seconds"], None),
        _row(
            "creator: up, nothing changed, processor time against making it", again["cpu"] / whole.report["cpu"], 0.65
        ),
        _row(f"creator: bare calls for {calls} of them (s)", bare, None),
        _row("creator: a resource, against its bare call", (seconds / count) / (bare / calls), PER_CALL),
        _row(f"creator: engine alone, {count} resources (s)", floor, None),
        _row("creator: up, against the engine's floor", seconds / floor, FLOORS),
        _row("creator: memory of the largest process of an up (MiB)", float(whole.report["megabytes"]), MEBIBYTES),
    ]


def _made(folder: Path, outside: Outside, slug: str, modules: dict[str, Any]) -> Creator:
    own = folder / slug
    own.mkdir()
    return make(outside, own, slug, modules)


def _floor(folder: Path, count: int) -> float:
    """The same number of resources of a provider that does nothing."""
    stack = Bench(folder).stack("floor", many(count))
    began = time.perf_counter()
    stack.up()
    return time.perf_counter() - began


def _bare(creator: Creator) -> tuple[int, float]:
    """What there is most of, made once more in another account by plain calls, one after the other."""
    state = json.loads((creator.folder / "backend" / ".pulumi/stacks/creator/dev.json").read_text())
    kinds = Counter(entry["type"] for entry in state["checkpoint"]["latest"]["resources"])
    member = creator.aws.assume(creator.aws.new_account())
    clients = {name: creator.aws.client(name, member) for name in ("iam", "logs", "cloudwatch", "dynamodb")}
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    allow = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::x/*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    clients["iam"].list_roles(), clients["dynamodb"].list_tables()  # connections are made before
    calls = 0
    began = time.perf_counter()
    for number in range(kinds["aws:iam/role:Role"]):
        clients["iam"].create_role(RoleName=f"r{number}", AssumeRolePolicyDocument=trust)
        clients["iam"].put_role_policy(RoleName=f"r{number}", PolicyName="own", PolicyDocument=policy)
        calls += 2
    for number in range(kinds["aws:cloudwatch/logGroup:LogGroup"]):
        clients["logs"].create_log_group(logGroupName=f"/l/{number}")
        clients["logs"].put_retention_policy(logGroupName=f"/l/{number}", retentionInDays=14)
        calls += 1
    for number in range(kinds["aws:cloudwatch/metricAlarm:MetricAlarm"]):
        clients["cloudwatch"].put_metric_alarm(
            AlarmName=f"a{number}", Namespace="N", MetricName="M", Statistic="Sum", Period=60, EvaluationPeriods=1,
            Threshold=1, ComparisonOperator="GreaterThanThreshold",
        )  # fmt: skip
        calls += 1
    keys = {"KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}]}
    keys["AttributeDefinitions"] = [{"AttributeName": "k", "AttributeType": "S"}]
    for number in range(kinds["aws:dynamodb/table:Table"]):
        clients["dynamodb"].create_table(TableName=f"table{number}", BillingMode="PAY_PER_REQUEST", **keys)
        calls += 1
    return calls, time.perf_counter() - began


def _crowd(folder: Path, outside: Outside) -> list[Row]:
    """As many as the machine takes at once; what remains is the stand-in, which all of them share."""
    server, peak = psutil.Process(outside.aws.process.pid), 0.0
    before = server.memory_info().rss
    began = time.perf_counter()
    modules = {name: KNOWN.get(name, {}) for name in FEW}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        made = list(
            pool.map(lambda number: _made(folder, outside, f"crowd{_letters(number)}", modules), range(CREATORS))
        )
    peak = max(float(one.report["megabytes"]) for one in made)
    grown = (server.memory_info().rss - before) / 2**20 / CREATORS
    seconds = time.perf_counter() - began
    return [
        _row(f"creator: {CREATORS} of them, {AT_ONCE} at once (s each)", seconds / CREATORS, None),
        _row(f"creator: {CREATORS} of them, peak of one up (MiB)", peak, MEBIBYTES),
        _row(f"creator: {CREATORS} of them, growth of the stand-in (MiB each)", grown, GROWTH),
    ]


def _letters(number: int) -> str:
    return chr(97 + number // 26) + chr(97 + number % 26)


def _row(name: str, value: float, goal: float | None) -> Row:
    return {"name": name, "value": round(value, 3), "goal": goal, "met": None if goal is None else value <= goal}
