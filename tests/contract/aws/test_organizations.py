"""Account creation that takes its time, its failures, the tree, policies, and closing."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.contract.aws.conftest import ADMIN, Aws, until


@pytest.fixture
def settings(aws: Aws) -> Iterator[Any]:
    yield lambda **wanted: aws.sim("PATCH", "/settings", json=wanted).raise_for_status()
    aws.sim("DELETE", "/settings").raise_for_status()


@pytest.fixture(scope="module")
def organizations(aws: Aws) -> Any:
    return aws.client("organizations")


def create(organizations: Any, email: str) -> Any:
    return organizations.create_account(Email=email, AccountName="creator")["CreateAccountStatus"]


def describe(organizations: Any, id: str) -> Any:
    return organizations.describe_create_account_status(CreateAccountRequestId=id)["CreateAccountStatus"]


def settled(organizations: Any, id: str) -> Any:
    def look() -> dict[str, Any] | None:
        found = describe(organizations, id)
        return found if found["State"] != "IN_PROGRESS" else None

    found = until(look)
    assert found
    return found


def reason(caught: pytest.ExceptionInfo[ClientError]) -> str:
    return str(caught.value.response.get("Reason"))


class TestCreation:
    def test_it_goes_from_in_progress_to_an_account_with_its_role(self, aws: Aws, organizations: Any) -> None:
        request = create(organizations, "aws+first@platform.example")
        assert request["State"] == "IN_PROGRESS"
        assert request["Id"].startswith("car-")
        found = settled(organizations, request["Id"])
        account = organizations.describe_account(AccountId=found["AccountId"])["Account"]
        assert (account["State"], account["Status"], account["Email"]) == (
            "ACTIVE",
            "ACTIVE",
            "aws+first@platform.example",
        )
        parents = organizations.list_parents(ChildId=account["Id"])["Parents"]
        assert parents[0]["Type"] == "ROOT"
        role = aws.client("iam", aws.assume(account["Id"])).get_role(RoleName=ADMIN)["Role"]
        assert role["RoleName"] == ADMIN

    def test_it_waits_for_the_emulated_clock(self, aws: Aws, organizations: Any, settings: Any) -> None:
        settings(account_seconds=600)
        request = create(organizations, "aws+slow@platform.example")["Id"]
        assert describe(organizations, request)["State"] == "IN_PROGRESS"
        aws.sim("POST", "/clock/advance", json={"seconds": 601}).raise_for_status()
        assert settled(organizations, request)["State"] == "SUCCEEDED"

    def test_an_email_serves_once(self, organizations: Any) -> None:
        first = settled(organizations, create(organizations, "aws+twice@platform.example")["Id"])
        second = settled(organizations, create(organizations, "AWS+twice@platform.example")["Id"])
        assert (second["State"], second["FailureReason"]) == ("FAILED", "EMAIL_ALREADY_EXISTS")
        listed = {found["Email"]: found["Id"] for found in accounts(organizations)}
        assert listed["aws+twice@platform.example"] == first["AccountId"]

    def test_the_number_of_accounts_is_limited(self, organizations: Any, settings: Any) -> None:
        settings(account_limit=len(accounts(organizations)) - 1)
        found = settled(organizations, create(organizations, "aws+toomany@platform.example")["Id"])
        assert (found["State"], found["FailureReason"]) == ("FAILED", "ACCOUNT_LIMIT_EXCEEDED")

    def test_a_day_has_its_limit_and_the_next_day_a_new_one(self, aws: Aws, organizations: Any, settings: Any) -> None:
        settings(accounts_per_day=0)
        with pytest.raises(ClientError, match="ConstraintViolationException") as caught:
            create(organizations, "aws+daily@platform.example")
        assert reason(caught) == "ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED"

    def test_too_many_at_once_are_refused(self, organizations: Any, settings: Any) -> None:
        settings(account_seconds=3600, creations_in_flight=1)
        request = create(organizations, "aws+flight1@platform.example")["Id"]
        with pytest.raises(ClientError, match="TooManyRequestsException"):
            create(organizations, "aws+flight2@platform.example")
        assert describe(organizations, request)["State"] == "IN_PROGRESS"

    def test_writes_need_a_pause(self, organizations: Any, settings: Any) -> None:
        settings(write_spacing_seconds=3600, creations_in_flight=99)
        with pytest.raises(ClientError, match="ConcurrentModificationException"):
            create(organizations, "aws+spacing@platform.example")

    def test_a_failure_can_be_asked_for(self, organizations: Any, settings: Any) -> None:
        settings(failure_reason="INTERNAL_FAILURE", creations_in_flight=99)
        found = settled(organizations, create(organizations, "aws+failing@platform.example")["Id"])
        assert found["FailureReason"] == "INTERNAL_FAILURE"
        failed = organizations.list_create_account_status(States=["FAILED"])["CreateAccountStatuses"]
        assert found["Id"] in {status["Id"] for status in failed}

    @pytest.mark.parametrize("email", ["x@example", "not-an-address", "two words@platform.example"])
    def test_addresses_are_checked(self, organizations: Any, email: str) -> None:
        with pytest.raises(ClientError, match="InvalidInputException"):
            create(organizations, email)

    def test_a_member_may_not(self, aws: Aws, member: Any) -> None:
        with pytest.raises(ClientError, match="AccessDeniedException"):
            aws.client("organizations", member).list_accounts()


def accounts(organizations: Any) -> list[dict[str, Any]]:
    pages = organizations.get_paginator("list_accounts").paginate(PaginationConfig={"PageSize": 3})
    return [found for page in pages for found in page["Accounts"]]


class TestTree:
    def test_units_and_moves(self, organizations: Any, account: str) -> None:
        root = organizations.list_roots()["Roots"][0]["Id"]
        unit = organizations.create_organizational_unit(ParentId=root, Name="Pool")["OrganizationalUnit"]
        with pytest.raises(ClientError, match="DuplicateOrganizationalUnitException"):
            organizations.create_organizational_unit(ParentId=root, Name="Pool")
        organizations.move_account(AccountId=account, SourceParentId=root, DestinationParentId=unit["Id"])
        assert organizations.list_parents(ChildId=account)["Parents"] == [
            {"Id": unit["Id"], "Type": "ORGANIZATIONAL_UNIT"}
        ]
        assert [a["Id"] for a in organizations.list_accounts_for_parent(ParentId=unit["Id"])["Accounts"]] == [account]
        with pytest.raises(ClientError, match="OrganizationalUnitNotEmptyException"):
            organizations.delete_organizational_unit(OrganizationalUnitId=unit["Id"])
        with pytest.raises(ClientError, match="DuplicateAccountException"):
            organizations.move_account(AccountId=account, SourceParentId=root, DestinationParentId=unit["Id"])
        organizations.move_account(AccountId=account, SourceParentId=unit["Id"], DestinationParentId=root)
        organizations.delete_organizational_unit(OrganizationalUnitId=unit["Id"])
        units = organizations.list_organizational_units_for_parent(ParentId=root)["OrganizationalUnits"]
        assert unit["Id"] not in {found["Id"] for found in units}

    def test_policies_are_listed_where_they_hang(self, organizations: Any, account: str) -> None:
        kind = "SERVICE_CONTROL_POLICY"
        names = {p["Name"] for p in organizations.list_policies_for_target(TargetId=account, Filter=kind)["Policies"]}
        assert names == {"FullAWSAccess"}
        made = organizations.create_policy(
            Name="guard",
            Description="d",
            Type=kind,
            Content='{"Statement":[{"Effect":"Deny","Action":"ec2:*","Resource":"*"}]}',
        )["Policy"]["PolicySummary"]["Id"]
        organizations.attach_policy(PolicyId=made, TargetId=account)
        assert [t["TargetId"] for t in organizations.list_targets_for_policy(PolicyId=made)["Targets"]] == [account]
        with pytest.raises(ClientError, match="PolicyInUseException"):
            organizations.delete_policy(PolicyId=made)
        organizations.detach_policy(PolicyId=made, TargetId=account)
        organizations.delete_policy(PolicyId=made)
        with pytest.raises(ClientError, match="PolicyNotFoundException"):
            organizations.describe_policy(PolicyId=made)
        with pytest.raises(ClientError, match="ConstraintViolation"):
            organizations.detach_policy(PolicyId="p-FullAWSAccess", TargetId=account)

    def test_tags(self, organizations: Any, account: str) -> None:
        organizations.tag_resource(ResourceId=account, Tags=[{"Key": "tenant", "Value": "t1"}])
        assert organizations.list_tags_for_resource(ResourceId=account)["Tags"] == [{"Key": "tenant", "Value": "t1"}]
        organizations.untag_resource(ResourceId=account, TagKeys=["tenant"])
        assert organizations.list_tags_for_resource(ResourceId=account)["Tags"] == []


class TestClosing:
    def test_a_closed_account_is_out_of_reach(self, aws: Aws, organizations: Any, settings: Any) -> None:
        settings(close_seconds=3600)
        account = aws.new_account()
        session = aws.assume(account)
        organizations.close_account(AccountId=account)
        found = organizations.describe_account(AccountId=account)["Account"]
        assert (found["State"], found["Status"]) == ("PENDING_CLOSURE", "PENDING_CLOSURE")
        aws.sim("POST", "/clock/advance", json={"seconds": 3601}).raise_for_status()
        assert until(lambda: organizations.describe_account(AccountId=account)["Account"]["State"] == "CLOSED")
        assert organizations.describe_account(AccountId=account)["Account"]["Status"] == "SUSPENDED"
        with pytest.raises(ClientError, match="AccountAlreadyClosedException"):
            organizations.close_account(AccountId=account)
        with pytest.raises(ClientError, match="AccessDenied"):
            aws.client("sqs", session).list_queues()
        with pytest.raises(ClientError, match="AccessDenied"):
            aws.assume(account)

    def test_quotas(self, aws: Aws, organizations: Any, settings: Any) -> None:
        settings(closings_in_flight=1, close_seconds=3600)
        first, second = aws.new_account(), aws.new_account()
        organizations.close_account(AccountId=first)
        with pytest.raises(ClientError, match="ConstraintViolation") as caught:
            organizations.close_account(AccountId=second)
        assert reason(caught) == "CLOSE_ACCOUNT_REQUESTS_LIMIT_EXCEEDED"
        settings(closings_in_flight=9, close_quota=1)
        with pytest.raises(ClientError, match="ConstraintViolation") as caught:
            organizations.close_account(AccountId=second)
        assert reason(caught) == "CLOSE_ACCOUNT_QUOTA_EXCEEDED"

    def test_the_management_account_stays(self, organizations: Any) -> None:
        with pytest.raises(ClientError, match="ConstraintViolation"):
            organizations.close_account(AccountId="100000000001")


class TestReadiness:
    def test_services_of_a_new_account_come_one_after_the_other(self, aws: Aws, settings: Any) -> None:
        settings(readiness={"s3": 100, "dynamodb": 200, "ivs": 300})
        session = aws.assume(aws.new_account())
        with pytest.raises(ClientError, match="NotSignedUp"):
            aws.client("s3", session).list_buckets()
        with pytest.raises(ClientError, match="SubscriptionRequired"):
            aws.client("dynamodb", session).list_tables()
        with pytest.raises(ClientError, match="OptInRequired"):
            aws.client("ivs", session).list_channels()
        aws.sim("POST", "/clock/advance", json={"seconds": 150}).raise_for_status()
        assert "Buckets" in aws.client("s3", session).list_buckets()
        with pytest.raises(ClientError, match="SubscriptionRequired"):
            aws.client("dynamodb", session).list_tables()

    def test_cloudfront_may_want_to_verify(self, aws: Aws, settings: Any) -> None:
        account = aws.new_account()
        settings(cloudfront_unverified=[account])
        with pytest.raises(ClientError, match="must be verified"):
            aws.client("cloudfront", aws.assume(account)).create_distribution(DistributionConfig=distribution())


def distribution() -> dict[str, Any]:
    origin = {"Id": "o", "DomainName": "b.s3.amazonaws.com", "S3OriginConfig": {"OriginAccessIdentity": ""}}
    return {
        "CallerReference": "x", "Comment": "", "Enabled": False, "Origins": {"Quantity": 1, "Items": [origin]},
        "DefaultCacheBehavior": {"TargetOriginId": "o", "ViewerProtocolPolicy": "allow-all"},
    }  # fmt: skip
