"""Visits, counted without cookies and without knowing who."""

from programs.creator.plan import Alarm, Allow, Auth, Function, Kind, Probe, Route, Table

TABLES = (Table(name="analytics-daily", key="day", sort="metric", kind=Kind.AGGREGATE, ttl="ttl"),)
ANALYTICS = Function(
    name="analytics",
    handler="programs.creator.modules.analytics.handlers.analytics.handle",
    routes=(Route("POST /analytics/collect"), Route("GET /analytics/summary", Auth.PERSON)),
    reads=("analytics-daily",),
    writes=("analytics-daily", "processed-events"),
    secrets=("app",),
    allows=(Allow(("firehose:PutRecord",), ("{firehose}",)),),
    facts=("FIREHOSE", "ANALYTICS_DAYS", "SAMPLE"),
    alarm=Alarm(errors=5),
)
FUNCTIONS = (ANALYTICS,)
PROBES = (Probe("POST /analytics/collect", 400, {}),)
LATE = 900  # seconds until what was counted has to be in the bucket
