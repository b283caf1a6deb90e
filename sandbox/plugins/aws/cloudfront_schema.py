"""The properties of a distribution, and their other shape at CloudFront: every list is counted."""

from typing import Any

from sandbox.plugins.schema import Property, flag, many, number, obj, some, text
from sandbox.plugins.values import Doc
from sandbox.plugins.wire import decode, encode, pascal

_ASSOCIATION = {"eventType": text(required=True), "functionArn": text(required=True, wire="FunctionARN")}
_LAMBDA = {
    "eventType": text(required=True),
    "lambdaArn": text(required=True, wire="LambdaFunctionARN"),
    "includeBody": flag(default=False),
}
BEHAVIOR: dict[str, Property] = {
    "targetOriginId": text(required=True),
    "viewerProtocolPolicy": text(required=True, choices=("allow-all", "https-only", "redirect-to-https")),
    "allowedMethods": some(text(), required=True),
    "cachedMethods": some(text(), required=True),
    "cachePolicyId": text(),
    "originRequestPolicyId": text(),
    "responseHeadersPolicyId": text(),
    "compress": flag(default=False),
    "fieldLevelEncryptionId": text(),
    "smoothStreaming": flag(computed=True),
    "realtimeLogConfigArn": text(),
    "functionAssociations": some(obj(_ASSOCIATION)),
    "lambdaFunctionAssociations": some(obj(_LAMBDA)),
    "trustedKeyGroups": many(text()),
    "trustedSigners": many(text()),
}
_CUSTOM_ORIGIN = {
    "httpPort": number(required=True, wire="HTTPPort"),
    "httpsPort": number(required=True, wire="HTTPSPort"),
    "originProtocolPolicy": text(required=True),
    "originSslProtocols": some(text(), required=True),
    "originKeepaliveTimeout": number(computed=True),
    "originReadTimeout": number(computed=True),
}
ORIGIN: dict[str, Property] = {
    "originId": text(required=True, wire="Id"),
    "domainName": text(required=True),
    "originPath": text(),
    "connectionAttempts": number(default=3),
    "connectionTimeout": number(default=10),
    "originAccessControlId": text(),
    "customHeaders": some(obj({"name": text(required=True), "value": text(required=True)})),
    "customOriginConfig": obj(_CUSTOM_ORIGIN),
    "s3OriginConfig": obj({"originAccessIdentity": text(required=True)}),
    "originShield": obj({"enabled": flag(required=True), "originShieldRegion": text()}, computed=True),
}
ERROR = {
    "errorCode": number(required=True),
    "errorCachingMinTtl": number(computed=True, wire="ErrorCachingMinTTL"),
    "responseCode": number(),
    "responsePagePath": text(),
}
CERTIFICATE = {
    "acmCertificateArn": text(wire="ACMCertificateArn"),
    "cloudfrontDefaultCertificate": flag(computed=True, wire="CloudFrontDefaultCertificate"),
    "iamCertificateId": text(wire="IAMCertificateId"),
    "minimumProtocolVersion": text(computed=True),
    "sslSupportMethod": text(wire="SSLSupportMethod"),
}
PLAIN = {
    "enabled": flag(required=True),
    "comment": text(),
    "defaultRootObject": text(),
    "httpVersion": text(default="http2"),
    "isIpv6Enabled": flag(default=False, wire="IsIPV6Enabled"),
    "priceClass": text(default="PriceClass_All"),
    "webAclId": text(wire="WebACLId"),
    "staging": flag(default=False, replaces=True),
}
FIELDS: dict[str, Property] = {
    **PLAIN,
    "aliases": some(text()),
    "origins": some(obj(ORIGIN), required=True),
    "defaultCacheBehavior": obj(BEHAVIOR, required=True),
    "orderedCacheBehaviors": many(obj({"pathPattern": text(required=True), **BEHAVIOR})),
    "customErrorResponses": some(obj(ERROR)),
    "restrictions": obj(
        {
            "geoRestriction": obj(
                {"restrictionType": text(required=True), "locations": some(text())},
                required=True,
            )
        },
        required=True,
    ),
    "viewerCertificate": obj(CERTIFICATE, required=True),
    "waitForDeployment": flag(default=True, local=True),
    "retainOnDelete": flag(default=False, local=True),
}
_COUNTED = (
    "functionAssociations",
    "lambdaFunctionAssociations",
    "allowedMethods",
    "trustedKeyGroups",
    "trustedSigners",
)


def counted(items: list[Any]) -> Doc:
    return {"Quantity": len(items), "Items": items} if items else {"Quantity": 0}


def items(doc: Doc | None) -> list[Any]:
    return list((doc or {}).get("Items") or [])


def config_sent(inputs: Doc, reference: str) -> Doc:
    location = inputs["restrictions"]["geoRestriction"]
    return {
        "CallerReference": reference,
        "Comment": "",
        "DefaultRootObject": "",
        "WebACLId": "",
        **encode(PLAIN, inputs, pascal),
        "Aliases": counted(inputs.get("aliases") or []),
        "Origins": counted([_origin_sent(each) for each in inputs["origins"]]),
        "DefaultCacheBehavior": _behavior_sent(inputs["defaultCacheBehavior"]),
        "CacheBehaviors": counted([_behavior_sent(each) for each in inputs.get("orderedCacheBehaviors") or []]),
        "CustomErrorResponses": counted([_error_sent(each) for each in inputs.get("customErrorResponses") or []]),
        "Restrictions": {
            "GeoRestriction": {
                "RestrictionType": location["restrictionType"],
                **counted(location.get("locations") or []),
            }
        },
        "ViewerCertificate": _certificate_sent(inputs["viewerCertificate"]),
        "Logging": {"Enabled": False, "IncludeCookies": False, "Bucket": "", "Prefix": ""},
    }


def _certificate_sent(certificate: Doc) -> Doc:
    found = encode(CERTIFICATE, certificate, pascal)
    own = "ACMCertificateArn" in found or "IAMCertificateId" in found
    return {**found, "CloudFrontDefaultCertificate": False} if own else {"CloudFrontDefaultCertificate": True}


def _error_sent(response: Doc) -> Doc:
    found = encode(ERROR, response, pascal)
    return {**found, "ResponseCode": str(found["ResponseCode"])} if "ResponseCode" in found else found


def _behavior_sent(behavior: Doc) -> Doc:
    fields = {key: prop for key, prop in BEHAVIOR.items() if key not in {*_COUNTED, "cachedMethods"}}
    found = encode(fields, behavior, pascal)
    if "pathPattern" in behavior:
        found["PathPattern"] = behavior["pathPattern"]
    keys, signers = behavior.get("trustedKeyGroups") or [], behavior.get("trustedSigners") or []
    associations = encode({key: BEHAVIOR[key] for key in _COUNTED[:2]}, behavior, pascal)
    return {
        "SmoothStreaming": False,
        "FieldLevelEncryptionId": "",
        **found,
        "AllowedMethods": {**counted(behavior["allowedMethods"]), "CachedMethods": counted(behavior["cachedMethods"])},
        "FunctionAssociations": counted(associations.get("FunctionAssociations") or []),
        "LambdaFunctionAssociations": counted(associations.get("LambdaFunctionAssociations") or []),
        "TrustedKeyGroups": {"Enabled": bool(keys), **counted(keys)},
        "TrustedSigners": {"Enabled": bool(signers), **counted(signers)},
    }


def _origin_sent(origin: Doc) -> Doc:
    special = ("customHeaders", "customOriginConfig", "s3OriginConfig")
    found = encode({key: prop for key, prop in ORIGIN.items() if key not in special}, origin, pascal)
    headers = [{"HeaderName": each["name"], "HeaderValue": each["value"]} for each in origin.get("customHeaders") or []]
    found = {"OriginPath": "", "OriginAccessControlId": "", **found, "CustomHeaders": counted(headers)}
    custom = origin.get("customOriginConfig")
    if custom:
        protocols = {"OriginSslProtocols": counted(custom["originSslProtocols"])}
        return {**found, "CustomOriginConfig": {**encode(_CUSTOM_ORIGIN, custom, pascal), **protocols}}
    identity = (origin.get("s3OriginConfig") or {}).get("originAccessIdentity", "")
    return {**found, "S3OriginConfig": {"OriginAccessIdentity": identity}}


def config_read(config: Doc) -> Doc:
    location = (config.get("Restrictions") or {}).get("GeoRestriction") or {"RestrictionType": "none"}
    return {
        **decode(PLAIN, config, pascal),
        "aliases": items(config.get("Aliases")) or None,
        "origins": [_origin_read(each) for each in items(config.get("Origins"))],
        "defaultCacheBehavior": _behavior_read(config["DefaultCacheBehavior"]),
        "orderedCacheBehaviors": [_behavior_read(each) for each in items(config.get("CacheBehaviors"))] or None,
        "customErrorResponses": [_error_read(each) for each in items(config.get("CustomErrorResponses"))] or None,
        "restrictions": {
            "geoRestriction": {"restrictionType": location["RestrictionType"], "locations": items(location) or None}
        },
        "viewerCertificate": _certificate_read(config.get("ViewerCertificate") or {}),
    }


def _certificate_read(certificate: Doc) -> Doc:
    """With CloudFront's own certificate the rest says nothing."""
    if certificate.get("CloudFrontDefaultCertificate"):
        return {
            "cloudfrontDefaultCertificate": True,
            "minimumProtocolVersion": certificate.get("MinimumProtocolVersion"),
        }
    return decode(CERTIFICATE, certificate, pascal)


def _error_read(response: Doc) -> Doc:
    found = decode(ERROR, response, pascal)
    if found.get("responseCode") in {"", None}:
        found.pop("responseCode", None)
    return found


def _behavior_read(behavior: Doc) -> Doc:
    fields = {key: prop for key, prop in BEHAVIOR.items() if key not in {*_COUNTED, "cachedMethods"}}
    methods = behavior.get("AllowedMethods") or {}
    found = {
        **decode(fields, behavior, pascal),
        "allowedMethods": items(methods),
        "cachedMethods": items(methods.get("CachedMethods")),
        "functionAssociations": [
            decode(_ASSOCIATION, each, pascal) for each in items(behavior.get("FunctionAssociations"))
        ],
        "lambdaFunctionAssociations": [
            decode(_LAMBDA, each, pascal) for each in items(behavior.get("LambdaFunctionAssociations"))
        ],
        "trustedKeyGroups": items(behavior.get("TrustedKeyGroups")),
        "trustedSigners": items(behavior.get("TrustedSigners")),
        "pathPattern": behavior.get("PathPattern"),
    }
    return {key: value for key, value in found.items() if value not in (None, [])}


def _origin_read(origin: Doc) -> Doc:
    special = ("customHeaders", "customOriginConfig", "s3OriginConfig")
    found = decode({key: prop for key, prop in ORIGIN.items() if key not in special}, origin, pascal)
    headers = items(origin.get("CustomHeaders"))
    if headers:
        found["customHeaders"] = [{"name": each["HeaderName"], "value": each["HeaderValue"]} for each in headers]
    custom = origin.get("CustomOriginConfig")
    if custom:
        fields = {key: prop for key, prop in _CUSTOM_ORIGIN.items() if key != "originSslProtocols"}
        protocols = items(custom.get("OriginSslProtocols"))
        found["customOriginConfig"] = {**decode(fields, custom, pascal), "originSslProtocols": protocols}
    identity = (origin.get("S3OriginConfig") or {}).get("OriginAccessIdentity")
    if identity:
        found["s3OriginConfig"] = {"originAccessIdentity": identity}
    return found
