"""What AWS holds in the end: an account for each creator, with exactly what its stack knows; in others nothing."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from sandbox.creator_story import CreatorPurchase
from sandbox.leaks import connect
from sandbox.place import Place
from sandbox.purchase import Buyer

REGION = "eu-central-1"
# Where each kind is counted: service, operation, the list in its answer.
COUNTED = {
    "aws:dynamodb/table:Table": ("dynamodb", "list_tables", "TableNames"),
    "aws:s3/bucket:Bucket": ("s3", "list_buckets", "Buckets"),
    "aws:cognito/userPool:UserPool": ("cognito-idp", "list_user_pools", "UserPools"),
    "aws:lambda/function:Function": ("lambda", "list_functions", "Functions"),
    "aws:apigatewayv2/api:Api": ("apigatewayv2", "get_apis", "Items"),
    "aws:cloudwatch/logGroup:LogGroup": ("logs", "describe_log_groups", "logGroups"),
    "aws:secretsmanager/secret:Secret": ("secretsmanager", "list_secrets", "SecretList"),
    "aws:kms/alias:Alias": ("kms", "list_aliases", "Aliases"),
    "aws:kms/key:Key": ("kms", "list_keys", "Keys"),
}
ASKED = {"list_user_pools": {"MaxResults": 60}}


def accounts(place: Place, buyers: list[Buyer]) -> list[str]:
    session, owners = _platform(place), _owners(place)
    ours = _client(place, session, "organizations").list_accounts()["Accounts"]
    theirs = {entry["Id"] for entry in ours if entry["Email"].startswith("aws+")} - set(owners)
    wrong = [f"an account of nobody: {identity}" for identity in sorted(theirs)]
    wrong += [f"{slug} has no account" for slug in {buyer.slug for buyer in buyers} - set(owners.values())]
    for identity, slug in owners.items():
        wrong += _differences(place, session, identity, slug)
    return [*wrong, *filter(None, [_pages(place, buyer) for buyer in buyers])]


def _differences(place: Place, session: Any, identity: str, slug: str) -> Iterator[str]:
    """An account in stock has nothing in it; one of a creator what its stack has."""
    known = _known(place, identity) if slug else Counter()
    member = _member(place, session, identity)
    for kind, (service, operation, key) in COUNTED.items():
        client = _client(place, member, service)
        found = getattr(client, operation)(**ASKED.get(operation, {}))[key]
        if len(found) != known[kind]:
            yield f"{slug or 'stock'} {identity} has {len(found)} of {kind}, its stack {known[kind]}"


def _known(place: Place, identity: str) -> Counter[str]:
    for file in (place.folder / "states" / ".pulumi" / "stacks").rglob("*.json"):
        text = file.read_text()
        if file.parent.name == "creator-tenant" and f'"{identity}"' in text:
            resources = json.loads(text)["checkpoint"]["latest"]["resources"]
            return Counter(str(resource["type"]) for resource in resources if not resource.get("delete"))
    return Counter()


def _owners(place: Place) -> dict[str, str]:
    """Of each account that the product knows: whose it is; empty: in stock."""
    query = "SELECT a.account_id, coalesce(t.slug, '') FROM accounts a LEFT JOIN tenants t ON t.id = a.tenant_id"
    with connect(place) as connection:
        rows = connection.execute(f"{query} WHERE a.account_id IS NOT NULL").fetchall()
    return {str(account): str(slug) for account, slug in rows}


def _pages(place: Place, buyer: Buyer) -> str:
    purchase = CreatorPurchase(place, buyer)
    page = purchase.page()
    purchase.close()
    return "" if page.status_code == 200 else f"{buyer.host} answers {page.status_code}"


def _platform(place: Place) -> Any:
    import boto3

    keys = (place.secrets["aws_access_key_id"], place.secrets["aws_secret_access_key"])
    return boto3.Session(*keys, region_name=REGION)


def _member(place: Place, session: Any, identity: str) -> Any:
    import boto3

    role = f"arn:aws:iam::{identity}:role/OrganizationAccountAccessRole"
    found = _client(place, session, "sts").assume_role(RoleArn=role, RoleSessionName="verdict")["Credentials"]
    keys = (found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"])
    return boto3.Session(*keys, region_name=REGION)


def _client(place: Place, session: Any, service: str) -> Any:
    from botocore.config import Config

    config = Config(inject_host_prefix=False, s3={"addressing_style": "path"})
    return session.client(service, endpoint_url=place.url("aws"), config=config)
