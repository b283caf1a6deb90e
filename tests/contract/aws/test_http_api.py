"""A function behind an HTTP API, called through HTTP: routes, the JWT authorizer, isolation of what it may do."""

import json
from dataclasses import dataclass
from typing import Any

import boto3
import httpx
import pytest

from tests.contract.aws.code import function, open_to_gateway, role
from tests.contract.aws.conftest import Aws

ECHO = """
import json
def handler(event, context):
    claims = event["requestContext"].get("authorizer", {}).get("jwt", {}).get("claims")
    found = {"route": event["routeKey"], "claims": claims}
    found |= {"body": event.get("body"), "path": event.get("pathParameters"), "raw": event["rawPath"]}
    return {"statusCode": 201, "headers": {"x-own": "yes"}, "cookies": ["rt=1; HttpOnly"], "body": json.dumps(found)}
"""


@dataclass
class Site:
    aws: Aws
    member: boto3.Session
    api: str
    access: str
    identity: str

    def call(self, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {"host": f"{self.api}.execute-api.localhost:{self.aws.port}", **more.pop("headers", {})}
        return httpx.request(method, f"{self.aws.url}/api{path}", headers=headers, **more)


@pytest.fixture(scope="module")
def site(aws: Aws) -> Site:
    account = aws.new_account()
    member = aws.assume(account)
    arn = function(aws, member, "echo", ECHO, role(aws, member, "echo"))
    open_to_gateway(aws, member, "echo")
    pool, client, access, identity = sign_up(aws, member)
    gateway = aws.client("apigatewayv2", member)
    api = gateway.create_api(Name="creator", ProtocolType="HTTP")["ApiId"]
    gateway.create_stage(ApiId=api, StageName="api", AutoDeploy=True)
    target = gateway.create_integration(
        ApiId=api, IntegrationType="AWS_PROXY", IntegrationUri=arn, PayloadFormatVersion="2.0"
    )["IntegrationId"]
    issuer = f"https://cognito-idp.eu-central-1.amazonaws.com/{pool}"
    authorizer = gateway.create_authorizer(
        ApiId=api, AuthorizerType="JWT", Name="jwt", IdentitySource=["$request.header.Authorization"],
        JwtConfiguration={"Audience": [client], "Issuer": issuer},
    )["AuthorizerId"]  # fmt: skip
    for key, rule in (
        ("GET /open/{id}", {}),
        ("POST /open", {}),
        ("GET /me", {"AuthorizationType": "JWT", "AuthorizerId": authorizer}),
    ):
        gateway.create_route(ApiId=api, RouteKey=key, Target=f"integrations/{target}", **rule)
    return Site(aws, member, api, access, identity)


def sign_up(aws: Aws, member: boto3.Session) -> tuple[str, str, str, str]:
    cognito = aws.client("cognito-idp", member)
    pool = cognito.create_user_pool(PoolName="users", UsernameAttributes=["email"])["UserPool"]["Id"]
    flows = ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    client = cognito.create_user_pool_client(UserPoolId=pool, ClientName="web", ExplicitAuthFlows=flows)
    id, name = client["UserPoolClient"]["ClientId"], "viewer@site.example"
    cognito.admin_create_user(UserPoolId=pool, Username=name, MessageAction="SUPPRESS")
    cognito.admin_set_user_password(UserPoolId=pool, Username=name, Password="Correct-Horse-1", Permanent=True)
    tokens = cognito.admin_initiate_auth(
        UserPoolId=pool, ClientId=id, AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": name, "PASSWORD": "Correct-Horse-1"},
    )["AuthenticationResult"]  # fmt: skip
    return pool, id, tokens["AccessToken"], tokens["IdToken"]


class TestRoutes:
    def test_the_handler_really_runs(self, site: Site) -> None:
        answer = site.call("GET", "/open/7")
        assert (answer.status_code, answer.headers["x-own"], answer.cookies["rt"]) == (201, "yes", "1")
        wanted = {"route": "GET /open/{id}", "claims": None, "body": None, "path": {"id": "7"}, "raw": "/api/open/7"}
        assert answer.json() == wanted

    def test_a_body_arrives(self, site: Site) -> None:
        assert json.loads(site.call("POST", "/open", json={"a": "ü"}).json()["body"]) == {"a": "ü"}

    def test_other_paths_and_methods_are_not_found(self, site: Site) -> None:
        assert site.call("GET", "/elsewhere").status_code == 404
        assert site.call("DELETE", "/open").status_code == 404

    def test_the_path_form_needs_no_host(self, site: Site) -> None:
        answer = httpx.get(f"{site.aws.url}/_aws/execute-api/{site.api}/api/open/7")
        assert answer.json()["route"] == "GET /open/{id}"

    def test_an_unknown_api_is_not_found(self, site: Site) -> None:
        assert httpx.get(f"{site.aws.url}/_aws/execute-api/00000000/api/open/7").status_code == 404


class TestPermission:
    def test_a_function_has_to_let_the_api_in(self, site: Site) -> None:
        client = site.aws.client("lambda", site.member)
        client.remove_permission(FunctionName="echo", StatementId="api")
        assert site.call("GET", "/open/7").status_code == 500
        other = "arn:aws:execute-api:eu-central-1:111122223333:other/*"
        permission = {
            "FunctionName": "echo",
            "Action": "lambda:InvokeFunction",
            "Principal": "apigateway.amazonaws.com",
        }
        client.add_permission(**permission, StatementId="other", SourceArn=other)
        assert site.call("GET", "/open/7").status_code == 500
        account = site.aws.client("sts", site.member).get_caller_identity()["Account"]
        own = f"arn:aws:execute-api:eu-central-1:{account}:{site.api}/*/*"
        client.add_permission(**permission, StatementId="api", SourceArn=own, SourceAccount=account)
        assert site.call("GET", "/open/7").status_code == 201


class TestTokens:
    def test_a_token_of_the_pool_opens_the_route(self, site: Site) -> None:
        answer = site.call("GET", "/me", headers={"authorization": f"Bearer {site.access}"})
        assert answer.status_code == 201
        assert answer.json()["claims"]["token_use"] == "access"

    @pytest.mark.parametrize("header", ["", "Bearer {}", "Bearer x.y.z"])
    def test_anything_else_is_unauthorized(self, site: Site, header: str) -> None:
        tampered = f"{site.access[:-4]}AAAA"
        assert site.call("GET", "/me", headers={"authorization": header.format(tampered)}).status_code == 401

    def test_a_token_of_another_account_is_unauthorized(self, site: Site, aws: Aws) -> None:
        other = sign_up(aws, aws.assume(aws.new_account()))
        assert site.call("GET", "/me", headers={"authorization": f"Bearer {other[2]}"}).status_code == 401
