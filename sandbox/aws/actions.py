"""What a call needs to be allowed: IAM actions and the ARNs they are about."""

from dataclasses import dataclass, field
from typing import Any

from sandbox.aws.call import Call
from sandbox.aws.resources import arn_of

# boto3's name -> prefix of its actions, where they differ
PREFIXES = {
    "sesv2": "ses", "s3control": "s3", "service-quotas": "servicequotas", "resourcegroupstaggingapi": "tag",
    "stepfunctions": "states",
}  # fmt: skip
NAMES = {
    "lambda:Invoke": "InvokeFunction",
    "lambda:InvokeAsync": "InvokeFunction",
    "lambda:ListVersionsByFunction": "ListVersionsByFunction",
    "s3:HeadObject": "GetObject",
    "s3:HeadBucket": "ListBucket",
    "s3:ListObjects": "ListBucket",
    "s3:ListObjectsV2": "ListBucket",
    "s3:ListObjectVersions": "ListBucketVersions",
    "s3:ListBuckets": "ListAllMyBuckets",
    "s3:CopyObject": "PutObject",
    "s3:PostObject": "PutObject",
    "s3:CreateMultipartUpload": "PutObject",
    "s3:UploadPart": "PutObject",
    "s3:UploadPartCopy": "PutObject",
    "s3:CompleteMultipartUpload": "PutObject",
    "s3:ListParts": "ListMultipartUploadParts",
    "s3:ListMultipartUploads": "ListBucketMultipartUploads",
    "s3:GetBucketEncryption": "GetEncryptionConfiguration",
    "s3:PutBucketEncryption": "PutEncryptionConfiguration",
    "s3:DeleteBucketEncryption": "PutEncryptionConfiguration",
    "s3:GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "s3:PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
    "s3:DeleteBucketLifecycle": "PutLifecycleConfiguration",
    "s3:GetBucketCors": "GetBucketCORS",
    "s3:PutBucketCors": "PutBucketCORS",
    "s3:DeleteBucketCors": "PutBucketCORS",
    "s3:PutPublicAccessBlock": "PutBucketPublicAccessBlock",
    "s3:GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "s3:DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
    "s3control:PutPublicAccessBlock": "PutAccountPublicAccessBlock",
    "s3control:GetPublicAccessBlock": "GetAccountPublicAccessBlock",
    "s3control:DeletePublicAccessBlock": "PutAccountPublicAccessBlock",
    "budgets:CreateBudget": "ModifyBudget",
    "budgets:UpdateBudget": "ModifyBudget",
    "budgets:DeleteBudget": "ModifyBudget",
    "budgets:DescribeBudget": "ViewBudget",
    "budgets:DescribeBudgets": "ViewBudget",
}
TRANSACTION = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
    "Get": "GetItem",
}
UNSIGNED = {  # calls that their service takes without credentials
    "sns:ConfirmSubscription", "sts:AssumeRoleWithWebIdentity",
    *(f"cognito-idp:{name}" for name in (
        "SignUp", "ConfirmSignUp", "ResendConfirmationCode", "InitiateAuth", "RespondToAuthChallenge", "ForgotPassword",
        "ConfirmForgotPassword", "GetUser", "ChangePassword", "GlobalSignOut", "RevokeToken", "UpdateUserAttributes",
        "DeleteUser", "AssociateSoftwareToken", "VerifySoftwareToken", "SetUserMFAPreference",
        "GetTokensFromRefreshToken",
    )),
}  # fmt: skip
FREE = UNSIGNED | {"sts:GetCallerIdentity", "sts:GetSessionToken"}  # nothing has to allow them


@dataclass(frozen=True)
class Check:
    action: str
    resource: str
    context: dict[str, str] = field(default_factory=dict)


def checks(call: Call) -> list[Check]:
    if call.name in FREE:
        return []
    if call.service in {"apigatewayv2", "apigateway"}:
        return [Check(f"apigateway:{_verb(call)}", f"arn:aws:apigateway:{call.region}::{call.path}")]
    if call.service == "dynamodb":
        return _dynamodb(call)
    if call.name == "sesv2:SendEmail":
        return _mail(call)
    if call.service == "s3":
        return _s3(call)
    return [Check(action(call), arn_of(call))]


def action(call: Call) -> str:
    return f"{PREFIXES.get(call.service, call.service)}:{NAMES.get(call.name, call.operation)}"


def _verb(call: Call) -> str:
    return "GET" if call.method == "HEAD" else call.method


def _dynamodb(call: Call) -> list[Check]:
    """A batch is checked per table; a transaction is no action of its own: each item is its single-item action."""
    if call.operation.startswith("Transact"):
        items = [(kind, part) for entry in call.params.get("TransactItems", []) for kind, part in entry.items()]
        return [
            Check(f"dynamodb:{TRANSACTION[kind]}", _table(call, part)) for kind, part in items if kind in TRANSACTION
        ]
    if call.operation.startswith("Batch") and isinstance(call.params.get("RequestItems"), dict):
        return [Check(action(call), _table(call, {"TableName": name})) for name in call.params["RequestItems"]]
    found = [Check(action(call), _table(call, call.params), _leading_keys(call))]
    if call.operation.startswith("RestoreTable"):
        found.append(Check(action(call), _table(call, {"TableName": call.params.get("TargetTableName")})))
    return found


def _table(call: Call, part: dict[str, Any]) -> str:
    name = str(part.get("TableName") or part.get("SourceTableName") or part.get("TableArn") or "")
    arn = part.get("BackupArn") or part.get("ResourceArn") or name
    if not arn:
        return "*"
    base = str(arn) if str(arn).startswith("arn:") else f"arn:aws:dynamodb:{call.region}:{call.account}:table/{name}"
    return f"{base}/index/{part['IndexName']}" if part.get("IndexName") else base


def _leading_keys(call: Call) -> dict[str, str]:
    key = call.params.get("Key")
    values = list(next(iter(key.values())).values()) if isinstance(key, dict) and key else []
    return {"dynamodb:LeadingKeys": str(values[0])} if values else {}


def _mail(call: Call) -> list[Check]:
    """SES looks at the identity in the From address and at the configuration set."""
    sender = call.text("FromEmailAddress").rpartition("<")[2].rstrip("> ")
    prefix = f"arn:aws:ses:{call.region}:{call.account}"
    context = {"ses:FromAddress": sender}
    found = [Check("ses:SendEmail", f"{prefix}:identity/{sender.rpartition('@')[2]}", context)]
    if call.text("ConfigurationSetName"):
        found.append(Check("ses:SendEmail", f"{prefix}:configuration-set/{call.text('ConfigurationSetName')}", context))
    return found


def _s3(call: Call) -> list[Check]:
    bucket, key = call.text("Bucket"), call.text("Key")
    target = f"arn:aws:s3:::{bucket}/{key}" if key else f"arn:aws:s3:::{bucket}" if bucket else "*"
    name = action(call)
    if name in {"s3:GetObject", "s3:DeleteObject"} and call.arguments.get("versionId"):
        name += "Version"
    if call.operation in {"DeleteObjects", "PostObject"}:
        target = f"arn:aws:s3:::{bucket}/*"
        name = "s3:DeleteObject" if call.operation == "DeleteObjects" else "s3:PutObject"
    context = {"s3:prefix": call.arguments.get("prefix", "")} if name.startswith("s3:ListBucket") else {}
    found = [Check(name, target, context)]
    source = call.headers.get("x-amz-copy-source", "").lstrip("/").partition("?")[0]
    return [*found, Check("s3:GetObject", f"arn:aws:s3:::{source}")] if source else found
