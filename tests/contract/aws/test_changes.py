"""What a change of a creator's stack does to things that are there already: tags, groups, stages, alarms, keys."""

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.contract.aws.conftest import Aws

MODES: list[dict[str, Any]] = [{"authType": "API_KEY"}]
EVENTS = {
    "authProviders": MODES,
    "connectionAuthModes": MODES,
    "defaultPublishAuthModes": MODES,
    "defaultSubscribeAuthModes": MODES,
}
SCALED = {
    "ServiceNamespace": "dynamodb",
    "ResourceId": "table/messages",
    "ScalableDimension": "dynamodb:table:ReadCapacityUnits",
}


@pytest.fixture(scope="module")
def api(aws: Aws, member: boto3.Session) -> dict[str, Any]:
    appsync = aws.client("appsync", member)
    found: dict[str, Any] = appsync.create_api(name="live", eventConfig=EVENTS, tags={"tenant": "t1"})["api"]
    return found


class TestEventApis:
    def test_tags_of_the_api_and_of_a_namespace(self, aws: Aws, member: boto3.Session, api: dict[str, Any]) -> None:
        appsync = aws.client("appsync", member)
        namespace = appsync.create_channel_namespace(apiId=api["apiId"], name="polls")["channelNamespace"]
        for arn in (api["apiArn"], namespace["channelNamespaceArn"]):
            appsync.tag_resource(resourceArn=arn, tags={"release": "2"})
            assert appsync.list_tags_for_resource(resourceArn=arn)["tags"]["release"] == "2"
        appsync.untag_resource(resourceArn=api["apiArn"], tagKeys=["release"])
        assert appsync.get_api(apiId=api["apiId"])["api"]["tags"] == {"tenant": "t1"}
        with pytest.raises(ClientError, match="NotFoundException"):
            appsync.tag_resource(resourceArn=f"{api['apiArn']}x", tags={"release": "2"})

    def test_a_key_is_prolonged_to_the_full_hour(self, aws: Aws, member: boto3.Session, api: dict[str, Any]) -> None:
        appsync, where = aws.client("appsync", member), {"apiId": api["apiId"]}
        key = appsync.create_api_key(**where)["apiKey"]
        later = key["expires"] + 86_400
        changed = appsync.update_api_key(**where, id=key["id"], description="viewers", expires=later)["apiKey"]
        assert (changed["description"], changed["expires"]) == ("viewers", later - later % 3600)
        assert appsync.list_api_keys(**where)["apiKeys"] == [changed]
        with pytest.raises(ClientError, match="NotFoundException"):
            appsync.update_api_key(**where, id="da2-none", expires=later)


def test_an_alarm_over_several_metrics_is_described_as_it_was_put(aws: Aws, member: boto3.Session) -> None:
    watch = aws.client("cloudwatch", member)
    metric = {"Namespace": "AWS/ApiGateway", "MetricName": "5xx", "Dimensions": [{"Name": "ApiId", "Value": "a1"}]}
    share = [
        {"Id": "share", "Expression": "100 * errors / calls", "Label": "share of errors", "ReturnData": True},
        {"Id": "errors", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}, "ReturnData": False},
        {"Id": "calls", "MetricStat": {"Metric": {**metric, "MetricName": "Count"}, "Period": 60, "Stat": "Sum"},
         "ReturnData": False},
    ]  # fmt: skip
    rule = {"AlarmName": "api-5xx", "ComparisonOperator": "GreaterThanThreshold", "EvaluationPeriods": 3}
    watch.put_metric_alarm(**rule, Threshold=2, Metrics=share)
    found = watch.describe_alarms(AlarmNames=["api-5xx"])["MetricAlarms"][0]
    assert found["Metrics"] == share
    assert {"MetricName", "Statistic", "Period", "Dimensions"}.isdisjoint(found)
    watch.set_alarm_state(AlarmName="api-5xx", StateValue="ALARM", StateReason="test")
    assert watch.describe_alarms(AlarmNames=["api-5xx"])["MetricAlarms"][0]["StateValue"] == "ALARM"
    watch.put_metric_alarm(**rule, Threshold=5, Namespace="N", MetricName="M", Statistic="Sum", Period=60)
    assert "Metrics" not in watch.describe_alarms(AlarmNames=["api-5xx"])["MetricAlarms"][0]


def test_a_group_changes_only_where_it_is_told_to(aws: Aws, member: boto3.Session) -> None:
    cognito = aws.client("cognito-idp", member)
    pool = cognito.create_user_pool(PoolName="changing")["UserPool"]["Id"]
    group = {"UserPoolId": pool, "GroupName": "premium"}
    cognito.create_group(**group, Description="paying", Precedence=5)
    changed = cognito.update_group(**group, Precedence=3)["Group"]
    assert (changed["Description"], changed["Precedence"]) == ("paying", 3)
    assert cognito.get_group(**group)["Group"]["Precedence"] == 3
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        cognito.update_group(UserPoolId=pool, GroupName="none", Precedence=3)


def test_settings_of_a_stage_are_taken_away_and_the_stage_stays(aws: Aws, member: boto3.Session) -> None:
    logs, gateway = aws.client("logs", member), aws.client("apigatewayv2", member)
    logs.create_log_group(logGroupName="/creator/access")
    arn = logs.describe_log_groups(logGroupNamePrefix="/creator/access")["logGroups"][0]["arn"]
    stage = {"ApiId": gateway.create_api(Name="changing", ProtocolType="HTTP")["ApiId"], "StageName": "api"}
    slow = {"ThrottlingBurstLimit": 1, "ThrottlingRateLimit": 1.0}
    gateway.create_stage(
        **stage, AutoDeploy=True, AccessLogSettings={"DestinationArn": arn, "Format": "$context.requestId"},
        RouteSettings={"POST /auth/login": slow, "GET /me": slow},
    )  # fmt: skip
    gateway.delete_access_log_settings(**stage)
    gateway.delete_route_settings(**stage, RouteKey="POST /auth/login")
    found = gateway.get_stage(**stage)
    assert "AccessLogSettings" not in found
    assert set(found["RouteSettings"]) == {"GET /me"}
    with pytest.raises(ClientError, match="NotFoundException"):
        gateway.delete_route_settings(**stage, RouteKey="POST /auth/login")


def test_tags_of_a_scalable_target(aws: Aws, member: boto3.Session) -> None:
    scaling = aws.client("application-autoscaling", member)
    target = scaling.register_scalable_target(**SCALED, MinCapacity=5, MaxCapacity=40, Tags={"a": "1"})
    arn = target["ScalableTargetARN"]
    scaling.tag_resource(ResourceARN=arn, Tags={"b": "2"})
    scaling.untag_resource(ResourceARN=arn, TagKeys=["a"])
    assert scaling.list_tags_for_resource(ResourceARN=arn)["Tags"] == {"b": "2"}
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        scaling.tag_resource(ResourceARN=f"{arn}0", Tags={"b": "2"})


def test_tags_of_a_cost_monitor(aws: Aws, member: boto3.Session) -> None:
    costs = aws.client("ce")
    monitor = {"MonitorName": "tagged", "MonitorType": "DIMENSIONAL", "MonitorDimension": "SERVICE"}
    tags = [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "1"}]
    arn = costs.create_anomaly_monitor(AnomalyMonitor=monitor, ResourceTags=tags)["MonitorArn"]
    costs.tag_resource(ResourceArn=arn, ResourceTags=[{"Key": "b", "Value": "2"}])
    costs.untag_resource(ResourceArn=arn, ResourceTagKeys=["a"])
    assert costs.list_tags_for_resource(ResourceArn=arn)["ResourceTags"] == [{"Key": "b", "Value": "2"}]
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        aws.client("ce", member).tag_resource(ResourceArn=arn, ResourceTags=tags)
