"""A small creator account on AWS: some of each service, tied together by outputs."""

import json
from typing import Any

import pulumi
import pulumi_aws as aws


def program(settings: dict[str, Any], version: int) -> None:
    provider = aws.Provider(
        "creator",
        region="eu-central-1",
        access_key=settings["access_key"],
        secret_key=pulumi.Output.secret(settings["secret_key"]),
        assume_roles=[
            aws.ProviderAssumeRoleArgs(role_arn=settings["role"], session_name="program", external_id="tenant-1")
        ],
        allowed_account_ids=[settings["account"]],
        default_tags=aws.ProviderDefaultTagsArgs(tags={"product": "creator", "version": str(version)}),
        endpoints=[aws.ProviderEndpointArgs(**dict.fromkeys(settings["services"], settings["url"]))],
        s3_use_path_style=True,
    )
    own = pulumi.ResourceOptions(provider=provider)
    who = aws.get_caller_identity_output(opts=pulumi.InvokeOptions(provider=provider))
    key = baseline(version, own)
    table = data(version, key, own)
    endpoint = api(settings, version, key, table, own)
    channel = aws.ivs.Channel("channel", name="live", type="BASIC", latency_mode="LOW", opts=own)
    stream = aws.ivs.get_stream_key_output(channel_arn=channel.arn, opts=pulumi.InvokeOptions(provider=provider))
    pulumi.export("account", who.account_id)
    pulumi.export("api", endpoint)
    pulumi.export("stream_key", pulumi.Output.secret(stream.value))


def baseline(version: int, own: pulumi.ResourceOptions) -> aws.kms.Key:
    key = aws.kms.Key("key", description="data", enable_key_rotation=True, deletion_window_in_days=7, opts=own)
    aws.kms.Alias("alias", name="alias/creator", target_key_id=key.key_id, opts=own)
    aws.s3.AccountPublicAccessBlock("block", block_public_acls=True, block_public_policy=True, opts=own)
    bucket = aws.s3.Bucket("site", bucket="cr-program-site", opts=own)
    status = "Enabled" if version == 1 else "Suspended"
    configuration = aws.s3.BucketVersioningVersioningConfigurationArgs(status=status)
    aws.s3.BucketVersioning("versions", bucket=bucket.bucket, versioning_configuration=configuration, opts=own)
    topic = aws.sns.Topic("alarms", name="alarms", kms_master_key_id=key.key_id, region="eu-central-1", opts=own)
    queue = aws.sqs.Queue("news", name="news", visibility_timeout_seconds=60 * version, opts=own)
    aws.sns.TopicSubscription("sub", topic=topic.arn, protocol="sqs", endpoint=queue.arn, opts=own)
    aws.cloudwatch.MetricAlarm(
        "errors", name="errors", namespace="AWS/Lambda", metric_name="Errors", statistic="Sum", period=300, threshold=5,
        evaluation_periods=version, comparison_operator="GreaterThanThreshold", alarm_actions=[topic.arn], opts=own,
    )  # fmt: skip
    return key


def data(version: int, key: aws.kms.Key, own: pulumi.ResourceOptions) -> aws.dynamodb.Table:
    schema = aws.dynamodb.TableGlobalSecondaryIndexKeySchemaArgs(attribute_name="email", key_type="HASH")
    index = aws.dynamodb.TableGlobalSecondaryIndexArgs(name="email-index", key_schemas=[schema], projection_type="ALL")
    return aws.dynamodb.Table(
        "users",
        name="creator-users",
        hash_key="userId",
        attributes=[
            aws.dynamodb.TableAttributeArgs(name="userId", type="S"),
            aws.dynamodb.TableAttributeArgs(name="email", type="S"),
        ],
        billing_mode="PAY_PER_REQUEST",
        global_secondary_indexes=[index],
        point_in_time_recovery=aws.dynamodb.TablePointInTimeRecoveryArgs(enabled=version == 2),
        server_side_encryption=aws.dynamodb.TableServerSideEncryptionArgs(enabled=True, kms_key_arn=key.arn),
        opts=own,
    )


def api(
    settings: dict[str, Any], version: int, key: Any, table: Any, own: pulumi.ResourceOptions
) -> pulumi.Output[str]:
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = aws.iam.Role("role", name="creator-auth", assume_role_policy=policy(trust), opts=own)
    statement = {"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": table.arn}
    aws.iam.RolePolicy(
        "inline",
        name="inline",
        role=role.name,
        policy=pulumi.Output.all(statement).apply(lambda s: policy(*s)),
        opts=own,
    )
    group = aws.cloudwatch.LogGroup("log", name="/aws/lambda/auth", retention_in_days=14, kms_key_id=key.arn, opts=own)
    code = f"def handler(event, context):\n    return {version}\n"
    function = aws.lambda_.Function(
        "auth",
        name="auth",
        role=role.arn,
        runtime="python3.13",
        handler="main.handler",
        architectures=["arm64"],
        code=pulumi.AssetArchive({"main.py": pulumi.StringAsset(code)}),
        environment=aws.lambda_.FunctionEnvironmentArgs(variables={"PEPPER": pulumi.Output.secret(settings["secret"])}),
        logging_config=aws.lambda_.FunctionLoggingConfigArgs(log_format="JSON", log_group=group.name),
        opts=own,
    )
    gateway = aws.apigatewayv2.Api("api", name="creator", protocol_type="HTTP", opts=own)
    integration = aws.apigatewayv2.Integration(
        "auth", api_id=gateway.id, integration_type="AWS_PROXY", integration_uri=function.arn,
        payload_format_version="2.0", timeout_milliseconds=10000 * version, opts=own,
    )  # fmt: skip
    target = integration.id.apply(lambda id: f"integrations/{id}")
    aws.apigatewayv2.Route("login", api_id=gateway.id, route_key="POST /auth/login", target=target, opts=own)
    return gateway.api_endpoint


def policy(*statements: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
