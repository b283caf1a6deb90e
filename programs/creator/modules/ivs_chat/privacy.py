"""What somebody said stays as a gap in the conversation."""

from programs.creator.runtime.documents import Item, change, every, write

TABLES = ("messages",)


def export(user_id: str, _email: str) -> list[Item]:
    return list(every("messages", "#userId = :user", {"user": user_id}, index="userId-index"))


def erase(user_id: str, email: str) -> dict[str, int]:
    found = export(user_id, email)
    gone = {"message": "", "username": "", "deleted": True, "userId": "erased"}
    for row in found:
        key = {"streamId": row["streamId"], "timestamp": row["timestamp"]}
        write(change("messages", key, set=gone, when="attribute_exists(#streamId)"))
    return {"messages": len(found)}
