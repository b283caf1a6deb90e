"""A member account from inside: what the program leaves to us, in our words."""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from controlplane.core.errors import NeedsPerson
from controlplane.vendors.aws import AwsMissing, AwsPresent, AwsRefused, Caller
from controlplane.vendors.aws_probes import PROBES

CONCURRENCY = ("lambda", "L-B99A9384")
LINKED = ("backup.amazonaws.com", "ivs.amazonaws.com")
USE_CASE = (
    "Sign-up codes, receipts and a double opt-in newsletter of one content creator's own site. Bounces and complaints "
    "are suppressed by a configuration set; every letter has a one-click unsubscribe link."
)
PASSWORDS: dict[str, Any] = {
    "MinimumPasswordLength": 14, "RequireSymbols": True, "RequireNumbers": True, "RequireUppercaseCharacters": True,
    "RequireLowercaseCharacters": True, "PasswordReusePrevention": 24, "MaxPasswordAge": 90,
}  # fmt: skip


@dataclass(frozen=True)
class Certificate:
    status: str
    unproved: tuple[str, ...]  # names whose record has not been seen
    failure: str

    @property
    def is_issued(self) -> bool:
        return self.status == "ISSUED"

    @property
    def is_pending(self) -> bool:
        return self.status == "PENDING_VALIDATION"


@dataclass(frozen=True)
class Sender:
    """A domain that the account may send from."""

    status: str
    tokens: tuple[str, ...]  # of the records that mails are signed by
    mail_from: str
    region: str


@dataclass(frozen=True)
class Contact:
    name: str
    email: str
    phone: str


class Member:
    def __init__(self, account_id: str, caller: Caller) -> None:
        self.account_id, self.caller = account_id, caller

    # ---- a fresh account ----

    def probe(self, service: str) -> None:
        """Raises what is wrong with it."""
        PROBES[service](self.caller, self.account_id)

    def require_passwords(self) -> None:
        self.caller.call("iam", "update_account_password_policy", **PASSWORDS)

    def link_services(self) -> None:
        for name in LINKED:
            with suppress(AwsPresent, AwsRefused):  # it exists, or the service makes its own
                self.caller.call("iam", "create_service_linked_role", AWSServiceName=name)

    def tell_contacts(self, contact: Contact) -> None:
        for kind in ("OPERATIONS", "SECURITY", "BILLING"):
            self.caller.call(
                "account", "put_alternate_contact", AlternateContactType=kind, EmailAddress=contact.email,
                Name=contact.name, PhoneNumber=contact.phone, Title="Platform",
            )  # fmt: skip

    def quotas(self) -> dict[str, Any]:
        concurrency = self.caller.call("lambda", "get_account_settings")["AccountLimit"]["ConcurrentExecutions"]
        production = self.caller.call("sesv2", "get_account").get("ProductionAccessEnabled", False)
        return {"lambda_concurrency": int(concurrency), "ses_production": bool(production)}

    def ask_for_concurrency(self, wanted: int) -> None:
        """One open request is enough; the answer takes hours and nobody waits for it."""
        service, code = CONCURRENCY
        with suppress(AwsPresent, AwsRefused):
            self.caller.call(
                "service-quotas", "request_service_quota_increase", ServiceCode=service, QuotaCode=code,
                DesiredValue=float(wanted),
            )  # fmt: skip

    # ---- secrets ----

    def secret(self, name: str) -> dict[str, Any] | None:
        """None: it is there but empty, or not there."""
        try:
            return dict(
                json.loads(self.caller.call("secretsmanager", "get_secret_value", SecretId=name)["SecretString"])
            )
        except AwsMissing:
            return None

    def keep_secret(self, name: str, value: dict[str, Any]) -> None:
        if self.secret(name) != value:
            self.caller.call("secretsmanager", "put_secret_value", SecretId=name, SecretString=json.dumps(value))

    # ---- tables ----

    def table(self, name: str) -> dict[str, Any] | None:
        try:
            return dict(self.caller.call("dynamodb", "describe_table", TableName=name)["Table"])
        except AwsMissing:
            return None

    def ensure_backup(self, table: str, name: str) -> str:
        """The backup's ARN; found by its name when an earlier attempt made it."""
        found = self.caller.call("dynamodb", "list_backups", TableName=table).get("BackupSummaries") or []
        known = [entry["BackupArn"] for entry in found if entry["BackupName"] == name]
        if known:
            return str(known[0])
        made = self.caller.call("dynamodb", "create_backup", TableName=table, BackupName=name)
        return str(made["BackupDetails"]["BackupArn"])

    def backup_status(self, arn: str) -> str:
        found = self.caller.call("dynamodb", "describe_backup", BackupArn=arn)
        return str(found["BackupDescription"]["BackupDetails"]["BackupStatus"])

    def copies(self, *, before: datetime) -> Iterator[str]:
        """Of ours, made before an update; those of the nightly plan are somebody else's to forget."""
        found = self.caller.pages("dynamodb", "list_backups", "BackupSummaries", TimeRangeUpperBound=before)
        made = (entry for entry in found if entry["BackupName"].startswith("pre-"))
        yield from (str(entry["BackupArn"]) for entry in made if entry["BackupCreationDateTime"] < before)

    def forget_copy(self, arn: str) -> None:
        with suppress(AwsMissing):
            self.caller.call("dynamodb", "delete_backup", BackupArn=arn)

    def newest_restorable(self, table: str) -> datetime | None:
        found = self.caller.call("dynamodb", "describe_continuous_backups", TableName=table)
        recovery = found["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription") or {}
        return recovery.get("LatestRestorableDateTime")

    def items(self, table: str) -> Iterator[dict[str, Any]]:
        yield from self.caller.pages("dynamodb", "scan", "Items", TableName=table, ConsistentRead=True)

    def item(self, table: str, key: dict[str, Any]) -> dict[str, Any] | None:
        found = self.caller.call("dynamodb", "get_item", TableName=table, Key=key, ConsistentRead=True)
        return found.get("Item")

    def put_item(self, table: str, item: dict[str, Any]) -> None:
        self.caller.call("dynamodb", "put_item", TableName=table, Item=item)

    def delete_item(self, table: str, key: dict[str, Any]) -> None:
        self.caller.call("dynamodb", "delete_item", TableName=table, Key=key)

    def tables(self) -> list[str]:
        return list(self.caller.pages("dynamodb", "list_tables", "TableNames"))

    # ---- files ----

    def put(self, bucket: str, key: str, body: bytes, *, kind: str, cache: str, release: str) -> None:
        self.caller.call(
            "s3", "put_object", Bucket=bucket, Key=key, Body=body, ContentType=kind, CacheControl=cache,
            Metadata={"release": release},
        )  # fmt: skip

    def get(self, bucket: str, key: str) -> bytes | None:
        try:
            found: bytes = self.caller.call("s3", "get_object", Bucket=bucket, Key=key)["Body"].read()
        except AwsMissing:
            return None
        return found

    def files(self, bucket: str) -> Iterator[dict[str, Any]]:
        try:
            yield from self.caller.pages("s3", "list_objects_v2", "Contents", Bucket=bucket)
        except AwsMissing:
            return

    def buckets(self) -> list[str]:
        return [entry["Name"] for entry in self.caller.call("s3", "list_buckets").get("Buckets") or []]

    def empty(self, bucket: str) -> int:
        """Every version of everything; a bucket that is gone is empty."""
        count = 0
        for kind in ("Versions", "DeleteMarkers"):
            try:
                found = list(self.caller.pages("s3", "list_object_versions", kind, Bucket=bucket))
            except AwsMissing:
                return count
            for start in range(0, len(found), 1000):
                batch = [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in found[start : start + 1000]]
                answer = self.caller.call("s3", "delete_objects", Bucket=bucket, Delete={"Objects": batch})
                if answer.get("Errors"):
                    raise NeedsPerson(f"objects of {bucket} cannot be deleted", next_action="look at its policy")
                count += len(batch)
        return count

    # ---- people, names, streams ----

    def people(self, pool: str) -> Iterator[dict[str, Any]]:
        yield from self.caller.pages("cognito-idp", "list_users", "Users", UserPoolId=pool)

    def people_like(self, pool: str, prefix: str) -> list[tuple[str, str]]:
        """(id, address) of those whose address begins so."""
        found = self.caller.pages("cognito-idp", "list_users", "Users", UserPoolId=pool, Filter=f'email ^= "{prefix}"')
        attributes = [{each["Name"]: each["Value"] for each in person["Attributes"]} for person in found]
        return [(each["sub"], each["email"]) for each in attributes]

    def make_person(self, pool: str, address: str, password: str) -> str:
        verified = [{"Name": "email", "Value": address}, {"Name": "email_verified", "Value": "true"}]
        made = self.caller.call(
            "cognito-idp", "admin_create_user", UserPoolId=pool, Username=address, MessageAction="SUPPRESS",
            UserAttributes=verified,
        )  # fmt: skip
        self.caller.call(
            "cognito-idp", "admin_set_user_password", UserPoolId=pool, Username=address, Password=password,
            Permanent=True,
        )  # fmt: skip
        return next(str(each["Value"]) for each in made["User"]["Attributes"] if each["Name"] == "sub")

    def add_to_group(self, pool: str, address: str, group: str) -> None:
        self.caller.call("cognito-idp", "admin_add_user_to_group", UserPoolId=pool, Username=address, GroupName=group)

    def remove_person(self, pool: str, address: str) -> None:
        with suppress(AwsMissing):
            self.caller.call("cognito-idp", "admin_delete_user", UserPoolId=pool, Username=address)

    def pools(self) -> list[str]:
        found = self.caller.pages("cognito-idp", "list_user_pools", "UserPools", MaxResults=60)
        return [str(entry["Id"]) for entry in found]

    def certificate(self, arn: str) -> Certificate:
        answer = self.caller.call("acm", "describe_certificate", region="us-east-1", CertificateArn=arn)
        found = answer["Certificate"]
        options = found.get("DomainValidationOptions") or []
        unproved = tuple(str(one["DomainName"]) for one in options if one.get("ValidationStatus") != "SUCCESS")
        return Certificate(str(found["Status"]), unproved, str(found.get("FailureReason", "")))

    def sender(self, domain: str) -> Sender:
        found = self.caller.call("sesv2", "get_email_identity", EmailIdentity=domain)
        signing = found.get("DkimAttributes") or {}
        back = (found.get("MailFromAttributes") or {}).get("MailFromDomain", "")
        tokens = tuple(str(token) for token in signing.get("Tokens") or [])
        return Sender(str(signing.get("Status", "PENDING")), tokens, str(back), self.caller.region)

    def ask_to_send(self, website: str) -> None:
        """To anybody, not only to addresses that were proved: a person at Amazon decides, once asked."""
        if (self.caller.call("sesv2", "get_account").get("Details") or {}).get("ReviewDetails"):
            return
        self.caller.call(
            "sesv2", "put_account_details", MailType="TRANSACTIONAL", WebsiteURL=website, ContactLanguage="EN",
            UseCaseDescription=USE_CASE, ProductionAccessEnabled=True,
        )  # fmt: skip

    def invalidate(self, distribution: str, paths: list[str], reference: str) -> None:
        batch = {"CallerReference": reference, "Paths": {"Quantity": len(paths), "Items": paths}}
        self.caller.call("cloudfront", "create_invalidation", DistributionId=distribution, InvalidationBatch=batch)

    def end_streams(self, channel: str) -> int:
        """Nothing goes out any more and the old key opens nothing; the number of keys that were taken away."""
        with suppress(AwsRefused):  # nobody is live
            self.caller.call("ivs", "stop_stream", channelArn=channel)
        keys = list(self.caller.pages("ivs", "list_stream_keys", "streamKeys", channelArn=channel))
        for key in keys:
            with suppress(AwsMissing):
                self.caller.call("ivs", "delete_stream_key", arn=key["arn"])
        return len(keys)

    def ensure_stream_key(self, channel: str) -> None:
        if not list(self.caller.pages("ivs", "list_stream_keys", "streamKeys", channelArn=channel)):
            self.caller.call("ivs", "create_stream_key", channelArn=channel)

    def alarms_ringing(self) -> set[str]:
        """In the region of the account, and where the alarms of CloudFront live."""
        found: set[str] = set()
        for region in ("", "us-east-1"):
            pages = self.caller.pages(
                "cloudwatch", "describe_alarms", "MetricAlarms", region=region, StateValue="ALARM"
            )
            found |= {str(alarm["AlarmName"]) for alarm in pages}
        return found

    def delivered(self, distribution: str, start: datetime, end: datetime) -> float:
        """Bytes that visitors got, by day, summed up."""
        found = self.caller.call(
            "cloudwatch", "get_metric_statistics", region="us-east-1", Namespace="AWS/CloudFront",
            MetricName="BytesDownloaded", StartTime=start, EndTime=end, Period=86_400, Statistics=["Sum"],
            Dimensions=[{"Name": "DistributionId", "Value": distribution}, {"Name": "Region", "Value": "Global"}],
        )  # fmt: skip
        return float(sum(point["Sum"] for point in found["Datapoints"]))

    def invoke(self, function: str, event: str) -> Any:
        """And wait until it is done; its own error is ours."""
        found = self.caller.call("lambda", "invoke", FunctionName=function, Payload=event.encode())
        told = found["Payload"].read()
        if found.get("FunctionError"):
            raise AwsRefused(f"{function} failed: {told[:300]!r}", "FunctionError")
        return json.loads(told or b"null")

    def confirm(self, topic: str, token: str) -> None:
        region = topic.split(":")[3]
        self.caller.call("sns", "confirm_subscription", region=region, TopicArn=topic, Token=token)
