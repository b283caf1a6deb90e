"""One address for the site, its files and its API: no second certificate, no requests between origins."""

import pulumi
import pulumi_aws as aws

from programs.creator.account import Account
from programs.creator.modules.s3_website.plan import ALL_BUT_HOST, CACHED, NOT_CACHED, SECURITY_HEADERS
from programs.creator.modules.s3_website.spec import Spec

READING = ["GET", "HEAD"]
EVERY = ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]


def distribution(
    account: Account,
    parent: pulumi.Resource,
    spec: Spec,
    *,
    site: aws.s3.Bucket,
    viewer: aws.cloudfront.Function,
    certificate: aws.acm.Certificate,
    names: list[str],
) -> aws.cloudfront.Distribution:
    control = aws.cloudfront.OriginAccessControl(
        "site",
        name="creator-site",
        origin_access_control_origin_type="s3",
        signing_behavior="always",
        signing_protocol="sigv4",
        opts=account.options(parent),
    )
    live = account.spec.dns_phase == "live"
    made = aws.cloudfront.Distribution(
        "site",
        enabled=True,
        aliases=names if live else None,
        origins=_origins(account, site, control),
        default_cache_behavior=_pages(viewer),
        ordered_cache_behaviors=[_calls(), *(_files(path) for path in sorted(account.origins))],
        default_root_object="index.html",
        http_version="http2and3",
        is_ipv6_enabled=True,
        price_class="PriceClass_All" if spec.price_class == "All" else f"PriceClass_{spec.price_class}",
        restrictions=aws.cloudfront.DistributionRestrictionsArgs(
            geo_restriction=aws.cloudfront.DistributionRestrictionsGeoRestrictionArgs(restriction_type="none")
        ),
        viewer_certificate=_certificate(certificate) if live else _own_certificate(),
        wait_for_deployment=False,
        opts=account.options(parent),
    )
    account.facts["DISTRIBUTION_ID"] = made.id
    return made


def _origins(
    account: Account, site: aws.s3.Bucket, control: aws.cloudfront.OriginAccessControl
) -> list[aws.cloudfront.DistributionOriginArgs]:
    files = [_bucket(path, bucket, control) for path, bucket in sorted(account.origins.items())]
    return [_bucket("site", site, control), _api(account), *files]


def _bucket(
    name: str, bucket: aws.s3.Bucket, control: aws.cloudfront.OriginAccessControl
) -> aws.cloudfront.DistributionOriginArgs:
    return aws.cloudfront.DistributionOriginArgs(
        origin_id=name, domain_name=bucket.bucket_regional_domain_name, origin_access_control_id=control.id
    )


def _api(account: Account) -> aws.cloudfront.DistributionOriginArgs:
    return aws.cloudfront.DistributionOriginArgs(
        origin_id="api",
        domain_name=account.facts["API_HOST"],
        custom_origin_config=aws.cloudfront.DistributionOriginCustomOriginConfigArgs(
            http_port=80, https_port=443, origin_protocol_policy="https-only", origin_ssl_protocols=["TLSv1.2"]
        ),
    )


def _pages(viewer: aws.cloudfront.Function) -> aws.cloudfront.DistributionDefaultCacheBehaviorArgs:
    return aws.cloudfront.DistributionDefaultCacheBehaviorArgs(
        target_origin_id="site",
        viewer_protocol_policy="redirect-to-https",
        allowed_methods=READING,
        cached_methods=READING,
        cache_policy_id=CACHED,
        response_headers_policy_id=SECURITY_HEADERS,
        compress=True,
        function_associations=[
            aws.cloudfront.DistributionDefaultCacheBehaviorFunctionAssociationArgs(
                event_type="viewer-request", function_arn=viewer.arn
            )
        ],
    )


def _calls() -> aws.cloudfront.DistributionOrderedCacheBehaviorArgs:
    return aws.cloudfront.DistributionOrderedCacheBehaviorArgs(
        path_pattern="/api/*",
        target_origin_id="api",
        viewer_protocol_policy="https-only",
        allowed_methods=EVERY,
        cached_methods=READING,
        cache_policy_id=NOT_CACHED,
        origin_request_policy_id=ALL_BUT_HOST,
        compress=True,
    )


def _files(path: str) -> aws.cloudfront.DistributionOrderedCacheBehaviorArgs:
    """Pictures and recordings, by keys that begin with the path."""
    return aws.cloudfront.DistributionOrderedCacheBehaviorArgs(
        path_pattern=f"/{path}/*",
        target_origin_id=path,
        viewer_protocol_policy="redirect-to-https",
        allowed_methods=READING,
        cached_methods=READING,
        cache_policy_id=CACHED,
        response_headers_policy_id=SECURITY_HEADERS,
        compress=True,
    )


def _certificate(certificate: aws.acm.Certificate) -> aws.cloudfront.DistributionViewerCertificateArgs:
    return aws.cloudfront.DistributionViewerCertificateArgs(
        acm_certificate_arn=certificate.arn, minimum_protocol_version="TLSv1.2_2021", ssl_support_method="sni-only"
    )


def _own_certificate() -> aws.cloudfront.DistributionViewerCertificateArgs:
    return aws.cloudfront.DistributionViewerCertificateArgs(cloudfront_default_certificate=True)
