"""Is it well, and who is told when it is not."""

from programs.creator.plan import Allow, Function, Probe, Route, Table

TABLES: tuple[Table, ...] = ()
HEALTH = Function(
    name="health",
    handler="programs.creator.modules.monitoring.handlers.health.handle",
    routes=(Route("GET /health"),),
    secrets=("app",),
    allows=(
        Allow(("dynamodb:DescribeTable",), ("arn:aws:dynamodb:{region}:{account}:table/creator-*",)),
        Allow(("cognito-idp:DescribeUserPool",), ("{pool}",)),
        Allow(("secretsmanager:DescribeSecret",), ("{secret_app}", "{secret_mail}")),
    ),
    facts=("VERSION", "MODULES", "ALL_TABLES", "POOL_ID", "ALL_SECRETS"),
)
FUNCTIONS = (HEALTH,)
PROBES = (Probe("GET /health", 200),)
