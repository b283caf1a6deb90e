"""Every name in the tables is a name of the installed SDK, and what the SDK requires is required."""

from collections.abc import Iterator, Mapping

import pytest

from sandbox.plugins import NAMES
from sandbox.plugins.providers import provider
from sandbox.plugins.schema import Kind, Property, Resource
from tests.contract.plugins.sdk import Fields, ResourceClass, provider_class, resource_class

RESOURCES = [resource for name in NAMES for resource in provider(name).resources()]


def mistakes(table: Mapping[str, Property], fields: Fields, found: ResourceClass, path: str) -> Iterator[str]:
    for key, prop in table.items():
        if key not in fields:
            yield f"{path}{key}: not in the SDK"
            continue
        if fields[key].required and not prop.required:
            yield f"{path}{key}: the SDK requires it"
        if prop.required and not fields[key].required:
            yield f"{path}{key}: the SDK does not require it"
        block = prop.item if prop.item is not None else prop
        if block.kind is Kind.OBJECT:
            yield from mistakes(block.fields, found.block(fields[key]), found, f"{path}{key}.")
        yield from wrong_shape(prop, fields[key].text, f"{path}{key}")


def wrong_shape(prop: Property, annotation: str, path: str) -> Iterator[str]:
    shapes = {Kind.LIST: "Sequence[", Kind.MAP: "Mapping[str"}
    for kind, mark in shapes.items():
        if (prop.kind is kind) != (mark in annotation) and prop.kind is not Kind.ANY:
            yield f"{path}: {prop.kind} here, {annotation} in the SDK"
    if prop.kind is Kind.FLAG and "bool" not in annotation:
        yield f"{path}: a flag here, {annotation} in the SDK"
    if prop.kind is Kind.NUMBER and "int" not in annotation and "float" not in annotation:
        yield f"{path}: a number here, {annotation} in the SDK"
    if prop.kind is Kind.TEXT and "str" not in annotation:
        yield f"{path}: a text here, {annotation} in the SDK"


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.token)
def test_names_of_a_resource_are_those_of_the_sdk(resource: Resource) -> None:
    found = resource_class(resource.token)
    wrong = list(mistakes(resource.inputs, found.inputs, found, ""))
    wrong += [
        f"{key}: required by the SDK, missing here"
        for key, field in found.inputs.items()
        if field.required and key not in resource.inputs
    ]
    wrong += [f"{key}: no output of the SDK" for key in resource.outputs if key not in found.outputs]
    wrong += [f"{key}: an input, not an output" for key in resource.outputs if key in resource.inputs]
    assert wrong == []


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.token)
def test_names_inside_a_table_entry_agree(resource: Resource) -> None:
    known = {*resource.inputs, *resource.outputs}
    assert {*resource.natural, *resource.volatile, *resource.secret} <= known
    assert len(resource.outputs) == len(set(resource.outputs))


@pytest.mark.parametrize("name", NAMES)
def test_provider_arguments_are_those_of_the_sdk(name: str) -> None:
    table = provider(name)
    assert list(mistakes(table.config, provider_class(name).inputs, provider_class(name), "")) == []
    assert set(table.identifying) <= set(table.config)


@pytest.mark.parametrize("name", NAMES)
def test_tokens_are_unique_and_found_by_name(name: str) -> None:
    table = provider(name)
    tokens = [resource.token for resource in table.resources()]
    assert len(tokens) == len(set(tokens))
    assert [table.resource(token).token for token in tokens] == tokens


SPECIFIED = {  # what the creator line and the edge platform are built from
    "aws": """
        acm Certificate; apigatewayv2 Api Authorizer Integration Route Stage; appautoscaling Policy Target;
        appsync Api ApiKey ChannelNamespace; backup Plan Selection Vault; budgets Budget;
        cloudfront Distribution Function OriginAccessControl; cloudtrail Trail;
        cloudwatch Dashboard EventRule EventTarget LogGroup MetricAlarm; cognito UserGroup UserPool UserPoolClient;
        costexplorer AnomalyMonitor AnomalySubscription; dynamodb Table; iam AccountPasswordPolicy Role RolePolicy;
        ivs Channel RecordingConfiguration; ivschat LoggingConfiguration Room; kinesis FirehoseDeliveryStream;
        kms Alias Key; lambda EventSourceMapping Function Permission;
        organizations OrganizationalUnit Policy PolicyAttachment; route53 HealthCheck Record Zone;
        s3 AccountPublicAccessBlock Bucket BucketCorsConfiguration BucketLifecycleConfiguration BucketPolicy
        BucketServerSideEncryptionConfiguration BucketVersioning; secretsmanager Secret;
        sesv2 ConfigurationSet ConfigurationSetEventDestination EmailIdentity; sns Topic TopicSubscription; sqs Queue
    """,
    "cloudflare": """
        index CustomHostname CustomHostnameFallbackOrigin DnsRecord R2Bucket R2BucketCors R2BucketLifecycle
        R2BucketLock WorkersKv WorkersKvNamespace WorkersRoute WorkersScript WorkersScriptSubdomain
    """,
}


def tokens(package: str) -> Iterator[str]:
    for group in SPECIFIED[package].split(";"):
        module, *types = group.split()
        yield from (f"{package}:{module}/{type[0].lower()}{type[1:]}:{type}" for type in types)


@pytest.mark.parametrize("name", NAMES)
def test_every_specified_type_is_there(name: str) -> None:
    assert set(tokens(name)) <= {resource.token for resource in provider(name).resources()}
