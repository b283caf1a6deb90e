"""Slugs that rest: a name of somebody who was forgotten rests as a mark that only we can compare, and then goes."""

from collections.abc import Sequence

from sqlalchemy import delete
from sqlmodel import Session, col, select

from controlplane.core.retention import BATCH, in_batches
from controlplane.gateways import Gateways
from controlplane.identity import hashing
from tenants import naming
from tenants import service as tenants
from tenants.models import Name

WIDTH = 40  # of the column: 160 bits are enough to tell names apart


def is_free(session: Session, gateways: Gateways, slug: str) -> bool:
    marks = [_short(mark) for mark in hashing.candidates(gateways, _subject(slug))]
    return tenants.name_is_free(session, slug, now=gateways.now(), marks=marks)


def forget(session: Session, gateways: Gateways, holders: Sequence[str]) -> int:
    """Nobody takes the name before its rest is over, and nobody can read whose it was."""
    found = session.exec(select(Name).where(col(Name.holder).in_(holders)).with_for_update()).all()
    for name in found:
        mark = _short(hashing.digest(gateways, _subject(name.slug)))
        session.delete(name)
        session.flush()
        session.add(Name(slug=mark, skeleton=mark, holder="", until=name.until))
    return len(found)


def drop_rested(gateways: Gateways) -> int:
    """What may be taken by anybody need not be known."""
    over = select(Name.slug).where(col(Name.until) <= gateways.now()).limit(BATCH).with_for_update(skip_locked=True)
    query = delete(Name).where(col(Name.slug).in_(over))
    return in_batches(gateways.db, lambda session: int(session.connection().execute(query).rowcount))


def _subject(slug: str) -> str:
    return f"name:{naming.skeleton(slug)}"


def _short(mark: str) -> str:
    return f"~{mark.rpartition('$')[2]}"[:WIDTH]
