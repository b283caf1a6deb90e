"""Mail that the transport did not take at once: it waits in a queue of the account, and is tried again."""

from programs.creator.plan import Allow, Function, Probe, Table

TABLES: tuple[Table, ...] = ()
TAKING = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")  # what a queue in front of it takes
MAILER = Function(
    name="mailer",
    handler="programs.creator.components.mail.handlers.mailer.handle",
    mails=True,
    allows=(Allow((*TAKING, "sqs:ChangeMessageVisibility"), ("{queue_mail}",)),),
    facts=("QUEUE_MAIL",),
    timeout=30,
)
FUNCTIONS = (MAILER,)
PROBES: tuple[Probe, ...] = ()
TRIES = 100  # more than a day, at the slowest pace: then a person is told
