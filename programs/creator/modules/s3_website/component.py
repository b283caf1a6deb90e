"""The site: bucket, distribution, certificate and names. Its content is deployed by somebody else."""

import json
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws

from programs.base import Outputs
from programs.creator import policies
from programs.creator.account import Account
from programs.creator.components.bucket import bucket
from programs.creator.modules.s3_website.distribution import distribution
from programs.creator.modules.s3_website.plan import GLOBAL_ZONE
from programs.creator.modules.s3_website.spec import Spec
from programs.creator.spec import Names

PAUSE = {
    "de": "<!doctype html><title>Pause</title><h1>Diese Seite macht gerade eine Pause.</h1>",
    "en": "<!doctype html><title>Pause</title><h1>This site is taking a break.</h1>",
}


class Website(pulumi.ComponentResource):
    def __init__(self, account: Account, spec: Spec) -> None:
        super().__init__("creator:aws:Website", "s3-website", None, pulumi.ResourceOptions(provider=account.provider))
        names = [account.spec.domain, *([f"www.{account.spec.domain}"] if spec.www else [])]
        site = bucket(account, self, "site", rules=[{"id": "versions", "noncurrent_days": spec.noncurrent_days}])
        certificate = self._certificate(account, "certificate", names)
        own = self._own_certificates(account)
        viewer = self._viewer(account, spec)
        shown = own[account.spec.own_issued.key] if account.spec.aliases else certificate
        answered = [*names, *account.spec.aliases]
        made = distribution(account, self, spec, site=site, viewer=viewer, certificate=shown, names=answered)
        self._delivered(account, "site", site, made)
        for path, origin in account.origins.items():
            self._delivered(account, path, origin, made, f"{path}/")
        self.exports: Outputs = {
            "site_bucket": site.bucket,
            "distribution_id": made.id,
            "distribution_domain": made.domain_name,
            "certificate_arn": certificate.arn,
            "validation_records": certificate.domain_validation_options.apply(_records),
            **self._own_exports(account, own),
        }
        if account.spec.dns_mode == "delegated":
            self._names(account, names, certificate, made)
        self.register_outputs({})

    def _delivered(
        self, account: Account, name: str, bucket: aws.s3.Bucket, made: aws.cloudfront.Distribution, folder: str = ""
    ) -> None:
        known = pulumi.Output.all(bucket.arn, made.arn)
        allowed = known.apply(lambda arns: policies.of_public_bucket(arns[0], arns[1], folder))
        aws.s3.BucketPolicy(f"{name}-policy", bucket=bucket.bucket, policy=allowed, opts=account.options(self))

    def _viewer(self, account: Account, spec: Spec) -> aws.cloudfront.Function:
        settings = {"domain": account.spec.domain, "spa": spec.spa, "suspended": account.spec.suspended}
        settings |= {"moved": _moved(account.spec.aliases, account.spec.primary), "pause": PAUSE[account.spec.locale]}
        code = (Path(__file__).parent / "viewer.js").read_text().replace("SETTINGS", json.dumps(settings), 1)
        return aws.cloudfront.Function(
            "viewer",
            name="creator-viewer",
            runtime="cloudfront-js-2.0",
            code=code,
            publish=True,
            opts=account.options(self),
        )

    def _own_certificates(self, account: Account) -> dict[str, aws.acm.Certificate]:
        """Of the names that are wanted, and of those that are answered until the wanted ones are proved."""
        spec = account.spec
        wanted = [spec.own_asked, *([spec.own_issued] if spec.aliases else [])]
        sets = {each.key: each for each in wanted if each.names}
        return {
            key: self._certificate(account, f"certificate-{key}", [spec.domain, *sorted(each.names)])
            for key, each in sets.items()
        }

    def _own_exports(self, account: Account, own: dict[str, aws.acm.Certificate]) -> Outputs:
        spec = account.spec
        asked = own.get(spec.own_asked.key)
        return {
            "own_asked": _shown(spec.own_asked),
            "own_issued": _shown(spec.own_issued if spec.aliases else Names()),
            "own_aliases": spec.aliases,
            "own_certificate_arn": asked.arn if asked else "",
            "own_records": asked.domain_validation_options.apply(_records) if asked else [],
        }

    def _certificate(self, account: Account, resource: str, names: list[str]) -> aws.acm.Certificate:
        """Asked for at once; the distribution takes the names in a later run, when it was issued."""
        return aws.acm.Certificate(
            resource,
            domain_name=names[0],
            subject_alternative_names=names[1:] or None,
            validation_method="DNS",
            region="us-east-1",
            opts=account.options(self),
        )

    def _names(
        self,
        account: Account,
        names: list[str],
        certificate: aws.acm.Certificate,
        made: aws.cloudfront.Distribution,
    ) -> None:
        zone = aws.route53.Zone("zone", name=names[0], comment="creator", opts=account.kept(self))
        self.exports |= {"zone_id": zone.zone_id, "name_servers": zone.name_servers}
        for name in names:
            self._validation(account, zone, name, certificate)
            if account.spec.dns_phase == "live":
                self._address(account, zone, name, made)

    def _validation(
        self, account: Account, zone: aws.route53.Zone, name: str, certificate: aws.acm.Certificate
    ) -> None:
        option = certificate.domain_validation_options.apply(
            lambda options: next(each for each in options if each.domain_name == name)
        )
        aws.route53.Record(
            f"validate-{name}",
            zone_id=zone.zone_id,
            name=option.resource_record_name,
            type=option.resource_record_type,
            ttl=300,
            records=[option.resource_record_value],
            allow_overwrite=True,
            opts=account.options(self),
        )

    def _address(self, account: Account, zone: aws.route53.Zone, name: str, made: aws.cloudfront.Distribution) -> None:
        for type in ("A", "AAAA"):
            alias = aws.route53.RecordAliasArgs(
                name=made.domain_name, zone_id=GLOBAL_ZONE, evaluate_target_health=False
            )
            aws.route53.Record(
                f"{type.lower()}-{name}",
                zone_id=zone.zone_id,
                name=name,
                type=type,
                aliases=[alias],
                allow_overwrite=True,
                opts=account.options(self),
            )


def _records(options: Any) -> list[dict[str, str]]:
    """`host`: which name the record proves."""
    return [
        {
            "host": each.domain_name, "name": each.resource_record_name, "type": each.resource_record_type,
            "value": each.resource_record_value,
        }
        for each in options
    ]  # fmt: skip


def _shown(names: Names) -> dict[str, Any]:
    return {"names": sorted(names.names), "attempt": names.attempt}


def _moved(names: list[str], primary: str | None) -> dict[str, str]:
    """Of a name with and without `www`, one is the address and the other leads there."""
    if primary not in names:
        return {}
    twin = primary.removeprefix("www.") if primary.startswith("www.") else f"www.{primary}"
    return {twin: primary} if twin in names else {}
