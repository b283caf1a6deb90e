"""Letters to those who asked for them twice."""

from programs.creator.components.mail.plan import TAKING
from programs.creator.plan import Alarm, Allow, Auth, Function, Index, Kind, Probe, Route, Table

TABLES = (
    Table(name="subscribers", key="email", kind=Kind.PERSONAL, indexes=(Index("status-index", "status", "createdAt"),)),
    Table(name="campaigns", key="campaignId", kind=Kind.CONTENT, indexes=(Index("state-index", "state", "createdAt"),)),
)
NEWSLETTER = Function(
    name="newsletter",
    handler="programs.creator.modules.newsletter.handlers.newsletter.handle",
    routes=(
        Route("POST /newsletter/subscribe", rate=5),
        Route("GET /newsletter/confirm"),
        Route("POST /newsletter/unsubscribe"),
        Route("GET /newsletter/subscribers", Auth.PERSON),
        Route("POST /newsletter/campaigns", Auth.PERSON),
        Route("GET /newsletter/campaigns", Auth.PERSON),
    ),
    reads=("subscribers", "campaigns", "processed-events"),
    writes=("subscribers", "campaigns", "processed-events"),
    secrets=("app",),
    posts=True,
    allows=(Allow(("sqs:SendMessage",), ("{queue_news}",)),),
    facts=("QUEUE_NEWS",),
    alarm=Alarm(errors=5),
)
SENDER = Function(
    name="newsletter-sender",
    handler="programs.creator.modules.newsletter.handlers.sender.handle",
    reads=("subscribers", "campaigns"),
    writes=("subscribers", "campaigns", "processed-events"),
    secrets=("app",),
    mails=True,
    allows=(Allow((*TAKING, "sqs:SendMessage"), ("{queue_news}",)),),
    facts=("QUEUE_NEWS", "NEWS_FROM"),
    timeout=60,
    alarm=Alarm(errors=5),
)
FEEDBACK = Function(
    name="newsletter-feedback",
    handler="programs.creator.modules.newsletter.handlers.feedback.handle",
    writes=("subscribers",),
    secrets=("app",),
    alarm=Alarm(errors=1),
)
FUNCTIONS = (NEWSLETTER, SENDER, FEEDBACK)
PROBES = (Probe("POST /newsletter/subscribe", 400, {}),)
