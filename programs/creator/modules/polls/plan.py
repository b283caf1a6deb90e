"""Questions, and one vote for each person."""

from programs.creator.plan import Alarm, Auth, Function, Index, Kind, Probe, Route, Table

TABLES = (
    Table(name="polls", key="pollId", kind=Kind.CONTENT, indexes=(Index("status-index", "status", "createdAt"),)),
    Table(
        name="poll-votes",
        key="pollId",
        sort="voterId",
        kind=Kind.PERSONAL,
        indexes=(Index("voterId-index", "voterId"),),
    ),
)
POLLS = Function(
    name="polls",
    handler="programs.creator.modules.polls.handlers.polls.handle",
    routes=(
        Route("GET /polls"),
        Route("GET /polls/{id}"),
        Route("POST /polls", Auth.PERSON),
        Route("PATCH /polls/{id}", Auth.PERSON),
        Route("POST /polls/{id}/vote", Auth.PERSON),
    ),
    reads=("polls",),
    writes=("polls", "poll-votes"),
    secrets=("app",),
    tells=("polls",),
    facts=("POLL_OPTIONS", "LIVE_RESULTS"),
    alarm=Alarm(errors=5),
)
FUNCTIONS = (POLLS,)
PROBES = (Probe("GET /polls", 200),)
