"""The life of a tenant: one table of allowed moves. What comes before the payment is the order's life."""

from enum import StrEnum


class State(StrEnum):
    QUEUED = "queued"
    QUEUED_CAPACITY = "queued_capacity"
    PROVISIONING = "provisioning"
    ACTIVE = "active"
    PAST_DUE = "past_due"
    SUSPENDED = "suspended"
    RESUMING = "resuming"
    CANCELLED = "cancelled"
    RETENTION = "retention"
    DEPROVISIONING = "deprovisioning"
    DEPROVISIONED = "deprovisioned"
    FAILED = "failed"
    QUARANTINED = "quarantined"


S = State
MOVES: dict[State, frozenset[State]] = {
    S.QUEUED: frozenset({S.QUEUED_CAPACITY, S.PROVISIONING, S.FAILED, S.CANCELLED, S.QUARANTINED}),
    S.QUEUED_CAPACITY: frozenset({S.QUEUED, S.PROVISIONING, S.FAILED, S.CANCELLED, S.QUARANTINED}),
    S.PROVISIONING: frozenset({S.ACTIVE, S.QUEUED_CAPACITY, S.FAILED, S.CANCELLED, S.QUARANTINED}),
    S.FAILED: frozenset({S.QUEUED, S.PROVISIONING, S.CANCELLED, S.QUARANTINED}),
    S.ACTIVE: frozenset({S.PAST_DUE, S.SUSPENDED, S.CANCELLED, S.QUARANTINED}),
    S.PAST_DUE: frozenset({S.ACTIVE, S.SUSPENDED, S.CANCELLED, S.QUARANTINED}),
    S.SUSPENDED: frozenset({S.RESUMING, S.CANCELLED, S.QUARANTINED}),
    S.RESUMING: frozenset({S.ACTIVE, S.SUSPENDED, S.CANCELLED, S.QUARANTINED}),
    S.QUARANTINED: frozenset({S.QUEUED, S.RESUMING, S.CANCELLED}),
    S.CANCELLED: frozenset({S.RETENTION, S.DEPROVISIONING, S.QUARANTINED}),
    S.RETENTION: frozenset({S.RESUMING, S.DEPROVISIONING, S.QUARANTINED}),
    S.DEPROVISIONING: frozenset({S.DEPROVISIONED}),
    S.DEPROVISIONED: frozenset(),
}
TERMINAL = frozenset({S.DEPROVISIONED})
SERVING = frozenset({S.ACTIVE, S.PAST_DUE})
ENDING = frozenset({S.CANCELLED, S.RETENTION, S.DEPROVISIONING, S.DEPROVISIONED})


class MoveRefused(Exception):
    def __init__(self, current: State, wanted: State) -> None:
        super().__init__(f"a tenant cannot go from {current} to {wanted}")
        self.current, self.wanted = current, wanted


def check(current: State, wanted: State) -> None:
    if wanted not in MOVES[current]:
        raise MoveRefused(current, wanted)
