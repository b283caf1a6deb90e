"""What all nouns of the emulator share."""

import secrets
from datetime import datetime
from uuid import uuid4

from sandbox.kit.home import Home
from sandbox.resend.jobs import Jobs

OWN_TEAM = "team_own"  # the team of the initial key; others exist for domains that are already taken


class Vendor:
    def __init__(self, home: Home) -> None:
        self.home = home
        self.clock, self.faults = home.clock, home.faults
        self.store = home.store("resend")
        self.jobs = Jobs(self.store, home.clock)

    def now(self) -> str:
        return stamp(self.clock.now())


def stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds")


def new_id() -> str:
    return str(uuid4())


def new_token(prefix: str) -> str:
    return prefix + secrets.token_urlsafe(24)
