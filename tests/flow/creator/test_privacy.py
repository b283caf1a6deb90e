"""A person's data: exported as a bundle, and erased everywhere."""

import io
import json
import zipfile

import httpx

from tests.contract.aws.conftest import until
from tests.flow.creator.conftest import Creator


def done(creator: Creator, path: str, token: str) -> dict[str, str] | None:
    answer = creator.call("GET", path, token=token)
    assert answer.status_code == 200, answer.text
    found: dict[str, str] = answer.json()
    return found if found["status"] == "done" else None


class TestExport:
    def test_a_person_gets_the_own_data_and_nobody_elses(self, creator: Creator) -> None:
        mine, other = (creator.token(creator.sign_up(name)) for name in ("emil", "frida"))
        path = f"/auth/me/export/{creator.call('POST', '/auth/me/export', token=mine).json()['requestId']}"
        found = until(lambda: done(creator, path, mine), seconds=30)
        assert found
        with zipfile.ZipFile(io.BytesIO(httpx.get(found["url"], trust_env=False).content)) as bundle:
            assert json.loads(bundle.read("account.json"))["username"] == "emil"
        assert creator.call("GET", path, token=other).status_code == 404


class TestErasing:
    def test_nothing_of_a_person_stays(self, creator: Creator) -> None:
        address = creator.sign_up("gustav")
        token = creator.token(address)
        assert creator.call("DELETE", "/auth/me", token=token, json={"password": "Wrong-Horse-1"}).status_code == 401
        user_id = creator.call("GET", "/auth/me", token=token).json()["userId"]
        gone = creator.call("DELETE", "/auth/me", token=token, json={"password": "Correct-Horse-1"})
        assert gone.status_code == 202
        tables = creator.aws.client("dynamodb", creator.member())
        key = {"requestId": {"S": gone.json()["requestId"]}}
        record = until(lambda: _done(tables.get_item(TableName="creator-privacy-requests", Key=key)), seconds=30)
        assert record
        assert user_id not in json.dumps(record)
        items = tables.scan(TableName="creator-users")["Items"]
        assert "gustav" not in json.dumps(items)
        pool = creator.report["outputs"]["user_pool_id"]
        people = creator.aws.client("cognito-idp", creator.member()).list_users(UserPoolId=pool)["Users"]
        assert address not in json.dumps(people, default=str)
        assert creator.token(creator.sign_up("gustav"))


def _done(answer: dict[str, dict[str, dict[str, str]]]) -> dict[str, dict[str, str]] | None:
    item = answer["Item"]
    return item if item["status"]["S"] == "done" else None
