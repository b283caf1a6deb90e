"""From live to paused, back, and gone."""

import httpx
import pytest
from botocore.exceptions import ClientError

from tests.contract.aws.conftest import until
from tests.flow.creator.conftest import MODULES, Creator, Outside, make

FEW = {name: MODULES[name] for name in ("s3-website", "user-auth", "monitoring", "backup")}


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory, outside: Outside) -> Creator:
    return make(outside, tmp_path_factory.mktemp("life"), "bert", FEW, tier="large")


def page(creator: Creator, host: str) -> httpx.Response:
    return httpx.get(f"{creator.aws.url}/", headers={"host": host}, trust_env=False)


def strangers(bert: Creator, anna: Creator) -> None:
    """Two creators know nothing of each other: neither by a token, nor by a role, nor by the name of a bucket."""
    token = anna.token(anna.sign_up("nora"))
    assert anna.call("GET", "/auth/me", token=token).status_code == 200
    assert bert.call("GET", "/auth/me", token=token).status_code == 401
    table = f"arn:aws:dynamodb:eu-central-1:{bert.account}:table/creator-users"
    for service, call, about in (
        ("dynamodb", "scan", {"TableName": table}),
        ("s3", "list_objects_v2", {"Bucket": bert.report["outputs"]["site_bucket"]}),
        ("lambda", "invoke", {"FunctionName": f"arn:aws:lambda:eu-central-1:{bert.account}:function:creator-auth"}),
    ):
        with pytest.raises(ClientError):
            getattr(anna.aws.client(service, anna.member()), call)(**about)
    scaled = bert.aws.client("application-autoscaling", bert.member())
    targets = scaled.describe_scalable_targets(ServiceNamespace="dynamodb")["ScalableTargets"]
    assert {(each["ResourceId"].split("/")[1], each["MinCapacity"]) for each in targets} == {("creator-users", 5)}
    assert len(targets) == 6


def test_a_creator_goes_live_pauses_comes_back_and_leaves(bert: Creator, creator: Creator) -> None:
    member = bert.member()
    strangers(bert, creator)
    site = bert.aws.client("s3", member)
    site.put_object(Bucket=bert.report["outputs"]["site_bucket"], Key="index.html", Body=b"<h1>Bert</h1>")

    assert set(bert.run("up", dns_phase="live")["changes"]) == {"same", "update", "create"}
    found = page(bert, "bert.example")
    assert found.status_code == 200, (found.status_code, found.text, dict(found.headers))
    assert "Bert" in page(bert, "bert.example").text
    assert page(bert, "www.bert.example").headers["location"] == "https://bert.example/"

    assert set(bert.run("up", suspended=True)["changes"]) == {"same", "update"}
    assert until(lambda: page(bert, "bert.example").status_code == 503)
    gateway, api = bert.aws.client("apigatewayv2", member), bert.report["outputs"]["api_id"]
    assert gateway.get_stage(ApiId=api, StageName="api")["DefaultRouteSettings"]["ThrottlingRateLimit"] == 0

    assert set(bert.run("up", suspended=False, lifecycle="offboarding")["changes"]) == {"same", "update"}
    assert until(lambda: page(bert, "bert.example").status_code == 200)
    assert set(bert.run("destroy")["changes"]) == {"delete"}
    assert bert.aws.client("dynamodb", member).list_tables()["TableNames"] == []
    assert site.list_buckets()["Buckets"] == []
    assert bert.aws.client("cognito-idp", member).list_user_pools(MaxResults=10)["UserPools"] == []
