"""From live to paused, back, and gone."""

import httpx
import pytest

from tests.contract.aws.conftest import until
from tests.flow.creator.conftest import MODULES, Creator, Outside, make

FEW = {name: MODULES[name] for name in ("s3-website", "user-auth", "monitoring", "backup")}


@pytest.fixture(scope="module")
def creator(tmp_path_factory: pytest.TempPathFactory, outside: Outside) -> Creator:
    return make(outside, tmp_path_factory.mktemp("life"), "bert", FEW)


def page(creator: Creator, host: str) -> httpx.Response:
    return httpx.get(f"{creator.aws.url}/", headers={"host": host}, trust_env=False)


def test_a_creator_goes_live_pauses_comes_back_and_leaves(creator: Creator) -> None:
    member = creator.member()
    site = creator.aws.client("s3", member)
    site.put_object(Bucket=creator.report["outputs"]["site_bucket"], Key="index.html", Body=b"<h1>Bert</h1>")

    assert set(creator.run("up", dns_phase="live")["changes"]) == {"same", "update", "create"}
    found = page(creator, "bert.example")
    assert found.status_code == 200, (found.status_code, found.text, dict(found.headers))
    assert "Bert" in page(creator, "bert.example").text
    assert page(creator, "www.bert.example").headers["location"] == "https://bert.example/"

    assert set(creator.run("up", suspended=True)["changes"]) == {"same", "update"}
    assert until(lambda: page(creator, "bert.example").status_code == 503)
    gateway, api = creator.aws.client("apigatewayv2", member), creator.report["outputs"]["api_id"]
    assert gateway.get_stage(ApiId=api, StageName="api")["DefaultRouteSettings"]["ThrottlingRateLimit"] == 0

    assert set(creator.run("up", suspended=False)["changes"]) == {"same", "update"}
    assert until(lambda: page(creator, "bert.example").status_code == 200)

    assert set(creator.run("up", lifecycle="offboarding")["changes"]) <= {"same", "update"}
    assert set(creator.run("destroy")["changes"]) == {"delete"}
    assert creator.aws.client("dynamodb", member).list_tables()["TableNames"] == []
    assert site.list_buckets()["Buckets"] == []
    assert creator.aws.client("cognito-idp", member).list_user_pools(MaxResults=10)["UserPools"] == []
