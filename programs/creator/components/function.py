"""A function as its plan says: its own log, role and policy, and the routes that lead to it."""

from dataclasses import replace
from typing import Any

import pulumi
import pulumi_aws as aws

from programs.creator import artifact, policies
from programs.creator.account import Account
from programs.creator.components.alarm import alarm
from programs.creator.plan import Allow, Auth, Function, Route
from programs.creator.tiers import RESERVING

RUNTIME = "python3.13"
SENDING = Allow(("ses:SendEmail",), ("{mail_identity}", "{mail_set}"))
POSTING = Allow(("sqs:SendMessage",), ("{queue_mail}",))


def function(account: Account, parent: pulumi.Resource, plan: Function) -> aws.lambda_.Function:
    plan = _with_realtime(account, _with_stripe(_with_mail(account, plan)))
    log = _log(account, parent, plan)
    role = _role(account, parent, plan, log)
    made = _function(account, parent, plan, role, log)
    if plan.routes:
        _routes(account, parent, plan, made)
    if plan.alarm:
        _alarm(account, parent, plan)
    account.made["functions"].append(f"creator-{plan.name}")
    return made


def _with_mail(account: Account, plan: Function) -> Function:
    """How mail leaves decides what sending it takes."""
    if plan.posts:
        plan = replace(plan, mails=True, allows=(*plan.allows, POSTING), facts=(*plan.facts, "QUEUE_MAIL"))
    if not plan.mails:
        return plan
    facts = (*plan.facts, "MAIL_TRANSPORT", "MAIL_FROM")
    if account.spec.mail_transport == "ses":
        return replace(plan, allows=(*plan.allows, SENDING), facts=(*facts, "MAIL_SET"))
    return replace(plan, secrets=(*plan.secrets, "mail"), facts=(*facts, "RESEND_ENDPOINT"))


def _with_stripe(plan: Function) -> Function:
    return replace(plan, facts=(*plan.facts, "STRIPE_ENDPOINT", "STRIPE_VERSION")) if "stripe" in plan.secrets else plan


def _with_realtime(account: Account, plan: Function) -> Function:
    """Telling is a courtesy: without live channels there is nobody to tell."""
    if not plan.tells or "realtime" not in account.arns:
        return plan
    places = tuple(f"{{realtime}}/channelNamespace/{name}" for name in plan.tells)
    facts = (*plan.facts, "REALTIME_HOST", "REALTIME_ENDPOINT")
    return replace(plan, allows=(*plan.allows, Allow(("appsync:EventPublish",), places)), facts=facts)


def _log(account: Account, parent: pulumi.Resource, plan: Function) -> aws.cloudwatch.LogGroup:
    return aws.cloudwatch.LogGroup(
        f"{plan.name}-log",
        name=f"/aws/lambda/creator-{plan.name}",
        retention_in_days=account.spec.limits.logs_days,
        kms_key_id=account.arns["key"],
        opts=account.options(parent),
    )


def _role(account: Account, parent: pulumi.Resource, plan: Function, log: aws.cloudwatch.LogGroup) -> aws.iam.Role:
    name, region = f"creator-{plan.name}", account.spec.region
    trust = policies.trust("lambda.amazonaws.com")
    role = aws.iam.Role(f"{plan.name}-role", name=name, assume_role_policy=trust, opts=account.options(parent))
    known = pulumi.Output.all(**{**account.arns, "log": log.arn})
    aws.iam.RolePolicy(
        f"{plan.name}-policy",
        name="own",
        role=role.name,
        policy=known.apply(lambda arns: policies.of_function(plan, arns, region=region)),
        opts=account.options(parent),
    )
    return role


def _function(
    account: Account, parent: pulumi.Resource, plan: Function, role: aws.iam.Role, log: aws.cloudwatch.LogGroup
) -> aws.lambda_.Function:
    limits, name = account.spec.limits, f"creator-{plan.name}"
    reserves = account.spec.quotas.lambda_concurrency >= RESERVING and plan.name in limits.reserved
    return aws.lambda_.Function(
        plan.name,
        name=name,
        role=role.arn,
        runtime=RUNTIME,
        handler=plan.handler,
        architectures=["arm64"],
        code=pulumi.FileArchive(account.spec.code or str(artifact.archive())),
        memory_size=plan.memory or limits.memory,
        timeout=plan.timeout,
        environment=aws.lambda_.FunctionEnvironmentArgs(variables=_variables(account, plan)),
        logging_config=aws.lambda_.FunctionLoggingConfigArgs(log_format="JSON", log_group=log.name),
        reserved_concurrent_executions=limits.reserved[plan.name] if reserves else None,
        opts=account.options(parent),
    )


def _variables(account: Account, plan: Function) -> dict[str, Any]:
    spec = account.spec
    found: dict[str, Any] = {"TENANT_ID": spec.tenant_id, "SITE_ORIGIN": spec.origin, "LOCALE": spec.locale}
    for name in plan.tables:
        found[f"TABLE_{name.upper().replace('-', '_')}"] = spec.table_name(name)
    for name in plan.secrets:
        found[f"SECRET_{name.upper()}"] = account.arns[f"secret_{name}"]
    return found | {name: account.facts[name] for name in plan.facts}


def _routes(account: Account, parent: pulumi.Resource, plan: Function, made: aws.lambda_.Function) -> None:
    assert account.api is not None
    api, name = account.api, plan.name
    aws.lambda_.Permission(
        f"{name}-api",
        function=made.name,
        statement_id="api",
        action="lambda:InvokeFunction",
        principal="apigateway.amazonaws.com",
        source_arn=pulumi.Output.concat(api.execution_arn, "/*/*"),
        source_account=account.spec.account_id,
        opts=account.options(parent),
    )
    integration = aws.apigatewayv2.Integration(
        f"{name}-api",
        api_id=api.id,
        integration_type="AWS_PROXY",
        integration_uri=made.arn,
        payload_format_version="2.0",
        timeout_milliseconds=min(plan.timeout, 29) * 1000,
        opts=account.options(parent),
    )
    for route in plan.routes:
        _route(account, parent, route, integration)


def _route(account: Account, parent: pulumi.Resource, route: Route, integration: aws.apigatewayv2.Integration) -> None:
    assert account.api is not None
    person = {"authorization_type": "JWT", "authorizer_id": account.authorizer_id} if route.auth is Auth.PERSON else {}
    made = aws.apigatewayv2.Route(
        route.key.replace(" ", ""),
        api_id=account.api.id,
        route_key=route.key,
        target=pulumi.Output.concat("integrations/", integration.id),
        opts=account.options(parent),
        **(person or {"authorization_type": "NONE"}),
    )
    account.routes.append(made)
    account.made["routes"].append(route.key)
    if route.rate:
        account.rates[route.key] = route.rate


def _alarm(account: Account, parent: pulumi.Resource, plan: Function) -> None:
    assert plan.alarm
    alarm(
        account,
        parent,
        f"{plan.name}-errors",
        threshold=plan.alarm.errors,
        namespace="AWS/Lambda",
        metric_name="Errors",
        dimensions={"FunctionName": f"creator-{plan.name}"},
        statistic="Sum",
        period=plan.alarm.minutes * 60,
    )
