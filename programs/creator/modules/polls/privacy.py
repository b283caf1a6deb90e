"""Votes belong to a person; what they added up to does not."""

from programs.creator.runtime.documents import Item, delete, every, write

TABLES = ("poll-votes",)


def export(user_id: str, _email: str) -> list[Item]:
    return list(every("poll-votes", "#voterId = :user", {"user": user_id}, index="voterId-index"))


def erase(user_id: str, email: str) -> dict[str, int]:
    votes = export(user_id, email)
    for vote in votes:
        write(delete("poll-votes", {"pollId": vote["pollId"], "voterId": user_id}))
    return {"votes": len(votes)}
