"""How each type of the creator's program is found again, by what it was asked for with."""

from controlplane.vendors.aws_lookups import (
    Look,
    bucket,
    budget,
    certificates,
    controls,
    distributions,
    keys,
    listed,
    log_groups,
    named,
    permissions,
    pools,
    repeatable,
    rooms,
    secrets,
    subscriptions,
    topics,
    viewers,
    zones,
)

API = {"ApiId": "apiId"}
POOL = {"UserPoolId": "userPoolId"}
MAPPED = {"EventSourceArn": "eventSourceArn", "FunctionName": "functionName"}

# What a further call of the create does, and the object does not tell: taken in as not done, the next `up` does it.
UNTOLD: dict[str, dict[str, bool]] = {"cloudfront/function:Function": {"publish": False}}

FINDERS: dict[str, Look] = {
    "kms/key:Key": keys,
    "kms/alias:Alias": listed("kms", "list_aliases", "Aliases", same={"AliasName": "name"}, found="AliasName"),
    "iam/role:Role": named("iam", "get_role", {"RoleName": "name"}, "name"),
    "s3/bucket:Bucket": bucket,
    "cloudtrail/trail:Trail": named(
        "cloudtrail", "get_trail", {"Name": "name"}, lambda _m, _i, answer: str(answer["Trail"]["TrailARN"])
    ),
    "sns/topic:Topic": topics,
    "sns/topicSubscription:TopicSubscription": subscriptions,
    "budgets/budget:Budget": budget,
    "secretsmanager/secret:Secret": secrets,
    "cloudwatch/logGroup:LogGroup": log_groups,
    "lambda/function:Function": named("lambda", "get_function", {"FunctionName": "name"}, "name"),
    "lambda/permission:Permission": permissions,
    "lambda/eventSourceMapping:EventSourceMapping": listed(
        "lambda", "list_event_source_mappings", "EventSourceMappings", ask=MAPPED, same={}, found="UUID"
    ),
    "apigatewayv2/api:Api": listed("apigatewayv2", "get_apis", "Items", same={"Name": "name"}, found="ApiId"),
    "apigatewayv2/stage:Stage": named("apigatewayv2", "get_stage", {**API, "StageName": "name"}, "name"),
    "apigatewayv2/authorizer:Authorizer": listed(
        "apigatewayv2", "get_authorizers", "Items", ask=API, same={"Name": "name"}, found="AuthorizerId"
    ),
    "apigatewayv2/integration:Integration": listed(
        "apigatewayv2", "get_integrations", "Items", ask=API, same={"IntegrationUri": "integrationUri"},
        found="IntegrationId",
    ),
    "apigatewayv2/route:Route": listed(
        "apigatewayv2", "get_routes", "Items", ask=API, same={"RouteKey": "routeKey"}, found="RouteId"
    ),
    "cognito/userPool:UserPool": pools,
    "cognito/userPoolClient:UserPoolClient": listed(
        "cognito-idp", "list_user_pool_clients", "UserPoolClients", ask=POOL, same={"ClientName": "name"},
        found="ClientId",
    ),
    "cognito/userGroup:UserGroup": named(
        "cognito-idp", "get_group", {**POOL, "GroupName": "name"},
        lambda _m, inputs, _a: f"{inputs['userPoolId']}/{inputs['name']}",
    ),
    "dynamodb/table:Table": named("dynamodb", "describe_table", {"TableName": "name"}, "name"),
    "route53/zone:Zone": zones,
    "acm/certificate:Certificate": certificates,
    "cloudfront/originAccessControl:OriginAccessControl": controls,
    "cloudfront/function:Function": viewers,
    "cloudfront/distribution:Distribution": distributions,
    "ivs/recordingConfiguration:RecordingConfiguration": listed(
        "ivs", "list_recording_configurations", "recordingConfigurations", same={"name": "name"}, found="arn"
    ),
    "ivs/channel:Channel": listed("ivs", "list_channels", "channels", same={"name": "name"}, found="arn"),
    "ivschat/loggingConfiguration:LoggingConfiguration": rooms("list_logging_configurations", "loggingConfigurations"),
    "ivschat/room:Room": rooms("list_rooms", "rooms"),
    "sqs/queue:Queue": named(
        "sqs", "get_queue_url", {"QueueName": "name"}, lambda _m, _i, answer: str(answer["QueueUrl"])
    ),
    "sesv2/emailIdentity:EmailIdentity": named(
        "sesv2", "get_email_identity", {"EmailIdentity": "emailIdentity"}, "emailIdentity"
    ),
    "sesv2/configurationSet:ConfigurationSet": named(
        "sesv2", "get_configuration_set", {"ConfigurationSetName": "configurationSetName"}, "configurationSetName"
    ),
    "sesv2/configurationSetEventDestination:ConfigurationSetEventDestination": listed(
        "sesv2", "get_configuration_set_event_destinations", "EventDestinations",
        ask={"ConfigurationSetName": "configurationSetName"}, same={"Name": "eventDestinationName"},
        found=lambda _m, inputs, entry: f"{inputs['configurationSetName']}|{entry['Name']}",
    ),
    "backup/vault:Vault": named("backup", "describe_backup_vault", {"BackupVaultName": "name"}, "name"),
    "backup/plan:Plan": listed(
        "backup", "list_backup_plans", "BackupPlansList", same={"BackupPlanName": "name"}, found="BackupPlanId"
    ),
    "backup/selection:Selection": listed(
        "backup", "list_backup_selections", "BackupSelectionsList", ask={"BackupPlanId": "planId"},
        same={"SelectionName": "name"}, found="SelectionId",
    ),
    "kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": named(
        "firehose", "describe_delivery_stream", {"DeliveryStreamName": "name"},
        lambda _m, _i, answer: str(answer["DeliveryStreamDescription"]["DeliveryStreamARN"]),
    ),
    "appsync/api:Api": listed("appsync", "list_apis", "apis", same={"name": "name"}, found="apiId"),
    "appsync/channelNamespace:ChannelNamespace": named(
        "appsync", "get_channel_namespace", {"apiId": "apiId", "name": "name"},
        lambda _m, inputs, _a: f"{inputs['apiId']},{inputs['name']}",
    ),
    "appsync/apiKey:ApiKey": listed(
        "appsync", "list_api_keys", "apiKeys", ask={"apiId": "apiId"}, same={"description": "description"},
        found=lambda _m, inputs, entry: f"{inputs['apiId']}:{entry['id']}",
    ),
    # Written whole each time.
    **dict.fromkeys(
        (
            "s3/accountPublicAccessBlock:AccountPublicAccessBlock", "s3/bucketPolicy:BucketPolicy",
            "s3/bucketVersioning:BucketVersioning",
            "s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
            "s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
            "s3/bucketCorsConfiguration:BucketCorsConfiguration", "iam/accountPasswordPolicy:AccountPasswordPolicy",
            "iam/rolePolicy:RolePolicy", "cloudwatch/metricAlarm:MetricAlarm", "cloudwatch/dashboard:Dashboard",
            "cloudwatch/eventRule:EventRule", "cloudwatch/eventTarget:EventTarget", "appautoscaling/target:Target",
            "appautoscaling/policy:Policy", "route53/record:Record",
            "sesv2/emailIdentityMailFromAttributes:EmailIdentityMailFromAttributes",
        ),
        repeatable,
    ),
}  # fmt: skip
