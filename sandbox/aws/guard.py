"""May this caller do that: account state, readiness of a fresh account, service control policies, IAM."""

from dataclasses import replace

from sandbox.aws import keys, organization, roles
from sandbox.aws.actions import Check, checks
from sandbox.aws.call import Call
from sandbox.aws.cloud import MANAGEMENT, Cloud
from sandbox.aws.errors import AwsError
from sandbox.aws.policy import Document, Policies, Request, Verdict, decide
from sandbox.aws.sessions import Identity

FOR_MEMBERS = {"DescribeOrganization", "LeaveOrganization"}
GLOBAL = {"iam", "sts", "organizations", "route53", "cloudfront", "budgets", "ce", "account", "support"}


def admit(cloud: Cloud, call: Call, who: Identity | None) -> None:
    """Refuses by raising the service's own error."""
    if who is None:
        return  # an unsigned call: the front door lets only those through that need no credentials
    if not organization.is_open(cloud, who.account):
        raise AwsError("AccessDeniedException", "The account is suspended or closed.", 403)
    if call.service == "organizations" and who.account != MANAGEMENT and call.operation not in FOR_MEMBERS:
        raise AwsError("AccessDeniedException", "You don't have permissions to access this resource.")
    _ready(cloud, call)
    needed = [_with_key_arn(cloud, call, check) for check in checks(call)]
    if not needed:
        return
    policies = _policies(cloud, call, who)
    for check in needed:
        _require(call, who, check, policies)
        _note(cloud, who, check)
    behind = keys.check(cloud, call) if cloud.setting("kms_through_services") else None
    if behind:
        check, document = behind
        _require(call, who, check, replace(policies, resource=document))
        _note(cloud, who, check)


def _with_key_arn(cloud: Cloud, call: Call, check: Check) -> Check:
    """Policies name keys, callers often an alias, or only what was encrypted."""
    if call.service != "kms" or call.text("KeyId").startswith("arn:"):
        return check
    reference = call.text("KeyId", "TargetKeyId") or keys.of_ciphertext(call.text("CiphertextBlob"))
    found = keys.key_of(cloud, call, reference)
    return replace(check, resource=found["Arn"]) if found else check


def _require(call: Call, who: Identity, check: Check, policies: Policies) -> None:
    verdict = decide(Request(check.action, check.resource, _context(call, who, check)), policies)
    if not verdict:
        raise _refusal(call, who, check, verdict)


def _note(cloud: Cloud, who: Identity, check: Check) -> None:
    cloud.exercised.setdefault(who.principal, set()).add((check.action, check.resource))


def _policies(cloud: Cloud, call: Call, who: Identity) -> Policies:
    return Policies(
        identity=roles.identity_policies(cloud, who),
        boundary=roles.boundary(cloud, who),
        session=roles.session_policy(who),
        controls=organization.controls(cloud, who.account),
        resource=_bucket_policy(cloud, call),
        same_account=call.service == "sts" or _owner(cloud, call) == who.account,
    )


def _owner(cloud: Cloud, call: Call) -> str:
    """Buckets are the one thing that is named across accounts."""
    if call.service == "s3" and call.params.get("Bucket") and call.operation != "CreateBucket":
        owner: str | None = cloud.backend.module("s3")._bucket_owner_account(call.params["Bucket"])
        return owner or call.account
    return call.account


def _bucket_policy(cloud: Cloud, call: Call) -> Document | None:
    if call.service != "s3" or not call.params.get("Bucket") or call.operation == "CreateBucket":
        return None
    store = cloud.backend.module("s3")._bucket_policies
    text = store.get_scoped(_owner(cloud, call), None, call.params["Bucket"])
    return roles.parse(text.decode() if isinstance(text, bytes) else text) if text else None


def _context(call: Call, who: Identity, check: Check) -> dict[str, str]:
    return {
        "aws:PrincipalArn": who.principal,
        "aws:SessionArn": who.arn,
        "aws:PrincipalAccount": who.account,
        "aws:PrincipalType": "AssumedRole" if who.role else "User",
        "aws:PrincipalOrgID": organization.ID,
        "aws:ResourceAccount": call.account,
        "aws:RequestedRegion": "us-east-1" if call.service in GLOBAL else call.region,
        "aws:SecureTransport": "true",  # the edge stands for TLS
        "aws:ViaAWSService": "false",
        "aws:MultiFactorAuthPresent": "false",
        "aws:SourceIp": "127.0.0.1",
        **{f"aws:PrincipalTag/{name}": value for name, value in who.tags},
        **check.context,
    }


def _refusal(call: Call, who: Identity, check: Check, verdict: Verdict) -> AwsError:
    because = f"because {verdict.reason}" if verdict.explicit else f"because {verdict.reason} the {check.action} action"
    target = "" if check.resource == "*" else f" on resource: {check.resource}"
    message = f"User: {who.arn} is not authorized to perform: {check.action}{target} {because}"
    code = "AccessDenied" if call.protocol in {"query", "rest-xml"} else "AccessDeniedException"
    return AwsError(code, message, {"query": 403, "rest-xml": 403, "rest-json": 403}.get(call.protocol, 400))


def _ready(cloud: Cloud, call: Call) -> None:
    """The services of a new account become usable one after the other."""
    if call.account == MANAGEMENT:
        return
    waits: dict[str, float] = cloud.setting("readiness")
    joined = organization.joined(cloud, call.account)
    if call.service in waits and joined is not None and cloud.now() < joined + waits[call.service]:
        raise _not_yet(call.service)
    if call.operation.startswith("CreateDistribution") and call.account in cloud.setting("cloudfront_unverified"):
        message = "Your account must be verified before you can add new CloudFront resources."
        raise AwsError("AccessDenied", message, 403)


def _not_yet(service: str) -> AwsError:
    if service in {"s3", "sts", "iam"}:
        return AwsError("NotSignedUp", "Your account is not signed up for this service.", 403)
    if service in {"dynamodb", "lambda", "kms", "sqs", "logs", "cognito-idp"}:
        message = "The AWS Access Key Id needs a subscription for the service"
        return AwsError("SubscriptionRequiredException", message, 403)
    return AwsError("OptInRequired", "The AWS Access Key Id needs a subscription for the service", 403)
