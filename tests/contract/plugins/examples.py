"""One example of every AWS resource type: how it begins, how it changes, and which emulator knows it."""

import json
import re
from dataclasses import dataclass, field
from typing import Any

from sandbox.plugins.values import ARCHIVE, ASSET, SIGNATURE
from tests.contract.plugins.client import Doc, Object, Plugin

ACCOUNT, REGION = "123456789012", "eu-central-1"
MOTO, SANDBOX = "moto", "sandbox"
_MARK = re.compile(r"<([a-z-]+(?:\.\w+)?)>")


@dataclass
class World:
    """Makes, once, what an example needs around it."""

    plugin: Plugin
    given: dict[str, str] = field(default_factory=dict)  # what no resource makes: the root of the organization
    made: dict[str, Object] = field(default_factory=dict)

    def need(self, name: str) -> Object:
        if name not in self.made:
            type, inputs = NEEDS[name]
            self.made[name] = self.plugin.create(f"aws:{type}", self.fill(inputs), name=name)
        return self.made[name]

    def look(self, path: str) -> str:
        """`role.arn`: an output of something needed; `role` alone is its id."""
        name, _, output = path.partition(".")
        if name in self.given:
            return self.given[name]
        object = self.need(name)
        return str(object.plain[output]) if output else object.id

    def fill(self, value: Any) -> Any:
        """Put what `<role.arn>` stands for into its place."""
        if isinstance(value, dict):
            return {key: self.fill(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.fill(item) for item in value]
        return _MARK.sub(lambda mark: self.look(mark.group(1)), value) if isinstance(value, str) else value


@dataclass(frozen=True)
class Example:
    type: str
    first: Doc
    second: Doc | None = None  # None: every property is fixed at birth
    on: str = MOTO
    why: str = ""  # why it is not on moto
    stays: bool = False  # a setting of something else: after its deletion there is a default to read

    @property
    def token(self) -> str:
        return f"aws:{self.type}"


def policy(*actions: str, principal: Doc | str = "*") -> str:
    statement = {"Effect": "Allow", "Principal": principal, "Action": list(actions), "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def trust(service: str) -> str:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def inline(*actions: str) -> str:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def trail_policy(bucket: str) -> str:
    """What CloudTrail asks of its bucket."""
    principal = {"Service": "cloudtrail.amazonaws.com"}
    resources = {"s3:GetBucketAcl": f"arn:aws:s3:::{bucket}", "s3:PutObject": f"arn:aws:s3:::{bucket}/AWSLogs/*"}
    statements = [
        {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": resource}
        for action, resource in resources.items()
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


DENY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Deny", "Action": "organizations:LeaveOrganization", "Resource": "*"}],
    }
)
AUTHORIZED = {
    "authProviders": [{"authType": "AWS_IAM"}, {"authType": "API_KEY"}],
    "connectionAuthModes": [{"authType": "API_KEY"}],
    "defaultPublishAuthModes": [{"authType": "AWS_IAM"}],
    "defaultSubscribeAuthModes": [{"authType": "API_KEY"}],
}


def code(hash: str) -> Doc:
    """An archive of one small text asset, as the SDK sends it."""
    text = f"def handler(event, context):\n    return {hash}\n"
    return {SIGNATURE: ARCHIVE, "hash": hash, "assets": {"main.py": {SIGNATURE: ASSET, "hash": hash, "text": text}}}


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


STORAGE = [
    Example(
        "s3/bucket:Bucket",
        {"bucket": "cr-anna-site", "forceDestroy": True, "tags": {"module": "site"}},
        {"bucket": "cr-anna-site", "forceDestroy": True, "tags": {"module": "web", "tier": "small"}},
    ),
    Example(
        "s3/bucketPolicy:BucketPolicy",
        {"bucket": "<bucket>", "policy": policy("s3:GetObject")},
        {"bucket": "<bucket>", "policy": policy("s3:GetObject", "s3:ListBucket")},
    ),
    Example(
        "s3/bucketVersioning:BucketVersioning",
        {"bucket": "<bucket>", "versioningConfiguration": {"status": "Enabled"}},
        {"bucket": "<bucket>", "versioningConfiguration": {"status": "Suspended"}},
        stays=True,
    ),
    Example(
        "s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        {
            "bucket": "<bucket>",
            "rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}],
        },
        {
            "bucket": "<bucket>",
            "rules": [
                {
                    "applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": "<key.arn>"},
                    "bucketKeyEnabled": True,
                }
            ],
        },
        stays=True,
    ),
    Example(
        "s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        {
            "bucket": "<bucket>",
            "rules": [
                {"id": "old", "status": "Enabled", "expiration": {"days": 30}, "filter": {"prefix": "exports/"}},
                {"id": "parts", "status": "Enabled", "abortIncompleteMultipartUpload": {"daysAfterInitiation": 7}},
            ],
        },
        {
            "bucket": "<bucket>",
            "rules": [
                {"id": "versions", "status": "Enabled", "noncurrentVersionExpiration": {"noncurrentDays": 90}},
            ],
        },
    ),
    Example(
        "s3/bucketCorsConfiguration:BucketCorsConfiguration",
        {
            "bucket": "<bucket>",
            "corsRules": [{"allowedMethods": ["PUT"], "allowedOrigins": ["https://example.org"], "maxAgeSeconds": 60}],
        },
        {
            "bucket": "<bucket>",
            "corsRules": [{"allowedMethods": ["PUT", "GET"], "allowedOrigins": ["*"], "allowedHeaders": ["*"]}],
        },
    ),
    Example(
        "s3/accountPublicAccessBlock:AccountPublicAccessBlock",
        {"blockPublicAcls": True, "blockPublicPolicy": True, "ignorePublicAcls": True},
        {"blockPublicAcls": True, "restrictPublicBuckets": True},
    ),
]
IDENTITY = [
    Example(
        "iam/role:Role",
        {
            "name": "creator-auth",
            "assumeRolePolicy": trust("lambda.amazonaws.com"),
            "permissionsBoundary": f"arn:aws:iam::{ACCOUNT}:policy/boundary",
            "tags": {"module": "auth"},
        },
        {
            "name": "creator-auth",
            "assumeRolePolicy": trust("events.amazonaws.com"),
            "description": "changed",
            "maxSessionDuration": 7200,
        },
    ),
    Example(
        "iam/rolePolicy:RolePolicy",
        {"role": "<role>", "name": "inline", "policy": inline("logs:PutLogEvents")},
        {"role": "<role>", "name": "inline", "policy": inline("logs:PutLogEvents", "s3:GetObject")},
    ),
    Example(
        "iam/accountPasswordPolicy:AccountPasswordPolicy",
        {"minimumPasswordLength": 14, "requireSymbols": True, "passwordReusePrevention": 24},
        {"minimumPasswordLength": 16, "requireSymbols": True, "requireNumbers": True, "maxPasswordAge": 90},
    ),
    Example(
        "kms/key:Key",
        {"description": "data", "enableKeyRotation": True, "deletionWindowInDays": 7, "tags": {"a": "1"}},
        {"description": "all data", "policy": policy("kms:*", principal={"AWS": "*"}), "isEnabled": False},
    ),
    Example(
        "kms/alias:Alias",
        {"name": "alias/creator", "targetKeyId": "<key>"},
        {"name": "alias/creator", "targetKeyId": "<other-key.arn>"},
    ),
]
MESSAGES = [
    Example(
        "sns/topic:Topic",
        {"name": "alarms", "kmsMasterKeyId": "<key>", "tags": {"module": "monitoring"}},
        {"name": "alarms", "displayName": "Alarms", "policy": policy("sns:Publish")},
    ),
    Example(
        "sns/topicSubscription:TopicSubscription",
        {"topic": "<topic>", "protocol": "sqs", "endpoint": "<queue.arn>"},
        {"topic": "<topic>", "protocol": "sqs", "endpoint": "<queue.arn>", "rawMessageDelivery": True},
    ),
    Example(
        "sqs/queue:Queue",
        {
            "name": "news",
            "visibilityTimeoutSeconds": 360,
            "redrivePolicy": json.dumps({"deadLetterTargetArn": "<queue.arn>", "maxReceiveCount": 5}),
            "sqsManagedSseEnabled": True,
            "tags": {"module": "newsletter"},
        },
        {
            "name": "news",
            "visibilityTimeoutSeconds": 60,
            "kmsMasterKeyId": "<key>",
            "sqsManagedSseEnabled": False,
        },
    ),
    Example(
        "cloudwatch/logGroup:LogGroup",
        {"name": "/aws/lambda/auth", "retentionInDays": 14, "tags": {"module": "auth"}},
        {"name": "/aws/lambda/auth", "retentionInDays": 30, "tags": {"module": "core"}},
    ),
    Example(
        "cloudwatch/metricAlarm:MetricAlarm",
        {
            "name": "errors",
            "namespace": "AWS/Lambda",
            "metricName": "Errors",
            "dimensions": {"FunctionName": "auth"},
            "statistic": "Sum",
            "period": 300,
            "evaluationPeriods": 1,
            "threshold": 5,
            "comparisonOperator": "GreaterThanOrEqualToThreshold",
            "treatMissingData": "notBreaching",
            "alarmActions": ["<topic>"],
        },
        {
            "name": "errors",
            "evaluationPeriods": 3,
            "datapointsToAlarm": 3,
            "threshold": 2.5,
            "comparisonOperator": "GreaterThanThreshold",
            "metricQueries": [
                {"id": "ratio", "expression": "100*e/c", "label": "ratio", "returnData": True},
                {
                    "id": "e",
                    "metric": {
                        "namespace": "AWS/ApiGateway",
                        "metricName": "5xx",
                        "period": 60,
                        "stat": "Sum",
                        "dimensions": {"ApiId": "a"},
                    },
                },
                {
                    "id": "c",
                    "metric": {"namespace": "AWS/ApiGateway", "metricName": "Count", "period": 60, "stat": "Sum"},
                },
            ],
            "okActions": ["<topic>"],
        },
    ),
    Example(
        "cloudwatch/dashboard:Dashboard",
        {"dashboardName": "creator", "dashboardBody": json.dumps({"widgets": []})},
        {
            "dashboardName": "creator",
            "dashboardBody": json.dumps({"widgets": [{"type": "text", "properties": {"markdown": "x"}}]}),
        },
    ),
    Example(
        "cloudwatch/eventRule:EventRule",
        {"name": "backup-failed", "eventPattern": json.dumps({"source": ["aws.backup"]}), "tags": {"a": "1"}},
        {"name": "backup-failed", "scheduleExpression": "rate(15 minutes)", "state": "DISABLED"},
    ),
    Example(
        "cloudwatch/eventTarget:EventTarget",
        {"rule": "<rule>", "targetId": "topic", "arn": "<topic.arn>", "input": '{"a":1}'},
        {
            "rule": "<rule>",
            "targetId": "topic",
            "arn": "<queue.arn>",
            "deadLetterConfig": {"arn": "<queue.arn>"},
            "retryPolicy": {"maximumRetryAttempts": 2, "maximumEventAgeInSeconds": 60},
        },
    ),
]
USERS = {
    "name": "creator-users",
    "hashKey": "userId",
    "attributes": [{"name": "userId", "type": "S"}, {"name": "email", "type": "S"}],
    "billingMode": "PAY_PER_REQUEST",
    "globalSecondaryIndexes": [
        {
            "name": "email-index",
            "keySchemas": [{"attributeName": "email", "keyType": "HASH"}],
            "projectionType": "ALL",
        }
    ],
}
DATA = [
    Example(
        "dynamodb/table:Table",
        {
            **USERS,
            "pointInTimeRecovery": {"enabled": True},
            "serverSideEncryption": {"enabled": True, "kmsKeyArn": "<key.arn>"},
            "deletionProtectionEnabled": True,
            "tags": {"backup": "true"},
        },
        {
            **USERS,
            "attributes": [*USERS["attributes"], {"name": "username", "type": "S"}],
            "globalSecondaryIndexes": [
                *USERS["globalSecondaryIndexes"],
                {
                    "name": "username-index",
                    "keySchemas": [{"attributeName": "username", "keyType": "HASH"}],
                    "projectionType": "KEYS_ONLY",
                },
            ],
            "ttl": {"enabled": True, "attributeName": "expiresAt"},
            "serverSideEncryption": {"enabled": True, "kmsKeyArn": "<key.arn>"},
            "tags": {"backup": "false"},
        },
    ),
]

HANDLER = {
    "name": "auth",
    "role": "<role.arn>",
    "runtime": "python3.13",
    "handler": "main.handler",
    "architectures": ["arm64"],
    "code": code("1"),
    "timeout": 10,
    "memorySize": 128,
    "environment": {"variables": {"PREFIX": "creator"}},
    "loggingConfig": {"logFormat": "JSON", "logGroup": "<group>"},
    "tags": {"module": "auth"},
}
COMPUTE = [
    Example(
        "lambda/function:Function",
        HANDLER,
        {
            **HANDLER,
            "code": code("2"),
            "memorySize": 256,
            "environment": {"variables": {"PREFIX": "creator", "TABLE_USERS": "users-g2"}},
            "reservedConcurrentExecutions": 5,
            "tags": {"module": "core"},
        },
        on=SANDBOX,
        why="moto does not answer LoggingConfig",
    ),
    Example(
        "lambda/permission:Permission",
        {
            "function": "<function>",
            "statementId": "events",
            "action": "lambda:InvokeFunction",
            "principal": "events.amazonaws.com",
            "sourceArn": "<rule.arn>",
            "sourceAccount": ACCOUNT,
        },
    ),
    Example(
        "lambda/eventSourceMapping:EventSourceMapping",
        {
            "functionName": "<function>",
            "eventSourceArn": "<queue.arn>",
            "batchSize": 10,
            "functionResponseTypes": ["ReportBatchItemFailures"],
            "scalingConfig": {"maximumConcurrency": 2},
        },
        {"functionName": "<function>", "eventSourceArn": "<queue.arn>", "batchSize": 5, "enabled": False},
    ),
    Example(
        "apigatewayv2/api:Api",
        {"name": "creator", "protocolType": "HTTP", "tags": {"module": "api"}},
        {
            "name": "creator",
            "protocolType": "HTTP",
            "description": "changed",
            "corsConfiguration": {"allowOrigins": ["https://example.org"], "allowMethods": ["GET"], "maxAge": 60},
        },
    ),
    Example(
        "apigatewayv2/stage:Stage",
        {
            "apiId": "<api>",
            "name": "api",
            "autoDeploy": True,
            "defaultRouteSettings": {"throttlingBurstLimit": 100, "throttlingRateLimit": 50},
            "accessLogSettings": {"destinationArn": "<group.arn>", "format": "$context.requestId"},
            "tags": {"module": "api"},
        },
        {
            "apiId": "<api>",
            "name": "api",
            "autoDeploy": True,
            "defaultRouteSettings": {"throttlingBurstLimit": 0, "throttlingRateLimit": 0},
            "routeSettings": [{"routeKey": "POST /auth/login", "throttlingBurstLimit": 10, "throttlingRateLimit": 5}],
            "accessLogSettings": {"destinationArn": "<group.arn>", "format": "$context.status"},
            "tags": {"module": "api"},
        },
        on=SANDBOX,
        why="moto has no UpdateStage",
    ),
    Example(
        "apigatewayv2/authorizer:Authorizer",
        {
            "apiId": "<api>",
            "name": "pool",
            "authorizerType": "JWT",
            "identitySources": ["$request.header.Authorization"],
            "jwtConfiguration": {"audiences": ["client"], "issuer": "https://issuer.example"},
        },
        {
            "apiId": "<api>",
            "name": "pool",
            "authorizerType": "JWT",
            "identitySources": ["$request.header.Authorization"],
            "jwtConfiguration": {"audiences": ["client", "other"], "issuer": "https://issuer.example"},
        },
    ),
    Example(
        "apigatewayv2/integration:Integration",
        {
            "apiId": "<api>",
            "integrationType": "AWS_PROXY",
            "integrationUri": "<function.arn>",
            "payloadFormatVersion": "2.0",
            "timeoutMilliseconds": 10000,
        },
        {
            "apiId": "<api>",
            "integrationType": "AWS_PROXY",
            "integrationUri": "<function.arn>",
            "payloadFormatVersion": "2.0",
            "timeoutMilliseconds": 20000,
        },
    ),
    Example(
        "apigatewayv2/route:Route",
        {"apiId": "<api>", "routeKey": "GET /health", "target": "integrations/<integration>"},
        {"apiId": "<api>", "routeKey": "GET /healthz", "target": "integrations/<integration>"},
    ),
]
PEOPLE = [
    Example(
        "cognito/userPool:UserPool",
        {
            "name": "creator-users",
            "usernameAttributes": ["email"],
            "usernameConfiguration": {"caseSensitive": False},
            "autoVerifiedAttributes": ["email"],
            "adminCreateUserConfig": {"allowAdminCreateUserOnly": True},
            "passwordPolicy": {"minimumLength": 10, "requireNumbers": True},
            "accountRecoverySetting": {"recoveryMechanisms": [{"name": "admin_only", "priority": 1}]},
            "tags": {"module": "user-auth"},
        },
        {
            "name": "creator-users",
            "usernameAttributes": ["email"],
            "usernameConfiguration": {"caseSensitive": False},
            "autoVerifiedAttributes": ["email"],
            "adminCreateUserConfig": {"allowAdminCreateUserOnly": False},
            "passwordPolicy": {"minimumLength": 12},
            "mfaConfiguration": "OPTIONAL",
            "softwareTokenMfaConfiguration": {"enabled": True},
        },
        on=SANDBOX,
        why="moto cannot untag a pool",
    ),
    Example(
        "cognito/userPoolClient:UserPoolClient",
        {
            "name": "site",
            "userPoolId": "<pool>",
            "generateSecret": False,
            "explicitAuthFlows": ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
            "accessTokenValidity": 60,
            "tokenValidityUnits": {"accessToken": "minutes"},
        },
        {
            "name": "site",
            "userPoolId": "<pool>",
            "generateSecret": False,
            "explicitAuthFlows": ["ALLOW_REFRESH_TOKEN_AUTH"],
            "refreshTokenValidity": 30,
        },
    ),
    Example(
        "cognito/userGroup:UserGroup",
        {"name": "admin", "userPoolId": "<pool>", "precedence": 1},
        {"name": "admin", "userPoolId": "<pool>", "precedence": 2, "description": "changed"},
    ),
    Example(
        "secretsmanager/secret:Secret",
        {"name": "creator/stripe", "kmsKeyId": "<key>", "recoveryWindowInDays": 7, "tags": {"module": "payments"}},
        {"name": "creator/stripe", "description": "changed", "kmsKeyId": "<key>", "recoveryWindowInDays": 0},
    ),
]
ORIGIN = {"originId": "site", "domainName": "site.s3.eu-central-1.amazonaws.com", "originAccessControlId": "<control>"}
BEHAVIOR = {
    "targetOriginId": "site",
    "viewerProtocolPolicy": "redirect-to-https",
    "allowedMethods": ["GET", "HEAD"],
    "cachedMethods": ["GET", "HEAD"],
    "cachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6",
    "compress": True,
}
DISTRIBUTION = {
    "enabled": True,
    "origins": [ORIGIN],
    "defaultCacheBehavior": BEHAVIOR,
    "defaultRootObject": "index.html",
    "httpVersion": "http2and3",
    "isIpv6Enabled": True,
    "priceClass": "PriceClass_100",
    "restrictions": {"geoRestriction": {"restrictionType": "none"}},
    "viewerCertificate": {"cloudfrontDefaultCertificate": True},
    "waitForDeployment": False,
}
API_ORIGIN = {
    "originId": "api",
    "domainName": "a.execute-api.eu-central-1.amazonaws.com",
    "customOriginConfig": {
        "httpPort": 80,
        "httpsPort": 443,
        "originProtocolPolicy": "https-only",
        "originSslProtocols": ["TLSv1.2"],
    },
}
API_BEHAVIOR = {
    "pathPattern": "/api/*",
    "targetOriginId": "api",
    "viewerProtocolPolicy": "https-only",
    "allowedMethods": ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"],
    "cachedMethods": ["GET", "HEAD"],
    "cachePolicyId": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
    "originRequestPolicyId": "b689b0a8-53d0-40ab-baf2-68738e2966ac",
}
WEB = [
    Example(
        "acm/certificate:Certificate",
        {
            "domainName": "shop.example",
            "subjectAlternativeNames": ["www.shop.example"],
            "validationMethod": "DNS",
            "region": "us-east-1",
            "tags": {"module": "site"},
        },
        {
            "domainName": "shop.example",
            "subjectAlternativeNames": ["www.shop.example"],
            "validationMethod": "DNS",
            "region": "us-east-1",
            "tags": {"module": "web"},
        },
    ),
    Example(
        "route53/zone:Zone",
        {"name": "shop.example", "comment": "one", "tags": {"module": "site"}},
        {"name": "shop.example", "comment": "two", "forceDestroy": True},
    ),
    Example(
        "route53/record:Record",
        {"zoneId": "<zone>", "name": "www.needed.example", "type": "TXT", "ttl": 300, "records": ["v=1"]},
        {"zoneId": "<zone>", "name": "www.needed.example", "type": "TXT", "ttl": 60, "records": ["v=2", "w=3"]},
    ),
    Example(
        "route53/healthCheck:HealthCheck",
        {"type": "HTTPS", "fqdn": "shop.example", "port": 443, "resourcePath": "/api/health", "requestInterval": 30},
        {
            "type": "HTTPS",
            "fqdn": "shop.example",
            "port": 443,
            "resourcePath": "/health",
            "requestInterval": 30,
            "failureThreshold": 5,
        },
    ),
    Example(
        "cloudfront/originAccessControl:OriginAccessControl",
        {
            "name": "site",
            "originAccessControlOriginType": "s3",
            "signingBehavior": "always",
            "signingProtocol": "sigv4",
        },
        {"name": "site", "originAccessControlOriginType": "s3", "signingBehavior": "never", "signingProtocol": "sigv4"},
    ),
    Example(
        "cloudfront/function:Function",
        {"name": "viewer", "runtime": "cloudfront-js-2.0", "code": "function handler(event) { return event.request }"},
        {
            "name": "viewer",
            "runtime": "cloudfront-js-2.0",
            "code": "function handler(e) { return e.request }",
            "comment": "x",
        },
        on=SANDBOX,
        why="moto cannot publish functions",
    ),
    Example(
        "cloudfront/distribution:Distribution",
        {**DISTRIBUTION, "tags": {"module": "site"}},
        {
            **DISTRIBUTION,
            "aliases": ["shop.example"],
            "origins": [ORIGIN, API_ORIGIN],
            "orderedCacheBehaviors": [API_BEHAVIOR],
            "customErrorResponses": [{"errorCode": 403, "responseCode": 200, "responsePagePath": "/index.html"}],
            "viewerCertificate": {
                "acmCertificateArn": f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/1",
                "minimumProtocolVersion": "TLSv1.2_2021",
                "sslSupportMethod": "sni-only",
            },
        },
        on=SANDBOX,
        why="moto forgets the origin access control",
    ),
]

MEDIA = [
    Example(
        "ivs/channel:Channel",
        {"name": "live", "type": "BASIC", "latencyMode": "LOW", "tags": {"module": "streaming"}},
        {"name": "live", "type": "STANDARD", "latencyMode": "NORMAL", "recordingConfigurationArn": "<recording>"},
        on=SANDBOX,
        why="moto has no recording configurations",
    ),
    Example(
        "ivs/recordingConfiguration:RecordingConfiguration",
        {
            "name": "vod",
            "destinationConfiguration": {"s3": {"bucketName": "<bucket>"}},
            "recordingReconnectWindowSeconds": 60,
            "thumbnailConfiguration": {"recordingMode": "INTERVAL", "targetIntervalSeconds": 60},
            "tags": {"module": "streaming"},
        },
        on=SANDBOX,
        why="moto has no recording configurations",
    ),
    Example(
        "ivschat/room:Room",
        {"name": "chat", "maximumMessageLength": 280, "tags": {"module": "chat"}},
        {
            "name": "chat",
            "maximumMessageRatePerSecond": 1,
            "messageReviewHandler": {"uri": "<function.arn>", "fallbackResult": "ALLOW"},
            "loggingConfigurationIdentifiers": ["<logging>"],
        },
        on=SANDBOX,
        why="moto has no chat",
    ),
    Example(
        "ivschat/loggingConfiguration:LoggingConfiguration",
        {"name": "log", "destinationConfiguration": {"cloudwatchLogs": {"logGroupName": "<group>"}}},
        {"name": "log", "destinationConfiguration": {"s3": {"bucketName": "<bucket>"}}},
        on=SANDBOX,
        why="moto has no chat",
    ),
]
MAIL = [
    Example(
        "sesv2/emailIdentity:EmailIdentity",
        {"emailIdentity": "mail.shop.example", "tags": {"module": "mail"}},
        {"emailIdentity": "mail.shop.example", "tags": {"module": "post"}},
        on=SANDBOX,
        why="moto lists no tags of an identity",
    ),
    Example(
        "sesv2/configurationSet:ConfigurationSet",
        {
            "configurationSetName": "creator",
            "suppressionOptions": {"suppressedReasons": ["BOUNCE", "COMPLAINT"]},
            "reputationOptions": {"reputationMetricsEnabled": True},
            "sendingOptions": {"sendingEnabled": True},
            "deliveryOptions": {"tlsPolicy": "REQUIRE"},
            "tags": {"module": "mail"},
        },
        {
            "configurationSetName": "creator",
            "suppressionOptions": {"suppressedReasons": ["BOUNCE"]},
            "sendingOptions": {"sendingEnabled": False},
            "reputationOptions": {"reputationMetricsEnabled": True},
            "deliveryOptions": {"tlsPolicy": "REQUIRE"},
        },
        on=SANDBOX,
        why="moto answers no tags of a set",
    ),
    Example(
        "sesv2/configurationSetEventDestination:ConfigurationSetEventDestination",
        {
            "configurationSetName": "<set>",
            "eventDestinationName": "bounces",
            "eventDestination": {
                "enabled": True,
                "matchingEventTypes": ["BOUNCE", "COMPLAINT"],
                "snsDestination": {"topicArn": "<topic>"},
            },
        },
        {
            "configurationSetName": "<set>",
            "eventDestinationName": "bounces",
            "eventDestination": {"matchingEventTypes": ["BOUNCE"], "snsDestination": {"topicArn": "<topic>"}},
        },
        on=SANDBOX,
        why="moto has no event destinations",
    ),
]
SAFETY = [
    Example(
        "backup/vault:Vault",
        {"name": "creator", "kmsKeyArn": "<key.arn>", "tags": {"module": "backup"}},
        {"name": "creator", "kmsKeyArn": "<key.arn>", "tags": {"module": "safety"}, "forceDestroy": True},
        on=SANDBOX,
        why="moto deletes no vaults",
    ),
    Example(
        "backup/plan:Plan",
        {
            "name": "daily",
            "rules": [
                {
                    "ruleName": "daily",
                    "targetVaultName": "<vault>",
                    "schedule": "cron(0 3 * * ? *)",
                    "lifecycle": {"deleteAfter": 35},
                }
            ],
            "tags": {"module": "backup"},
        },
        {
            "name": "daily",
            "rules": [
                {"ruleName": "daily", "targetVaultName": "<vault>", "schedule": "cron(0 3 * * ? *)"},
                {"ruleName": "weekly", "targetVaultName": "<vault>", "lifecycle": {"deleteAfter": 90}},
            ],
            "tags": {"module": "backup"},
        },
        on=SANDBOX,
        why="moto has no UpdateBackupPlan",
    ),
    Example(
        "backup/selection:Selection",
        {
            "name": "tagged",
            "planId": "<plan>",
            "iamRoleArn": "<role.arn>",
            "selectionTags": [{"type": "STRINGEQUALS", "key": "backup", "value": "true"}],
        },
        on=SANDBOX,
        why="moto has no selections",
    ),
    Example(
        "cloudtrail/trail:Trail",
        {
            "name": "audit",
            "s3BucketName": "<logs>",
            "isMultiRegionTrail": True,
            "enableLogFileValidation": True,
            "tags": {"module": "audit"},
        },
        {"name": "audit", "s3BucketName": "<logs>", "isMultiRegionTrail": True, "enableLogging": False},
    ),
    Example(
        "budgets/budget:Budget",
        {
            "name": "month",
            "budgetType": "COST",
            "timeUnit": "MONTHLY",
            "limitAmount": "110",
            "limitUnit": "USD",
            "notifications": [
                {
                    "comparisonOperator": "GREATER_THAN",
                    "notificationType": "ACTUAL",
                    "threshold": 80,
                    "thresholdType": "PERCENTAGE",
                    "subscriberSnsTopicArns": ["<topic>"],
                }
            ],
            "tags": {"module": "budget"},
        },
        {
            "name": "month",
            "budgetType": "COST",
            "timeUnit": "MONTHLY",
            "limitAmount": "240",
            "limitUnit": "USD",
            "notifications": [
                {
                    "comparisonOperator": "GREATER_THAN",
                    "notificationType": "FORECASTED",
                    "threshold": 100,
                    "thresholdType": "PERCENTAGE",
                    "subscriberEmailAddresses": ["owner@shop.example"],
                }
            ],
            "tags": {"module": "budget"},
        },
        on=SANDBOX,
        why="moto has no UpdateBudget",
    ),
    Example(
        "costexplorer/anomalyMonitor:AnomalyMonitor",
        {"name": "services", "monitorType": "DIMENSIONAL", "monitorDimension": "SERVICE", "tags": {"a": "1"}},
        {"name": "renamed", "monitorType": "DIMENSIONAL", "monitorDimension": "SERVICE", "tags": {"a": "1"}},
        on=SANDBOX,
        why="moto has no anomaly monitors",
    ),
    Example(
        "costexplorer/anomalySubscription:AnomalySubscription",
        {
            "name": "daily",
            "frequency": "DAILY",
            "monitorArnLists": ["<monitor>"],
            "subscribers": [{"type": "EMAIL", "address": "ops@shop.example"}],
            "thresholdExpression": {
                "dimension": {
                    "key": "ANOMALY_TOTAL_IMPACT_ABSOLUTE",
                    "matchOptions": ["GREATER_THAN_OR_EQUAL"],
                    "values": ["20"],
                }
            },
        },
        {
            "name": "daily",
            "frequency": "WEEKLY",
            "monitorArnLists": ["<monitor>"],
            "subscribers": [{"type": "EMAIL", "address": "ops@shop.example"}],
        },
        on=SANDBOX,
        why="moto has no anomaly subscriptions",
    ),
]
TABLE = {
    "serviceNamespace": "dynamodb",
    "scalableDimension": "dynamodb:table:ReadCapacityUnits",
    "resourceId": "table/<table>",
}
TRACKING = {"predefinedMetricSpecification": {"predefinedMetricType": "DynamoDBReadCapacityUtilization"}}
FLOW = [
    Example(
        "kinesis/firehoseDeliveryStream:FirehoseDeliveryStream",
        {
            "name": "analytics",
            "destination": "extended_s3",
            "extendedS3Configuration": {
                "roleArn": "<role.arn>",
                "bucketArn": "<bucket.arn>",
                "prefix": "a/",
                "bufferingSize": 5,
                "compressionFormat": "GZIP",
            },
            "serverSideEncryption": {"enabled": True},
            "tags": {"module": "analytics"},
        },
        {
            "name": "analytics",
            "destination": "extended_s3",
            "extendedS3Configuration": {
                "roleArn": "<role.arn>",
                "bucketArn": "<bucket.arn>",
                "prefix": "b/",
                "bufferingInterval": 60,
                "compressionFormat": "GZIP",
            },
            "serverSideEncryption": {"enabled": True},
        },
        on=SANDBOX,
        why="moto forgets the encryption",
    ),
    Example(
        "appautoscaling/target:Target",
        {**TABLE, "minCapacity": 5, "maxCapacity": 400},
        {**TABLE, "minCapacity": 5, "maxCapacity": 200},
        on=SANDBOX,
        why="moto cannot list its tags",
    ),
    Example(
        "appautoscaling/policy:Policy",
        {
            **TABLE,
            "name": "read",
            "resourceId": "<target>",
            "policyType": "TargetTrackingScaling",
            "targetTrackingScalingPolicyConfiguration": {**TRACKING, "targetValue": 70},
        },
        {
            **TABLE,
            "name": "read",
            "resourceId": "<target>",
            "policyType": "TargetTrackingScaling",
            "targetTrackingScalingPolicyConfiguration": {**TRACKING, "targetValue": 50, "scaleInCooldown": 60},
        },
        on=SANDBOX,
        why="moto cannot list the tags of its target",
    ),
    Example(
        "appsync/api:Api",
        {"name": "realtime", "eventConfig": AUTHORIZED, "tags": {"module": "realtime"}},
        {"name": "live", "eventConfig": AUTHORIZED, "tags": {"module": "realtime"}},
        on=SANDBOX,
        why="moto cannot update event APIs",
    ),
    Example(
        "appsync/channelNamespace:ChannelNamespace",
        {"apiId": "<events>", "name": "polls", "publishAuthModes": [{"authType": "AWS_IAM"}]},
        {"apiId": "<events>", "name": "polls", "subscribeAuthModes": [{"authType": "API_KEY"}]},
        on=SANDBOX,
        why="moto cannot update namespaces",
    ),
    Example(
        "appsync/apiKey:ApiKey",
        {"apiId": "<events>", "expires": "2027-06-01T04:00:00Z"},
        {"apiId": "<events>", "expires": "2027-07-01T04:00:00Z", "description": "second"},
    ),
]
COMPANY = [
    Example(
        "organizations/organizationalUnit:OrganizationalUnit",
        {"name": "Active", "parentId": "<root>", "tags": {"a": "1"}},
        {"name": "Working", "parentId": "<root>"},
    ),
    Example(
        "organizations/policy:Policy",
        {"name": "base", "content": DENY, "tags": {"a": "1"}},
        {"name": "base", "content": DENY.replace("LeaveOrganization", "*"), "description": "changed"},
    ),
    Example("organizations/policyAttachment:PolicyAttachment", {"policyId": "<policy>", "targetId": "<unit>"}),
]

EXAMPLES = [*STORAGE, *IDENTITY, *MESSAGES, *DATA, *COMPUTE, *PEOPLE, *WEB, *MEDIA, *MAIL, *SAFETY, *FLOW, *COMPANY]
