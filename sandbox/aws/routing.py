"""Who answers which service, and why: what boto3 was told when the same calls were made to both emulators.

OWN is this package; MINISTACK is hosted in this process; moto 5.2.5 was tried for every row and is not needed.
A row names exceptions in its reason. `tests/contract/aws/test_routing.py` holds the table against the code.
"""

from dataclasses import dataclass

OWN, MINISTACK, BOTH = "own", "ministack", "both"  # both: ministack keeps the resource, we answer some calls ourselves


@dataclass(frozen=True)
class Choice:
    backend: str
    reason: str


SERVICES: dict[str, Choice] = {
    "organizations": Choice(OWN, "both create accounts at once, know no quotas; ministack lacks State and statuses"),
    "sts": Choice(OWN, "ministack lends roles that do not exist; moto ignores trust conditions; neither knows SCPs"),
    "ivs": Choice(OWN, "ministack lacks it; moto has channels only, no keys, recordings or streams"),
    "ivschat": Choice(OWN, "neither has it"),
    "service-quotas": Choice(OWN, "neither has Lambda's quotas or requests"),
    "ce": Choice(OWN, "ministack lacks it; moto answers seeded rows only, no forecast, no anomalies"),
    "application-autoscaling": Choice(OWN, "ministack lacks it; moto serves it, but would be a process for six calls"),
    "account": Choice(OWN, "ministack lacks alternate contacts"),
    "s3control": Choice(OWN, "ministack answers InvalidURI to the account's public access block"),
    "sesv2": Choice(BOTH, "ministack verifies at once and forgets mails; it keeps configuration sets and templates"),
    "backup": Choice(BOTH, "recovery points and restore jobs are empty lists in ministack, missing in moto"),
    "dynamodb": Choice(BOTH, "both restore the present whatever time is asked for: point-in-time recovery is ours"),
    "acm": Choice(BOTH, "ministack issues at once, moto never: we look at the DNS"),
    "route53": Choice(BOTH, "ministack gives every zone the same name servers and publishes nothing"),
    "cloudfront": Choice(BOTH, "moto cannot publish functions; ministack does not route aliases nor reach HTTP APIs"),
    "appsync": Choice(BOTH, "moto has no events; ministack checks API keys only"),
    "lambda": Choice(
        BOTH, "moto does not run code without Docker; ministack gives handlers all rights and any concurrency"
    ),
    "sns": Choice(BOTH, "moto delivers nothing over HTTP; ministack signs with the word FAKE and tries once"),
    "events": Choice(MINISTACK, "moto fires nothing; schedules follow the emulated clock by a patch"),
    "s3": Choice(MINISTACK, "both serve it; bodies are files here, versions and presigned URLs work"),
    "iam": Choice(MINISTACK, "both serve it; enforcement is ours"),
    "apigatewayv2": Choice(BOTH, "moto has no data plane; ministack loses a stage whose access log is removed"),
    "cognito-idp": Choice(BOTH, "moto accepts any code; ministack has keys that verify, but no UpdateGroup"),
    "kms": Choice(MINISTACK, "both serve it"),
    "secretsmanager": Choice(BOTH, "ministack gives a name away that still waits for its deletion"),
    "sqs": Choice(MINISTACK, "moto's queues feed no function"),
    "logs": Choice(MINISTACK, "functions write into it"),
    "cloudwatch": Choice(MINISTACK, "SetAlarmState reaches SNS in both"),
    "firehose": Choice(MINISTACK, "both deliver to S3 at once"),
    "budgets": Choice(MINISTACK, "moto lacks UpdateBudget"),
    "cloudtrail": Choice(MINISTACK, "moto lacks LookupEvents"),
    "resourcegroupstaggingapi": Choice(MINISTACK, "each misses services, as AWS does"),
}


def backend_of(service: str) -> str:
    """Services that the product does not use go to ministack, which has some sixty more."""
    choice = SERVICES.get(service)
    return choice.backend if choice else MINISTACK
