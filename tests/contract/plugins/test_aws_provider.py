"""The AWS provider's own arguments: who it is, where it works, and what it puts on everything."""

import json
from collections.abc import Iterator

import grpc
import pytest

from sandbox.plugins.proto import provider_pb2
from sandbox.plugins.values import UNKNOWN as UNKNOWN_VALUE
from tests.contract.plugins import clouds
from tests.contract.plugins.client import UNKNOWN, CheckRefused, Doc, Object, Plugin, secret, struct
from tests.contract.plugins.examples.documents import code
from tests.contract.plugins.sts import Sts, token_service
from tests.contract.plugins.test_aws_lifecycle import config

BUCKET, QUEUE, TABLE = "aws:s3/bucket:Bucket", "aws:sqs/queue:Queue", "aws:dynamodb/table:Table"
KEYS = {"accessKey": "MASTER", "secretKey": secret("very-secret"), "region": "eu-central-1"}

TAGGED = {"tagsAll": {"product": "creator"}}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with clouds.moto(tmp_path_factory.mktemp("moto")) as url:
        yield url


@pytest.fixture(scope="module")
def aws(url: str) -> Iterator[Plugin]:
    plugin = Plugin("aws", config(url))
    yield plugin
    plugin.close()


@pytest.fixture
def sts() -> Iterator[Sts]:
    with token_service() as found:
        yield found


def caller(settings: Doc) -> Doc:
    plugin = Plugin("aws", settings)
    try:
        return plugin.invoke("aws:index/getCallerIdentity:getCallerIdentity", {})
    finally:
        plugin.close()


class TestIdentity:
    def test_roles_are_assumed_one_after_the_other(self, sts: Sts) -> None:
        first = {"roleArn": "arn:aws:iam::111122223333:role/broker", "sessionName": "run-1", "duration": "1h30m"}
        second = {
            "roleArn": "arn:aws:iam::444455556666:role/tenant",
            "externalId": "anna",
            "tags": {"tenant": "anna"},
            "transitiveTagKeys": ["tenant"],
        }
        roles = json.dumps([first, second])  # as the engine sends lists: as text
        who = caller({**KEYS, "endpoints": json.dumps([{"sts": sts.url}]), "assumeRoles": roles})
        broker, tenant, identity = sts.calls
        assert (broker["key"], broker["RoleSessionName"], broker["DurationSeconds"]) == ("MASTER", "run-1", "5400")
        assert (tenant["key"], tenant["ExternalId"]) == ("OF-broker", "anna")
        assert (tenant["Tags.member.1.Key"], tenant["TransitiveTagKeys.member.1"]) == ("tenant", "tenant")
        assert (identity["key"], who["userId"]) == ("OF-tenant", "OF-tenant")

    def test_another_account_is_refused_before_anything_else(self, sts: Sts) -> None:
        settings = {**KEYS, "endpoints": [{"sts": sts.url}], "allowedAccountIds": '["999900001111"]'}
        with pytest.raises(grpc.RpcError, match="AWS account ID not allowed: 111122223333") as refused:
            caller(settings)
        assert refused.value.code() is grpc.StatusCode.PERMISSION_DENIED
        assert "very-secret" not in str(refused.value)

    def test_the_right_account_is_not(self, sts: Sts) -> None:
        settings = {**KEYS, "endpoints": [{"sts": sts.url}], "allowedAccountIds": [sts.account]}
        assert caller(settings)["accountId"] == sts.account

    def test_unknown_credentials_do_not_fail_a_preview(self, url: str) -> None:
        plugin = Plugin("aws", {**config(url), "accessKey": UNKNOWN})
        try:
            assert plugin.preview(BUCKET, {"bucket": "cr-later"})["bucket"] == "cr-later"
            with pytest.raises(grpc.RpcError, match="not configured, or with values not known yet"):
                plugin.create(BUCKET, {"bucket": "cr-later"})
        finally:
            plugin.close()


class TestFunctions:
    def test_region_and_partition(self, aws: Plugin) -> None:
        assert aws.invoke("aws:index/getRegion:getRegion", {})["region"] == "eu-central-1"
        assert aws.invoke("aws:index/getPartition:getPartition", {})["partition"] == "aws"

    def test_an_unknown_function_is_named(self, aws: Plugin) -> None:
        with pytest.raises(grpc.RpcError, match="no function 'aws:ec2/getVpc:getVpc'"):
            aws.invoke("aws:ec2/getVpc:getVpc", {})

    def test_an_unknown_argument_is_named(self, aws: Plugin) -> None:
        with pytest.raises(CheckRefused, match="nearby"):
            aws.invoke("aws:index/getRegion:getRegion", {"nearby": True})

    def test_unknown_arguments_ask_nobody(self, aws: Plugin) -> None:
        assert aws.invoke("aws:ivs/getStreamKey:getStreamKey", {"channelArn": UNKNOWN_VALUE}) == {}


class TestTags:
    def test_default_tags_are_on_the_object_and_not_in_its_own(self, aws: Plugin) -> None:
        queue = aws.create(QUEUE, {"name": "tagged", "tags": {"module": "news"}})
        assert queue.plain["tags"] == {"module": "news"}
        assert queue.plain["tagsAll"] == {"module": "news", "product": "creator"}

    def test_a_changed_default_is_a_change_of_every_object(self, aws: Plugin, url: str) -> None:
        queue = aws.create(QUEUE, {"name": "retagged"})
        other = Plugin(
            "aws", {**config(url), "defaultTags": json.dumps({"tags": {"product": "creator", "tier": "small"}})}
        )
        try:
            assert other.changed(queue, {"name": "retagged"}) == ["tagsAll"]
            queue = other.update(queue, {"name": "retagged"})
            assert queue.plain["tagsAll"] == {"product": "creator", "tier": "small"}
            assert other.changed(queue, {"name": "retagged"}) == []
        finally:
            other.close()

    def test_a_tag_that_somebody_added_is_drift(self, aws: Plugin) -> None:
        queue = aws.create(QUEUE, {"name": "drifting"})
        changed = aws.update(queue, {"name": "drifting", "tags": {"by": "hand"}})
        assert changed.plain["tags"] == {"by": "hand"}
        assert aws.drift(queue) == ["tags"]


class TestObjects:
    def test_a_resource_can_live_in_another_region(self, aws: Plugin) -> None:
        queue = aws.create(QUEUE, {"name": "abroad", "region": "us-east-1"})
        assert ":us-east-1:" in queue.plain["arn"]
        assert list(aws.diff(queue, {"name": "abroad", "region": "eu-west-1"}).replaces) == ["region"]
        assert aws.changed(queue, {"name": "abroad"}) == [], "without an argument it stays where it is"

    def test_a_name_is_made_once(self, aws: Plugin) -> None:
        bucket = aws.create(BUCKET, {}, name="logs")
        assert bucket.id == "logs-0101010"
        assert aws.check(bucket, {}, seed=b"\x02" * 32)["bucket"] == bucket.id

    def test_a_taken_name_is_refused(self, aws: Plugin) -> None:
        aws.create(BUCKET, {"bucket": "cr-taken"})
        with pytest.raises(grpc.RpcError, match="BucketAlreadyOwnedByYou") as refused:
            aws.create(BUCKET, {"bucket": "cr-taken"})
        assert refused.value.code() is grpc.StatusCode.ALREADY_EXISTS

    def test_an_existing_object_is_imported(self, aws: Plugin) -> None:
        aws.create(QUEUE, {"name": "adopted", "visibilityTimeoutSeconds": 99, "tags": {"a": "1"}})
        url = aws.create(QUEUE, {"name": "other"}).id.replace("other", "adopted")
        found = aws.imported(QUEUE, url)
        assert found is not None
        assert found.inputs["visibilityTimeoutSeconds"] == 99
        assert found.inputs["tags"] == {"a": "1"}
        assert aws.changed(found, {"name": "adopted", "visibilityTimeoutSeconds": 99, "tags": {"a": "1"}}) == []

    def test_what_was_made_half_is_finished_by_the_next_update(self, aws: Plugin) -> None:
        broken = {"bucket": "cr-half", "tags": {"aws:reserved": "x"}}
        with pytest.raises(grpc.RpcError) as failed:
            aws.create(BUCKET, broken)
        detail = dict(failed.value.trailing_metadata())["grpc-status-details-bin"]
        partial = provider_pb2.ErrorResourceInitFailed()
        assert b"ErrorResourceInitFailed" in detail
        partial.ParseFromString(detail[detail.index(b"\n\x07cr-half") :])
        assert partial.id == "cr-half"
        left = Object(BUCKET, "half", "cr-half", broken, {"bucket": "cr-half", "__unfinished": True})
        healed = aws.update(left, {"bucket": "cr-half", "tags": {"module": "site"}})
        assert healed.plain["tagsAll"] == {"module": "site", "product": "creator"}
        assert aws.drift(healed) == []

    def test_a_refused_create_leaves_nothing(self, aws: Plugin) -> None:
        wrong = {
            "name": "t",
            "hashKey": "id",
            "attributes": [{"name": "other", "type": "S"}],
            "billingMode": "PAY_PER_REQUEST",
        }
        with pytest.raises(grpc.RpcError, match="create_table") as refused:
            aws.create(TABLE, wrong)
        assert refused.value.code() is grpc.StatusCode.FAILED_PRECONDITION
        assert aws.imported(TABLE, "t") is None


class TestChecks:
    def test_what_the_table_does_not_know_is_named(self, aws: Plugin) -> None:
        with pytest.raises(CheckRefused) as refused:
            aws.create(BUCKET, {"bucket": "b", "acl": "private", "versioning": {"enabled": True}})
        assert set(refused.value.failures) == {"acl", "versioning"}
        with pytest.raises(grpc.RpcError, match="no resource type 'aws:ec2/vpc:Vpc'"):
            aws.create("aws:ec2/vpc:Vpc", {})

    def test_nested_properties_and_types_are_checked(self, aws: Plugin) -> None:
        index = {"name": "i", "projectionType": "SOME", "colour": "red"}
        with pytest.raises(CheckRefused) as refused:
            aws.create(TABLE, {"hashKey": "id", "readCapacity": "many", "globalSecondaryIndexes": [index]})
        assert set(refused.value.failures) == {
            "readCapacity",
            "globalSecondaryIndexes[0].projectionType",
            "globalSecondaryIndexes[0].colour",
        }

    def test_policies_have_to_be_json(self, aws: Plugin) -> None:
        with pytest.raises(CheckRefused, match="JSON"):
            aws.create("aws:s3/bucketPolicy:BucketPolicy", {"bucket": "b", "policy": "not json"})

    def test_equal_policies_are_no_change(self, aws: Plugin) -> None:
        document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole"}]}
        role = Object("aws:iam/role:Role", "r", "r", {"name": "r", "assumeRolePolicy": json.dumps(document)}, TAGGED)
        assert aws.changed(role, {"name": "r", "assumeRolePolicy": json.dumps(document, indent=2)}) == []

    def test_code_is_compared_by_its_hash(self, aws: Plugin) -> None:
        common = {"name": "f", "role": "r"}
        function = Object("aws:lambda/function:Function", "f", "f", {**common, "code": code("1")}, TAGGED)
        assert aws.changed(function, {**common, "code": {**code("2"), "hash": "1"}}) == []
        assert aws.changed(function, {**common, "code": code("2")}) == ["code"]

    def test_secrets_stay_secret_through_check(self, aws: Plugin) -> None:
        function = {"role": "r", "environment": {"variables": {"KEY": secret("hush")}}}
        inputs = aws.check(Object("aws:lambda/function:Function", "f"), function)
        assert inputs["environment"]["variables"]["KEY"] == secret("hush")
        assert struct(inputs)
