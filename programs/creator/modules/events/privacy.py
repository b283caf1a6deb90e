"""Tickets stay as a record of seats, without the person who had them."""

from programs.creator.runtime.documents import Item, change, delete, every, write

TABLES = ("event-tickets",)
NOBODY = "erased"


def export(user_id: str, _email: str) -> list[Item]:
    return list(every("event-tickets", "#userId = :user", {"user": user_id}, index="userId-index"))


def erase(user_id: str, email: str) -> dict[str, int]:
    tickets = export(user_id, email)
    for ticket in tickets:
        key = {"eventId": ticket["eventId"], "ticketId": ticket["ticketId"]}
        write(change("event-tickets", key, set={"userId": NOBODY}, when="attribute_exists(#ticketId)"))
    for event_id in {ticket["eventId"] for ticket in tickets}:
        write(delete("event-tickets", {"eventId": event_id, "ticketId": f"count#{user_id}"}))
    return {"tickets": len(tickets)}
