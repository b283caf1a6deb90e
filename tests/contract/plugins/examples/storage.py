"""Buckets and tables."""

from tests.contract.plugins.examples.documents import policy
from tests.contract.plugins.world import Example

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
        lacks=("streamArn", "streamLabel"),
    ),
]
