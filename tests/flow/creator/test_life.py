"""From live to paused, back, and gone."""

import httpx
import pytest

from sandbox.dns.table import DnsTable, Record
from sandbox.kit.store import Store
from tests.contract.aws.conftest import until
from tests.flow.creator.conftest import MODULES, Creator, Outside, make
from tests.flow.creator.exercised import exercised, until_needed
from tests.flow.creator.isolation import neither_reaches_the_other

FEW = {name: MODULES[name] for name in ("s3-website", "user-auth", "monitoring", "newsletter")}
FEW |= {"backup": {"multi_region": True}}
SENDER = "mail.bert.example"
BOUNCING = "bounce@simulator.amazonses.com"


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory, outside: Outside) -> Creator:
    return make(outside, tmp_path_factory.mktemp("life"), "bert", FEW, tier="large")


def page(creator: Creator, host: str) -> httpx.Response:
    return httpx.get(f"{creator.aws.url}/", headers={"host": host}, trust_env=False)


def proved(creator: Creator) -> None:
    """The records of the certificate, as somebody adds them by hand; without them no distribution takes the names."""
    dns, outputs = DnsTable(Store(creator.aws.folder / "dns" / "state.sqlite")), creator.report["outputs"]
    for record in outputs["validation_records"]:
        dns.publish(Record(record["name"].rstrip("."), record["type"], record["value"].rstrip(".")))
    acm = creator.aws.client("acm", creator.member(), region="us-east-1")
    wanted = {"CertificateArn": outputs["certificate_arn"]}
    assert until(lambda: acm.describe_certificate(**wanted)["Certificate"]["Status"] == "ISSUED")


def copied_to_another_region(bert: Creator) -> None:
    near, far = (bert.aws.client("backup", bert.member(), region=region) for region in ("eu-central-1", "eu-west-1"))
    [plan] = near.list_backup_plans()["BackupPlansList"]
    [vault] = far.list_backup_vaults()["BackupVaultList"]
    rules = near.get_backup_plan(BackupPlanId=plan["BackupPlanId"])["BackupPlan"]["Rules"]
    assert {rule["RuleName"] for rule in rules} == {"nightly", "weekly"}
    for rule in rules:
        [copy] = rule["CopyActions"]
        assert copy["DestinationBackupVaultArn"] == vault["BackupVaultArn"]
        assert copy["Lifecycle"]["DeleteAfterDays"] == rule["Lifecycle"]["DeleteAfterDays"]


def who_cannot_be_reached_gets_no_more(bert: Creator) -> None:
    """From SES over the topic to the function, with its own rights, and none that it does not need."""
    ses = bert.aws.client("sesv2", bert.member())
    dns = DnsTable(Store(bert.aws.folder / "dns" / "state.sqlite"))
    for token in ses.get_email_identity(EmailIdentity=SENDER)["DkimAttributes"]["Tokens"]:
        dns.publish(Record(f"{token}._domainkey.{SENDER}", "CNAME", f"{token}.dkim.amazonses.com"))
    assert bert.call("POST", "/newsletter/subscribe", json={"email": BOUNCING}).status_code == 202
    subscribers = bert.aws.client("dynamodb", bert.member())

    def state() -> str:
        found = subscribers.get_item(TableName="creator-subscribers", Key={"email": {"S": BOUNCING}})["Item"]
        return str(found["status"]["S"])

    assert until(lambda: state() == "bounced")
    assert until_needed(bert, ["creator-newsletter-feedback"]) == {}
    by = {on for action, on in exercised(bert, "newsletter") if action == "ses:SendEmail"}
    assert {on.rsplit(":", 1)[1] for on in by} == {f"identity/{SENDER}", "configuration-set/creator"}


def the_large_tier_scales(bert: Creator) -> None:
    scaled = bert.aws.client("application-autoscaling", bert.member())
    targets = scaled.describe_scalable_targets(ServiceNamespace="dynamodb")["ScalableTargets"]
    assert {(each["ResourceId"].split("/")[1], each["MinCapacity"]) for each in targets} == {("creator-users", 5)}
    assert len(targets) == 6


def test_a_creator_goes_live_pauses_comes_back_and_leaves(bert: Creator, creator: Creator) -> None:
    member = bert.member()
    neither_reaches_the_other(creator, bert)
    the_large_tier_scales(bert)
    site = bert.aws.client("s3", member)
    site.put_object(Bucket=bert.report["outputs"]["site_bucket"], Key="index.html", Body=b"<h1>Bert</h1>")

    proved(bert)
    ses = {"own_mail": SENDER, "mail_transport": "ses", "quotas": {"ses_production": True}}
    assert set(bert.run("up", dns_phase="live", **ses)["changes"]) == {"same", "update", "create"}
    found = page(bert, "bert.example")
    assert found.status_code == 200, (found.status_code, found.text, dict(found.headers))
    assert "Bert" in page(bert, "bert.example").text
    assert page(bert, "www.bert.example").headers["location"] == "https://bert.example/"

    copied_to_another_region(bert)
    who_cannot_be_reached_gets_no_more(bert)

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
