"""A distribution serves the site: bucket behind origin access control, API on the same host, functions, aliases."""

import json
from dataclasses import dataclass
from typing import Any

import boto3
import httpx
import pytest

from sandbox.dns.table import DnsTable, Record
from sandbox.kit.store import Store
from tests.contract.aws.code import allow, document, function, open_to_gateway, role
from tests.contract.aws.conftest import Aws

VIEWER = """
function handler(event) {
  var request = event.request, host = request.headers.host.value;
  if (host.indexOf('www.') === 0) {
    var target = 'https://' + host.slice(4) + request.uri;
    return {statusCode: 301, statusDescription: 'Moved', headers: {location: {value: target}}};
  }
  if (request.uri.indexOf('.') === -1) { request.uri = '/index.html'; }
  return request;
}
"""
NAMES = ["site.example", "www.site.example"]
CLOSED = "function handler(event) { return {statusCode: 503, statusDescription: 'Paused', body: 'paused'}; }"
CACHED, UNCACHED = "658327ea-f89d-4fab-a63d-7e88639e58f6", "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_VIEWER = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
ECHO = 'def handler(e, c): return {"statusCode": 200, "body": e["routeKey"] + " " + e["headers"].get("x-own", "")}'


@dataclass
class Site:
    aws: Aws
    member: boto3.Session
    id: str
    host: str
    bucket: str
    viewer: str

    def get(self, path: str, host: str = "", **more: Any) -> httpx.Response:
        label = host or f"{self.host.partition('.')[0]}.cloudfront.localhost:{self.aws.port}"
        return httpx.get(self.aws.url + path, headers={"host": label, **more})


@pytest.fixture(scope="module")
def site(aws: Aws) -> Site:
    account = aws.new_account()
    member = aws.assume(account)
    bucket = make_bucket(aws, member, account)
    api = make_api(aws, member)
    cloudfront = aws.client("cloudfront", member)
    viewer = make_function(cloudfront, "viewer", VIEWER)
    access = cloudfront.create_origin_access_control(OriginAccessControlConfig={
        "Name": "site", "SigningProtocol": "sigv4", "SigningBehavior": "always", "OriginAccessControlOriginType": "s3",
    })["OriginAccessControl"]["Id"]  # fmt: skip
    wanted = config(bucket, access, api, viewer)
    with pytest.raises(cloudfront.exceptions.InvalidViewerCertificate):  # nobody gets a name without its certificate
        cloudfront.create_distribution(DistributionConfig=wanted)
    wanted["ViewerCertificate"] = {
        "ACMCertificateArn": certificate(aws, member, NAMES), "SSLSupportMethod": "sni-only",
        "MinimumProtocolVersion": "TLSv1.2_2021",
    }  # fmt: skip
    made = cloudfront.create_distribution(DistributionConfig=wanted)["Distribution"]
    condition = {"StringEquals": {"AWS:SourceArn": made["ARN"]}}
    opened = allow("s3:GetObject", f"arn:aws:s3:::{bucket}/*", Condition=condition)
    policy = document(opened | {"Principal": {"Service": "cloudfront.amazonaws.com"}})
    aws.client("s3", member).put_bucket_policy(Bucket=bucket, Policy=policy)
    return Site(aws, member, made["Id"], made["DomainName"], bucket, viewer)


def certificate(aws: Aws, member: boto3.Session, names: list[str]) -> str:
    acm, dns = aws.client("acm", member, "us-east-1"), DnsTable(Store(aws.folder / "dns" / "state.sqlite"))
    asked = acm.request_certificate(DomainName=names[0], SubjectAlternativeNames=names, ValidationMethod="DNS")
    found = acm.describe_certificate(CertificateArn=asked["CertificateArn"])["Certificate"]
    for option in found["DomainValidationOptions"]:
        record = option["ResourceRecord"]
        dns.publish(Record(record["Name"].rstrip("."), "CNAME", record["Value"].rstrip(".")))
    found = acm.describe_certificate(CertificateArn=asked["CertificateArn"])["Certificate"]
    assert found["Status"] == "ISSUED"
    return str(found["CertificateArn"])


def make_bucket(aws: Aws, member: boto3.Session, account: str) -> str:
    s3, bucket = aws.client("s3", member), f"cr-site-{account}-site"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    for key, body, kind in (("index.html", b"<h1>home</h1>", "text/html"), ("assets/a.css", b"a{}", "text/css")):
        s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType=kind, Metadata={"release": "sha1"})
    return bucket


def make_api(aws: Aws, member: boto3.Session) -> str:
    arn = function(aws, member, "echo", ECHO, role(aws, member, "echo"))
    open_to_gateway(aws, member, "echo")
    gateway = aws.client("apigatewayv2", member)
    api = gateway.create_api(Name="creator", ProtocolType="HTTP")
    gateway.create_stage(ApiId=api["ApiId"], StageName="api", AutoDeploy=True)
    target = gateway.create_integration(
        ApiId=api["ApiId"], IntegrationType="AWS_PROXY", IntegrationUri=arn, PayloadFormatVersion="2.0"
    )["IntegrationId"]
    gateway.create_route(ApiId=api["ApiId"], RouteKey="GET /health", Target=f"integrations/{target}")
    return str(api["ApiEndpoint"].rpartition("/")[2])


def make_function(cloudfront: Any, name: str, code: str) -> str:
    settings = {"Comment": name, "Runtime": "cloudfront-js-2.0"}
    made = cloudfront.create_function(Name=name, FunctionConfig=settings, FunctionCode=code.encode())
    cloudfront.publish_function(Name=name, IfMatch=made["ETag"])
    return str(made["FunctionSummary"]["FunctionMetadata"]["FunctionARN"])


def config(bucket: str, access: str, api: str, viewer: str) -> dict[str, Any]:
    custom = {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "https-only"}
    origins = [
        {"Id": "site", "DomainName": f"{bucket}.s3.eu-central-1.amazonaws.com", "OriginAccessControlId": access,
         "S3OriginConfig": {"OriginAccessIdentity": ""}},
        {"Id": "api", "DomainName": api, "CustomOriginConfig": custom},
    ]  # fmt: skip
    methods = ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]
    behaviour = {
        "PathPattern": "/api/*", "TargetOriginId": "api", "ViewerProtocolPolicy": "https-only",
        "CachePolicyId": UNCACHED, "OriginRequestPolicyId": ALL_VIEWER,
        "AllowedMethods": {"Quantity": 7, "Items": methods},
    }  # fmt: skip
    functions = {"Quantity": 1, "Items": [{"FunctionARN": viewer, "EventType": "viewer-request"}]}
    missing = {"ErrorCode": 403, "ResponsePagePath": "/index.html", "ResponseCode": "200", "ErrorCachingMinTTL": 0}
    return {
        "CallerReference": bucket, "Comment": "", "Enabled": True, "DefaultRootObject": "index.html",
        "Aliases": {"Quantity": 2, "Items": NAMES},
        "Origins": {"Quantity": 2, "Items": origins},
        "DefaultCacheBehavior": {
            "TargetOriginId": "site", "ViewerProtocolPolicy": "redirect-to-https", "CachePolicyId": CACHED,
            "FunctionAssociations": functions,
        },
        "CacheBehaviors": {"Quantity": 1, "Items": [behaviour]},
        "CustomErrorResponses": {"Quantity": 1, "Items": [missing]},
    }  # fmt: skip


class TestDelivery:
    def test_index_assets_and_deep_links(self, site: Site) -> None:
        for path in ("/", "/events/7"):
            answer = site.get(path)
            assert (answer.status_code, answer.text) == (200, "<h1>home</h1>")
            assert answer.headers["x-amz-meta-release"] == "sha1"
        assert site.get("/assets/a.css").headers["content-type"] == "text/css"
        assert site.get("/assets/missing.css").text == "<h1>home</h1>"

    def test_a_name_belongs_to_one_distribution_in_the_world(self, site: Site) -> None:
        account = site.aws.new_account()
        other = site.aws.assume(account)
        cloudfront = site.aws.client("cloudfront", other)
        wanted = config(make_bucket(site.aws, other, account), "", "api.example", site.viewer)
        arn = certificate(site.aws, other, NAMES)
        wanted["ViewerCertificate"] = {"ACMCertificateArn": arn, "SSLSupportMethod": "sni-only"}
        with pytest.raises(cloudfront.exceptions.CNAMEAlreadyExists):
            cloudfront.create_distribution(DistributionConfig=wanted)
        dns = DnsTable(Store(site.aws.folder / "dns" / "state.sqlite"))
        assert [record.value for record in dns.lookup(site.host, "A")] == ["127.0.0.1"]

    def test_an_alias_is_served_and_www_leads_to_the_apex(self, site: Site) -> None:
        assert site.get("/", host="site.example").text == "<h1>home</h1>"
        moved = site.get("/shop", host="www.site.example")
        assert (moved.status_code, moved.headers["location"]) == (301, "https://site.example/shop")

    def test_the_api_answers_on_the_same_host(self, site: Site) -> None:
        answer = site.get("/api/health", host="site.example", **{"x-own": "kept"})
        assert (answer.status_code, answer.text) == (200, "GET /health kept")

    def test_http_is_redirected(self, site: Site) -> None:
        answer = site.get("/", host="site.example", **{"x-forwarded-proto": "http"})
        assert (answer.status_code, answer.headers["location"]) == (301, "https://site.example/")

    def test_the_bucket_itself_is_closed(self, site: Site) -> None:
        assert httpx.get(f"{site.aws.url}/{site.bucket}/index.html").status_code == 403

    def test_a_suspended_site_says_so(self, site: Site) -> None:
        cloudfront = site.aws.client("cloudfront", site.member)
        found = cloudfront.describe_function(Name="viewer", Stage="DEVELOPMENT")
        settings = {"Comment": "viewer", "Runtime": "cloudfront-js-2.0"}
        changed = cloudfront.update_function(
            Name="viewer", IfMatch=found["ETag"], FunctionConfig=settings, FunctionCode=CLOSED.encode()
        )
        cloudfront.publish_function(Name="viewer", IfMatch=changed["ETag"])
        assert (site.get("/").status_code, site.get("/").text) == (503, "paused")

    def test_another_bucket_policy_closes_the_origin(self, aws: Aws, site: Site) -> None:
        s3 = aws.client("s3", site.member)
        before = s3.get_bucket_policy(Bucket=site.bucket)["Policy"]
        other = json.loads(before)
        other["Statement"][0]["Condition"]["StringEquals"]["AWS:SourceArn"] += "X"
        s3.put_bucket_policy(Bucket=site.bucket, Policy=json.dumps(other))
        assert site.get("/assets/a.css").status_code in {403, 503}
        s3.put_bucket_policy(Bucket=site.bucket, Policy=before)


class TestWebsite:
    def test_a_public_bucket_is_a_website(self, aws: Aws, account: str, member: boto3.Session) -> None:
        s3, bucket = aws.client("s3", member), f"cr-www-{account}"
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        s3.put_bucket_website(Bucket=bucket, WebsiteConfiguration={
            "IndexDocument": {"Suffix": "index.html"}, "ErrorDocument": {"Key": "404.html"},
        })  # fmt: skip
        for key in ("index.html", "404.html"):
            s3.put_object(Bucket=bucket, Key=key, Body=key.encode(), ContentType="text/html")
        host = {"host": f"{bucket}.s3-website.eu-central-1.localhost:{aws.port}"}
        assert httpx.get(aws.url, headers=host).status_code == 403
        opened = allow("s3:GetObject", f"arn:aws:s3:::{bucket}/*", Principal="*")
        s3.put_bucket_policy(Bucket=bucket, Policy=document(opened))
        assert httpx.get(aws.url, headers=host).text == "index.html"
        missing = httpx.get(f"{aws.url}/nothing", headers=host)
        assert (missing.status_code, missing.text) == (404, "404.html")
        assert httpx.get(f"{aws.url}/{bucket}/index.html").text == "index.html"
