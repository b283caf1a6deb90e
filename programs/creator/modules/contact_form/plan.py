"""A visitor's message to the creator."""

from programs.creator.plan import Alarm, Function, Probe, Route, Table

TABLES: tuple[Table, ...] = ()
CONTACT = Function(
    name="contact",
    handler="programs.creator.modules.contact_form.handlers.contact.handle",
    routes=(Route("POST /contact", rate=5),),
    writes=("processed-events",),
    secrets=("app",),
    posts=True,
    facts=("RECIPIENT", "TOPICS", "RATE_PER_IP"),
    alarm=Alarm(errors=3, minutes=15),
)
FUNCTIONS = (CONTACT,)
PROBES = (Probe("POST /contact", 400, {}),)
