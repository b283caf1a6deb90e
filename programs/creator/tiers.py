"""What a tier means, in one table."""

from dataclasses import dataclass
from typing import Literal

TierName = Literal["small", "medium", "large"]


@dataclass(frozen=True, kw_only=True)
class Tier:
    memory: int  # MB of a function
    rate: int  # requests per second to the API
    burst: int
    logs_days: int
    budget: int  # USD a month
    backup_days: int
    weekly_days: int  # 0: no weekly copies
    read_units: int | None  # caps of a table on demand
    write_units: int | None
    channel: Literal["BASIC", "STANDARD"]
    multitrack: bool  # of the channel: set after the stack, the provider does not know it
    chat_rate: int  # messages a second in the room
    reserved: dict[str, int]  # concurrency, where the account's quota allows it


TIERS: dict[TierName, Tier] = {
    "small": Tier(
        memory=128, rate=50, burst=100, logs_days=14, budget=110, backup_days=14, weekly_days=0,
        read_units=200, write_units=100, channel="BASIC", multitrack=False, chat_rate=10, reserved={}
    ),
    "medium": Tier(
        memory=256, rate=200, burst=400, logs_days=30, budget=240, backup_days=35, weekly_days=0,
        read_units=1000, write_units=500, channel="STANDARD", multitrack=False, chat_rate=50, reserved={}
    ),
    "large": Tier(
        memory=512, rate=500, burst=1000, logs_days=90, budget=600, backup_days=35, weekly_days=90,
        read_units=None, write_units=None, channel="STANDARD", multitrack=True, chat_rate=100,
        reserved={"auth": 50, "chat-review": 100, "shop": 50, "stripe-webhook": 20},
    ),
}  # fmt: skip
RESERVING = 320  # the quota from which reserving leaves enough for the others
