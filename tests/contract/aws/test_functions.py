"""Functions run in processes of their own, with the limits and the environment that were declared."""

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.contract.aws.code import function, invoke, packed, role
from tests.contract.aws.conftest import Aws, until

MANY = """
import os, time
STARTED = time.time()
def handler(event, context):
    kind = event.get("do")
    if kind == "sleep":
        time.sleep(30)
    if kind == "eat":
        return len(bytearray(900 * 1024 * 1024))
    if kind == "fail":
        raise ValueError("on purpose")
    if kind == "who":
        import boto3
        return boto3.client("sts").get_caller_identity()["Arn"]
    names = ("TABLE", "AWS_REGION", "AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
    found = {name: os.environ.get(name) for name in names}
    return {**found, "started": STARTED, "id": context.aws_request_id, "left": context.get_remaining_time_in_millis()}
"""


@pytest.fixture(scope="module")
def made(aws: Aws, member: boto3.Session) -> Any:
    settings = {"Timeout": 1, "MemorySize": 128, "Environment": {"Variables": {"TABLE": "users"}}}
    function(aws, member, "limited", MANY, role(aws, member, "limited"), **settings)
    return lambda event=None: invoke(aws, member, "limited", event)


def workers(aws: Aws, name: str) -> list[str]:
    """The folders of the processes that run a function."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cwd"):
        with suppress(OSError):  # it ended meanwhile
            found.append(os.readlink(path))
    return [folder for folder in found if folder.startswith(str(aws.folder)) and f"-{name}-" in folder]


class TestRuntime:
    def test_a_worker_that_nobody_calls_ends(self, aws: Aws, made: Any) -> None:
        first = made()["started"]
        assert workers(aws, "limited")
        aws.sim("PATCH", "/settings", json={"warm_seconds": 0}).raise_for_status()
        assert until(lambda: workers(aws, "limited") == [])
        aws.sim("DELETE", "/settings").raise_for_status()
        assert made()["started"] > first

    def test_environment_and_context(self, made: Any) -> None:
        found = made()
        assert (found["TABLE"], found["AWS_REGION"]) == ("users", "eu-central-1")
        assert (found["AWS_LAMBDA_FUNCTION_NAME"], found["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]) == ("limited", "128")
        assert 0 < found["left"] <= 1000
        again = made()
        assert again["started"] == found["started"]  # the worker stays warm
        assert again["id"] != found["id"]

    def test_it_acts_as_its_role(self, made: Any) -> None:
        until(lambda: "errorMessage" not in made({"do": "who"}))  # the first call imports the SDK within its second
        assert ":assumed-role/limited/limited" in made({"do": "who"})

    def test_it_may_not_take_longer(self, made: Any) -> None:
        assert "timed out after 1" in made({"do": "sleep"})["errorMessage"]
        assert made()["TABLE"] == "users"

    def test_it_may_not_take_more_memory(self, made: Any) -> None:
        assert "errorMessage" in made({"do": "eat"})

    def test_its_errors_are_told(self, aws: Aws, member: boto3.Session, made: Any) -> None:
        assert made({"do": "fail"})["errorMessage"] == "on purpose"
        answer = aws.client("lambda", member).invoke(FunctionName="limited", Payload=b'{"do": "fail"}')
        assert answer["FunctionError"]

    def test_new_code_and_settings_count_at_once(self, aws: Aws, member: boto3.Session, made: Any) -> None:
        client = aws.client("lambda", member)
        function(aws, member, "changing", MANY, role(aws, member, "changing"))
        client.update_function_code(FunctionName="changing", ZipFile=packed("def handler(e, c): return 'new'"))
        assert until(lambda: invoke(aws, member, "changing") == "new")

    def test_no_reserved_concurrency_means_no_call(self, aws: Aws, member: boto3.Session, made: Any) -> None:
        client = aws.client("lambda", member)
        client.put_function_concurrency(FunctionName="limited", ReservedConcurrentExecutions=0)
        with pytest.raises(ClientError, match="TooManyRequestsException"):
            client.invoke(FunctionName="limited", Payload=json.dumps({}))
        client.delete_function_concurrency(FunctionName="limited")
        assert made()["TABLE"] == "users"
