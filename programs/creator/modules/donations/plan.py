"""Money given, and a wall of thanks."""

from programs.creator.plan import Alarm, Auth, Function, Index, Kind, Probe, Route, Table

TABLES = (
    Table(
        name="donations",
        key="donationId",
        kind=Kind.FINANCIAL,
        indexes=(Index("visibility-index", "visibility", "createdAt"), Index("userId-index", "userId", "createdAt")),
    ),
)
DONATIONS = Function(
    name="donations",
    handler="programs.creator.modules.donations.handlers.donations.handle",
    routes=(
        Route("POST /donations/checkout", rate=5),
        Route("GET /donations/wall"),
        Route("GET /donations", Auth.PERSON),
    ),
    reads=("donations", "processed-events"),
    writes=("donations", "processed-events"),
    secrets=("app", "stripe"),
    facts=("DONATION_MIN", "DONATION_MAX", "DONATION_GOAL", "WALL"),
    timeout=20,
    alarm=Alarm(errors=3),
)
FUNCTIONS = (DONATIONS,)
SETTLED = ("donations",)
SETTLING_TELLS = ("donations",)
PROBES = (Probe("GET /donations/wall", 200),)
