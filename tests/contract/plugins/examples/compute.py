"""Functions and the APIs in front of them."""

from tests.contract.plugins.examples.documents import code
from tests.contract.plugins.examples.places import ACCOUNT, SANDBOX
from tests.contract.plugins.world import Example

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
        lacks=("signingJobArn", "signingProfileVersionArn"),
        unreadable=frozenset({"code"}),
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
        lacks=("lastProcessingResult",),
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
            "routeSettings": [{"routeKey": "GET /me", "throttlingBurstLimit": 10, "throttlingRateLimit": 5}],
            "accessLogSettings": {"destinationArn": "<group.arn>", "format": "$context.requestId"},
            "tags": {"module": "api"},
        },
        {
            "apiId": "<api>",
            "name": "api",
            "autoDeploy": True,
            "defaultRouteSettings": {"throttlingBurstLimit": 0, "throttlingRateLimit": 0},
            "routeSettings": [{"routeKey": "POST /auth/login", "throttlingBurstLimit": 10, "throttlingRateLimit": 5}],
            "tags": {"module": "core"},
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
        lacks=("integrationResponseSelectionExpression",),
    ),
    Example(
        "apigatewayv2/route:Route",
        {"apiId": "<api>", "routeKey": "GET /health", "target": "integrations/<integration>"},
        {"apiId": "<api>", "routeKey": "GET /healthz", "target": "integrations/<integration>"},
    ),
]
