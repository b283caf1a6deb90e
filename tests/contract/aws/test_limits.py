"""Quotas, costs, contacts, the account's public access block, autoscaling: what no other emulator answers."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.contract.aws.code import function, role
from tests.contract.aws.conftest import Aws, until

LAMBDA = {"ServiceCode": "lambda", "QuotaCode": "L-B99A9384"}


class TestQuotas:
    def test_concurrency_has_to_be_asked_for(self, aws: Aws) -> None:
        aws.sim("PATCH", "/settings", json={"lambda_quota": 10}).raise_for_status()
        member = aws.assume(aws.new_account())
        quotas, client = aws.client("service-quotas", member), aws.client("lambda", member)
        assert client.get_account_settings()["AccountLimit"]["ConcurrentExecutions"] == 10
        function(aws, member, "auth", "def handler(e, c): return 1", role(aws, member, "auth"))
        with pytest.raises(ClientError, match="below its minimum value"):
            client.put_function_concurrency(FunctionName="auth", ReservedConcurrentExecutions=5)
        request = quotas.request_service_quota_increase(**LAMBDA, DesiredValue=320)["RequestedQuota"]
        assert request["Status"] == "PENDING"
        with pytest.raises(ClientError, match="ResourceAlreadyExistsException"):
            quotas.request_service_quota_increase(**LAMBDA, DesiredValue=400)

        def state() -> Any:
            return quotas.get_requested_service_quota_change(RequestId=request["Id"])["RequestedQuota"]["Status"]

        assert until(lambda: state() == "APPROVED")
        assert quotas.get_service_quota(**LAMBDA)["Quota"]["Value"] == 320
        client.put_function_concurrency(FunctionName="auth", ReservedConcurrentExecutions=50)
        assert client.get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"] == 270
        aws.sim("DELETE", "/settings").raise_for_status()

    def test_unknown_quotas_are_unknown(self, aws: Aws, member: boto3.Session) -> None:
        with pytest.raises(ClientError, match="NoSuchResourceException"):
            aws.client("service-quotas", member).get_service_quota(ServiceCode="lambda", QuotaCode="L-0")


class TestCosts:
    def test_the_platform_sees_every_account_by_service(self, aws: Aws) -> None:
        account = aws.new_account()
        day = datetime.now(UTC).date()
        wanted = {"account": account, "days": {str(day): {"Amazon IVS": 12.5, "AmazonCloudFront": 1.25}}}
        aws.sim("POST", "/costs", json=wanted).raise_for_status()
        aws.sim("POST", "/clock/advance", json={"seconds": 2 * 86400}).raise_for_status()
        found = usage(aws.client("ce"), str(day), str(day + timedelta(days=1)), account)
        assert found == {(account, "Amazon IVS"): 12.5, (account, "AmazonCloudFront"): 1.25}
        idle = usage(aws.client("ce"), str(day + timedelta(days=1)), str(day + timedelta(days=2)), account)
        before = usage(aws.client("ce"), "2020-01-01", "2020-01-05", account)
        assert before == {}
        assert all(0 <= amount < 1 for amount in idle.values())

    def test_hours_of_streams_are_billed_by_the_emulated_clock(self, aws: Aws) -> None:
        account = aws.new_account()
        streams = aws.client("ivs", aws.assume(account))
        channel = streams.create_channel(name="live", type="BASIC")["channel"]["arn"]
        day = datetime.fromisoformat(aws.sim("GET", "/clock").json()["now"]).date()
        aws.sim("POST", "/streams", json={"channel": channel}).raise_for_status()
        aws.sim("POST", "/clock/advance", json={"seconds": 3 * 86400}).raise_for_status()
        found = usage(aws.client("ce"), str(day + timedelta(days=1)), str(day + timedelta(days=2)), account)
        assert found[account, "Amazon Interactive Video Service"] == pytest.approx(24 * 0.20)
        aws.sim("POST", "/streams", json={"channel": channel, "live": False}).raise_for_status()

    def test_monitors(self, aws: Aws) -> None:
        ce = aws.client("ce")
        monitor = ce.create_anomaly_monitor(
            AnomalyMonitor={"MonitorName": "accounts", "MonitorType": "DIMENSIONAL", "MonitorDimension": "SERVICE"}
        )["MonitorArn"]
        subscription = ce.create_anomaly_subscription(AnomalySubscription={
            "MonitorArnList": [monitor], "Frequency": "DAILY", "SubscriptionName": "s",
            "Subscribers": [{"Address": "ops@platform.example", "Type": "EMAIL"}], "Threshold": 20.0,
        })["SubscriptionArn"]  # fmt: skip
        assert [m["MonitorName"] for m in ce.get_anomaly_monitors(MonitorArnList=[monitor])["AnomalyMonitors"]] == [
            "accounts"
        ]
        ce.delete_anomaly_subscription(SubscriptionArn=subscription)
        ce.delete_anomaly_monitor(MonitorArn=monitor)
        with pytest.raises(ClientError, match="UnknownMonitorException"):
            ce.get_anomaly_monitors(MonitorArnList=[monitor])


def usage(ce: Any, start: str, end: str, account: str) -> dict[tuple[str, str], float]:
    found = ce.get_cost_and_usage(
        TimePeriod={"Start": start, "End": end}, Granularity="DAILY", Metrics=["UnblendedCost"],
        GroupBy=[{"Type": "DIMENSION", "Key": "LINKED_ACCOUNT"}, {"Type": "DIMENSION", "Key": "SERVICE"}],
        Filter={"Dimensions": {"Key": "LINKED_ACCOUNT", "Values": [account]}},
    )["ResultsByTime"]  # fmt: skip
    groups = [group for day in found for group in day["Groups"]]
    return {tuple(group["Keys"]): float(group["Metrics"]["UnblendedCost"]["Amount"]) for group in groups}


class TestSettings:
    def test_contacts(self, aws: Aws, account: str, member: boto3.Session) -> None:
        contact = {"Name": "Ops", "Title": "Team", "EmailAddress": "ops@platform.example", "PhoneNumber": "+490000",
                   "AlternateContactType": "OPERATIONS"}  # fmt: skip
        aws.client("account").put_alternate_contact(AccountId=account, **contact)
        own = aws.client("account", member)
        assert own.get_alternate_contact(AlternateContactType="OPERATIONS")["AlternateContact"] == contact
        with pytest.raises(ClientError, match="ResourceNotFoundException"):
            own.get_alternate_contact(AlternateContactType="BILLING")
        with pytest.raises(ClientError, match="AccessDeniedException"):
            own.put_alternate_contact(AccountId="100000000001", **contact)

    def test_public_access_block(self, aws: Aws, account: str, member: boto3.Session) -> None:
        control = aws.client("s3control", member)

        def without_account(request: Any, **_: Any) -> None:
            request.url = request.url.replace(f"//{account}.", "//")  # the SDK puts it before an address, too

        control.meta.events.register("before-sign.s3-control", without_account)
        with pytest.raises(ClientError, match="NoSuchPublicAccessBlockConfiguration"):
            control.get_public_access_block(AccountId=account)
        names = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
        wanted = dict.fromkeys(names, True)
        control.put_public_access_block(AccountId=account, PublicAccessBlockConfiguration=wanted)
        assert control.get_public_access_block(AccountId=account)["PublicAccessBlockConfiguration"] == wanted
        control.delete_public_access_block(AccountId=account)

    def test_autoscaling(self, aws: Aws, member: boto3.Session) -> None:
        client = aws.client("application-autoscaling", member)
        key = {
            "ServiceNamespace": "dynamodb",
            "ResourceId": "table/limited",
            "ScalableDimension": "dynamodb:table:ReadCapacityUnits",
        }
        metric = {"PredefinedMetricType": "DynamoDBReadCapacityUtilization"}
        policy = {"TargetValue": 70.0, "PredefinedMetricSpecification": metric}
        with pytest.raises(ClientError, match="ObjectNotFoundException"):
            client.put_scaling_policy(PolicyName="r", PolicyType="TargetTrackingScaling", **key)
        client.register_scalable_target(**key, MinCapacity=5, MaxCapacity=400, Tags={"a": "b"})
        client.put_scaling_policy(
            PolicyName="r", PolicyType="TargetTrackingScaling", TargetTrackingScalingPolicyConfiguration=policy, **key
        )
        target = client.describe_scalable_targets(ServiceNamespace="dynamodb", ResourceIds=["table/limited"])
        target = target["ScalableTargets"][0]
        assert (target["MinCapacity"], target["MaxCapacity"]) == (5, 400)
        assert client.list_tags_for_resource(ResourceARN=target["ScalableTargetARN"])["Tags"] == {"a": "b"}
        policies = partial(client.describe_scaling_policies, ServiceNamespace="dynamodb", ResourceId="table/limited")
        assert policies()["ScalingPolicies"][0]["TargetTrackingScalingPolicyConfiguration"] == policy
        client.deregister_scalable_target(**key)
        assert policies()["ScalingPolicies"] == []
