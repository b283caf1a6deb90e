"""A visitor's message to the creator. It is kept no longer than until it is sent."""

import time
from hashlib import sha256

from programs.creator.runtime.documents import change, write
from programs.creator.runtime.errors import Problem, invalid
from programs.creator.runtime.fields import email, form, text, whole
from programs.creator.runtime.http import Answer, Request, Routes
from programs.creator.runtime.mail import Mail
from programs.creator.runtime.once import TABLE, once
from programs.creator.runtime.outbox import post
from programs.creator.runtime.secrets import value
from programs.creator.runtime.settings import optional
from programs.creator.runtime.settings import text as setting

handle = Routes()
REPEATED = 600
FASTEST = 3  # seconds in which only a machine fills in a form
HOUR = 3600

MESSAGE = form(
    name=text(1, 80, r"[^\r\n]+"),
    email=email,
    message=text(10, 4000),
    startedAt=whole(0, 2**53),
    website=text(0, 200),
    optional={"topic": text(1, 80, r"[^\r\n]+")},
)


@handle.add("POST /contact")
def contact(request: Request) -> Answer:
    wanted = request.form(MESSAGE)
    topics = optional("TOPICS").splitlines()
    if "topic" in wanted and wanted["topic"] not in topics:
        raise invalid("topic", "this topic is not offered")
    if wanted["website"] or time.time() - wanted["startedAt"] / 1000 < FASTEST:
        return Answer(202, {})  # a machine is not told that it was noticed
    _limited(request.ip)
    mark = sha256(f"{wanted['email']}\0{wanted['message']}".encode()).hexdigest()
    with once(f"contact#{mark}", kind="contact", seconds=REPEATED) as is_new:
        if is_new:
            post(_mail(wanted, f"contact/{mark}/{int(time.time()) // REPEATED}"))
    return Answer(202, {})


def _mail(wanted: dict[str, str], key: str) -> Mail:
    topic = wanted.get("topic", "")
    subject = f"{topic}: {wanted['name']}" if topic else wanted["name"]
    body = f"{wanted['message']}\n\n-- \n{wanted['name']} <{wanted['email']}>"
    # The visitor is only the address to answer to: a From that is not ours would be rejected as forged.
    return Mail(setting("RECIPIENT"), subject, body, reply_to=wanted["email"], key=key)


def _limited(ip: str) -> None:
    window = int(time.time()) // HOUR
    mark = sha256(f"{value('app', 'pepper')}{ip}".encode()).hexdigest()[:32]
    key = {"eventId": f"rate#contact#{mark}#{window}"}
    found = write(change(TABLE, key, set={"ttl": (window + 2) * HOUR, "kind": "rate"}, add={"attempts": 1}))
    if found["attempts"] > int(setting("RATE_PER_IP")):
        raise Problem("rate_limited", "please try again later")
