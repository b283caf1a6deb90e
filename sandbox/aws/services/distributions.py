"""CloudFront: its names in the DNS, other people's names only with a certificate, and a header that AWS misspelled."""

import re

from sandbox.aws.call import Call
from sandbox.aws.cloud import Cloud, serves
from sandbox.aws.consequences import follows
from sandbox.aws.errors import Answer, AwsError
from sandbox.dns.table import Record

CNAME = re.compile(r"<(?:\w+:)?CNAME>([^<]+)<")
CERTIFICATE = re.compile(r"<(?:\w+:)?ACMCertificateArn>([^<]+)<")
OWNER = "cloudfront"
HERE = "127.0.0.1"


def aliases(config: str) -> set[str]:
    return {name.lower() for name in CNAME.findall(config)}


@serves("cloudfront:CreateDistribution", "cloudfront:CreateDistributionWithTags", "cloudfront:UpdateDistribution")
async def written(cloud: Cloud, call: Call) -> Answer:
    config = call.body.decode()
    if names := aliases(config):
        _covered(cloud, call, config, names)
        _free(cloud, call, names)
    answer = await cloud.backend.forward(call)
    publish(cloud)
    return answer


def _covered(cloud: Cloud, call: Call, config: str, names: set[str]) -> None:
    """Without a certificate that was issued for all of them, anybody could take anybody's name."""
    found = CERTIFICATE.search(config)
    store = cloud.backend.module("acm")._certificates
    certificate = store.get_scoped(call.account, "us-east-1", found.group(1)) if found else None
    if certificate is None or certificate["Status"] != "ISSUED":
        raise AwsError("InvalidViewerCertificate", "The specified SSL certificate doesn't exist or isn't valid.", 400)
    known = {str(name).lower() for name in [certificate["DomainName"], *certificate["SubjectAlternativeNames"]]}
    wildcards = {name.partition(".")[2] for name in known if name.startswith("*.")}
    if any(name not in known and name.partition(".")[2] not in wildcards for name in names):
        message = "The certificate that is attached to your distribution doesn't cover the alternate domain name"
        raise AwsError("InvalidViewerCertificate", message, 400)


def _free(cloud: Cloud, call: Call, names: set[str]) -> None:
    """A name belongs to one distribution in the world."""
    for record in list(cloud.backend.module("cloudfront")._distributions._data.values()):
        if record["Id"] not in call.path and names & aliases(record["config_xml"]):
            message = "One or more of the CNAMEs you provided are already associated with a different resource."
            raise AwsError("CNAMEAlreadyExists", message, 409)


@follows("cloudfront:DeleteDistribution")
async def deleted(cloud: Cloud, call: Call, answer: Answer) -> Answer:
    del call
    publish(cloud)
    return answer


def publish(cloud: Cloud) -> None:
    """Every distribution has a name in the DNS; all of them lead here."""
    found = list(cloud.backend.module("cloudfront")._distributions._data.values())
    wanted = {
        record.id: record for one in found if (record := Record(one["DomainName"].lower(), "A", HERE, owner=OWNER))
    }
    present = {record.id: record for record in cloud.home.dns.records() if record.owner == OWNER}
    for id in present.keys() - wanted.keys():
        cloud.home.dns.withdraw(present[id])
    for id in wanted.keys() - present.keys():
        cloud.home.dns.publish(wanted[id])


@follows("cloudfront:UpdateFunction")
async def updated(_cloud: Cloud, _call: Call, answer: Answer) -> Answer:
    """The answer carries its tag in a header that AWS misspelled, and SDKs read only that."""
    return Answer(answer.status, [*answer.headers, ("ettag", answer.header("etag"))], answer.body)
