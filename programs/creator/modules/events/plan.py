"""Events and their tickets, free or paid: never more than there are seats."""

from programs.creator.plan import Alarm, Auth, Function, Index, Kind, Probe, Route, Table

TABLES = (
    Table(name="events", key="eventId", kind=Kind.CONTENT, indexes=(Index("status-index", "status", "date"),)),
    Table(
        name="event-tickets",
        key="eventId",
        sort="ticketId",
        kind=Kind.FINANCIAL,
        indexes=(Index("userId-index", "userId", "createdAt"), Index("status-index", "status", "createdAt")),
    ),
)
EVENTS = Function(
    name="events",
    handler="programs.creator.modules.events.handlers.events.handle",
    routes=(
        Route("GET /events"),
        Route("GET /events/{id}"),
        Route("POST /events", Auth.PERSON),
        Route("PATCH /events/{id}", Auth.PERSON),
        Route("DELETE /events/{id}", Auth.PERSON),
        Route("POST /events/{id}/tickets", Auth.PERSON),
        Route("GET /events/tickets/mine", Auth.PERSON),
        Route("POST /events/{id}/checkin", Auth.PERSON),
    ),
    reads=("events", "event-tickets", "processed-events"),
    writes=("events", "event-tickets", "processed-events"),
    secrets=("app", "stripe"),
    facts=("TICKETS_EACH", "HOLD_MINUTES"),
    timeout=20,
    alarm=Alarm(errors=5),
)
FUNCTIONS = (EVENTS,)
SETTLED = ("events", "event-tickets")
PROBES = (Probe("GET /events", 200),)
