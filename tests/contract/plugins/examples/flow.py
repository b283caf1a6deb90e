"""Analytics, scaling, real time and the organization."""

from tests.contract.plugins.examples.documents import AUTHORIZED, DENY
from tests.contract.plugins.examples.places import SANDBOX
from tests.contract.plugins.world import Example

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
        {**TABLE, "minCapacity": 5, "maxCapacity": 400, "tags": {"module": "chat"}},
        {**TABLE, "minCapacity": 5, "maxCapacity": 200, "tags": {"module": "core"}},
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
        {"name": "live", "eventConfig": AUTHORIZED, "tags": {"module": "core"}},
        on=SANDBOX,
        why="moto cannot update event APIs",
        lacks=("wafWebAclArn",),
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
