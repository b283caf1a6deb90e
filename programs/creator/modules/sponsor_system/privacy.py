"""Bookings are those of companies; only who made them is a person."""

from programs.creator.runtime.documents import Item, change, every, write

TABLES = ("sponsors",)


def export(user_id: str, _email: str) -> list[Item]:
    return list(every("sponsors", "#ownerUserId = :user", {"user": user_id}, index="ownerUserId-index"))


def erase(user_id: str, email: str) -> dict[str, int]:
    found = export(user_id, email)
    for row in found:
        key = {"sponsorId": row["sponsorId"]}
        write(change("sponsors", key, remove=("ownerUserId",), when="attribute_exists(#sponsorId)"))
    return {"bookings": len(found)}
