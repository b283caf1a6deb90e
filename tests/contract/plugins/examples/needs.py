"""What the examples need around them, by the name they use for it."""

from tests.contract.plugins.client import Doc
from tests.contract.plugins.examples.documents import AUTHORIZED, DENY, code, trail_policy, trust

NEEDS: dict[str, tuple[str, Doc]] = {
    "role": ("iam/role:Role", {"name": "needed", "assumeRolePolicy": trust("lambda.amazonaws.com")}),
    "bucket": ("s3/bucket:Bucket", {"bucket": "needed-bucket"}),
    "key": ("kms/key:Key", {"description": "needed"}),
    "other-key": ("kms/key:Key", {"description": "needed too"}),
    "topic": ("sns/topic:Topic", {"name": "needed"}),
    "queue": ("sqs/queue:Queue", {"name": "needed"}),
    "rule": ("cloudwatch/eventRule:EventRule", {"name": "needed", "scheduleExpression": "rate(5 minutes)"}),
    "zone": ("route53/zone:Zone", {"name": "needed.example"}),
    "api": ("apigatewayv2/api:Api", {"name": "needed", "protocolType": "HTTP"}),
    "integration": (
        "apigatewayv2/integration:Integration",
        {
            "apiId": "<api>",
            "integrationType": "AWS_PROXY",
            "integrationUri": "<function.arn>",
            "payloadFormatVersion": "2.0",
        },
    ),
    "function": (
        "lambda/function:Function",
        {"name": "needed", "role": "<role.arn>", "runtime": "python3.13", "handler": "main.handler", "code": code("1")},
    ),
    "pool": ("cognito/userPool:UserPool", {"name": "needed"}),
    "control": (
        "cloudfront/originAccessControl:OriginAccessControl",
        {
            "name": "needed",
            "originAccessControlOriginType": "s3",
            "signingBehavior": "always",
            "signingProtocol": "sigv4",
        },
    ),
    "recording": (
        "ivs/recordingConfiguration:RecordingConfiguration",
        {"name": "needed", "destinationConfiguration": {"s3": {"bucketName": "<bucket>"}}},
    ),
    "logging": (
        "ivschat/loggingConfiguration:LoggingConfiguration",
        {"name": "needed", "destinationConfiguration": {"cloudwatchLogs": {"logGroupName": "<group>"}}},
    ),
    "identity": ("sesv2/emailIdentity:EmailIdentity", {"emailIdentity": "needed.example"}),
    "set": ("sesv2/configurationSet:ConfigurationSet", {"configurationSetName": "needed"}),
    "vault": ("backup/vault:Vault", {"name": "needed"}),
    "plan": ("backup/plan:Plan", {"name": "needed", "rules": [{"ruleName": "r", "targetVaultName": "<vault>"}]}),
    "logs": ("s3/bucketPolicy:BucketPolicy", {"bucket": "<bucket>", "policy": trail_policy("needed-bucket")}),
    "monitor": (
        "costexplorer/anomalyMonitor:AnomalyMonitor",
        {"name": "needed", "monitorType": "DIMENSIONAL", "monitorDimension": "SERVICE"},
    ),
    "table": (
        "dynamodb/table:Table",
        {
            "name": "needed",
            "hashKey": "id",
            "attributes": [{"name": "id", "type": "S"}],
            "readCapacity": 5,
            "writeCapacity": 5,
        },
    ),
    "target": (
        "appautoscaling/target:Target",
        {
            "serviceNamespace": "dynamodb",
            "scalableDimension": "dynamodb:table:ReadCapacityUnits",
            "resourceId": "table/<table>",
            "minCapacity": 5,
            "maxCapacity": 10,
        },
    ),
    "events": ("appsync/api:Api", {"name": "needed", "eventConfig": AUTHORIZED}),
    "policy": ("organizations/policy:Policy", {"name": "needed", "content": DENY}),
    "unit": ("organizations/organizationalUnit:OrganizationalUnit", {"name": "Needed", "parentId": "<root>"}),
    "group": ("cloudwatch/logGroup:LogGroup", {"name": "/needed"}),
}
