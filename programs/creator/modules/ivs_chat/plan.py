"""The room beside the stream. The truth about what was said is the room's own log; the table follows it."""

from programs.creator.plan import Alarm, Allow, Auth, Function, Index, Kind, Probe, Route, Table

LOG = "/aws/vendedlogs/ivschat/creator"
LOG_DAYS = 3
TABLES = (
    Table(
        name="messages",
        key="streamId",
        sort="timestamp",
        kind=Kind.PERSONAL,
        numbers=frozenset({"timestamp"}),
        indexes=(Index("userId-index", "userId", "timestamp"), Index("messageId-index", "messageId")),
        ttl="expiresAt",
    ),
)
ROOM = ("ivschat:CreateChatToken", "ivschat:DeleteMessage", "ivschat:DisconnectUser")
CHAT = Function(
    name="chat",
    handler="programs.creator.modules.ivs_chat.handlers.chat.handle",
    routes=(
        Route("POST /chat/token", Auth.PERSON),
        Route("GET /chat/messages"),
        Route("DELETE /chat/messages/{id}", Auth.PERSON),
        Route("POST /chat/users/{id}/disconnect", Auth.PERSON),
    ),
    reads=("messages", "users", "processed-events"),
    writes=("messages", "processed-events"),
    tells=("moderation",),
    allows=(Allow(ROOM, ("{room}",)), Allow(("logs:FilterLogEvents",), ("{log_chat}:*",))),
    facts=("ROOM", "CHAT_ENDPOINT", "CHAT_LOG", "CHAT_DAYS", "PREMIUM_ONLY"),
    timeout=30,
    alarm=Alarm(errors=5),
)
REVIEW = Function(
    name="chat-review",
    handler="programs.creator.modules.ivs_chat.handlers.review.handle",
    facts=("BLOCKED_WORDS",),
    memory=512,  # the service waits a fifth of a second for it
    timeout=3,
    alarm=Alarm(errors=5),
)
FUNCTIONS = (CHAT, REVIEW)
PROBES = (Probe("GET /chat/messages", 200), Probe("POST /chat/token", 401, {}))
SLOW = 150  # milliseconds
