"""Names, certificates and distributions."""

from tests.contract.plugins.examples.places import ACCOUNT, SANDBOX
from tests.contract.plugins.world import Example

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
        lacks=("notAfter", "notBefore", "renewalEligibility"),  # until it is issued
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
