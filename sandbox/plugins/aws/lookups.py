"""Functions of the provider itself: who and where."""

from sandbox.plugins.aws.account import Account
from sandbox.plugins.schema import Function, Resource, text
from sandbox.plugins.values import Doc

_REGION_NAMES = {
    "eu-central-1": "Europe (Frankfurt)",
    "eu-west-1": "Europe (Ireland)",
    "us-east-1": "US East (N. Virginia)",
}


def _caller(account: Account, args: Doc) -> Doc:
    del args
    who = account.identity
    return {"accountId": who["Account"], "arn": who["Arn"], "userId": who["UserId"], "id": who["Account"]}


def _region(account: Account, args: Doc) -> Doc:
    name = args.get("region") or args.get("name") or account.region
    _, domain = account.partition(name)
    described = {"region": name, "name": name, "id": name, "endpoint": f"ec2.{name}.{domain}"}
    return {**described, "description": _REGION_NAMES.get(name, name)}


def _partition(account: Account, args: Doc) -> Doc:
    del args
    partition, domain = account.partition(account.region)
    reversed_domain = ".".join(reversed(domain.split(".")))
    return {"id": partition, "partition": partition, "dnsSuffix": domain, "reverseDnsPrefix": reversed_domain}


RESOURCES: tuple[Resource, ...] = ()
FUNCTIONS = (
    Function(token="aws:index/getCallerIdentity:getCallerIdentity", inputs={"id": text()}, run=_caller),
    Function(
        token="aws:index/getRegion:getRegion",
        inputs={"id": text(), "name": text(), "region": text(), "endpoint": text()},
        run=_region,
    ),
    Function(token="aws:index/getPartition:getPartition", inputs={"id": text()}, run=_partition),
)
