"""What a module says about money: each `payments.py` of a module holds one `Adapter` under the name ADAPTER."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from programs.creator.runtime import checkout
from programs.creator.runtime.documents import Write

Doc = dict[str, Any]


@dataclass(frozen=True)
class Waiting:
    """A row that waits for money; without a page nobody was ever asked for it."""

    id: str
    session: str = ""


def _nothing(_id: str, _doc: Doc) -> list[Write]:
    return []


def _none() -> Iterable[Waiting]:
    return ()


def _quiet(_id: str, _doc: Doc) -> None:
    return None


def _still() -> None:
    return None


@dataclass(frozen=True, kw_only=True)
class Adapter:
    """Each of these looks at the row first: no writes if it was settled before."""

    kind: str
    paid: Callable[[str, Doc], list[Write]] = _nothing
    released: Callable[[str, Doc], list[Write]] = _nothing
    refunded: Callable[[str, Doc], list[Write]] = _nothing
    subscribed: Callable[[str, Doc], list[Write]] = _nothing
    thank: Callable[[str, Doc], None] = _quiet  # after the money is written down; may fail
    waiting: Callable[[], Iterable[Waiting]] = _none  # for so long that the page has to be closed
    resync: Callable[[], None] = _still  # once a day


def writes_for(adapter: Adapter, id: str, session: Doc) -> list[Write]:
    """What a page of Stripe means for the row behind it."""
    if session["status"] == "complete" and session["payment_status"] != "unpaid":
        return adapter.paid(id, session)
    return adapter.released(id, session) if session["status"] == "expired" else []


def outcome(one: Waiting) -> Doc:
    """Nobody pays any more after this, so what was taken for the row can be given back."""
    return checkout.close(one.session) if one.session else {"status": "expired", "payment_status": "unpaid"}


def payment_of(session: Doc) -> str:
    return str(session.get("payment_intent") or "")


def buyer_of(session: Doc) -> str:
    return str((session.get("customer_details") or {}).get("email") or "")
