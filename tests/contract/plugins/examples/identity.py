"""Roles, keys, users and secrets."""

from tests.contract.plugins.examples.documents import inline, policy, trust
from tests.contract.plugins.examples.places import ACCOUNT, SANDBOX
from tests.contract.plugins.world import Example

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
        lacks=("domain", "customDomain"),
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
