"""What a tier means, in one table."""

from collections.abc import Mapping
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
    traffic: int  # gigabytes that the site delivers in a month, by the usage that the price includes
    backup_days: int
    weekly_days: int  # 0: no weekly copies
    read_units: int | None  # caps of a table on demand
    write_units: int | None
    channel: Literal["BASIC", "STANDARD"]
    multitrack: bool  # of the channel: set after the stack, the provider does not know it
    chat_rate: int  # messages a second in the room
    scaled: frozenset[str]  # tables whose capacity is bought, and follows what is used
    costs: Mapping[str, float]  # USD a month for the usage that the price includes, by service
    reserved: dict[str, int]  # concurrency, where the account's quota allows it


SMALL: Mapping[str, float] = {
    "streaming": 55.9,
    "chat": 0.8,
    "recordings": 3.1,
    "delivery": 9.7,
    "functions": 0.4,
    "api": 1.4,
    "database": 6.6,
    "storage": 0.8,
    "accounts": 0,
    "monitoring": 7.0,
    "dns": 0.5,
    "keys": 3.5,
    "notifications": 0.7,
}
MEDIUM: Mapping[str, float] = {
    "streaming": 132.0,
    "chat": 3.1,
    "recordings": 5.3,
    "delivery": 19.3,
    "functions": 1.3,
    "api": 3.4,
    "database": 20.6,
    "storage": 1.1,
    "accounts": 0,
    "monitoring": 8.9,
    "dns": 0.6,
    "keys": 5.2,
    "notifications": 0.7,
}
LARGE: Mapping[str, float] = {
    "streaming": 361.8,
    "chat": 9.9,
    "recordings": 11.0,
    "delivery": 34.5,
    "functions": 4.0,
    "api": 7.2,
    "database": 43.6,
    "storage": 1.5,
    "accounts": 0,
    "monitoring": 10.8,
    "dns": 0.6,
    "keys": 9.2,
    "notifications": 0.7,
}
TIERS: dict[TierName, Tier] = {
    "small": Tier(
        memory=128, rate=50, burst=100, logs_days=14, budget=110, traffic=90, backup_days=14, weekly_days=0,
        read_units=200, write_units=100, channel="BASIC", multitrack=False, chat_rate=10, scaled=frozenset(),
        reserved={}, costs=SMALL,
    ),
    "medium": Tier(
        memory=256, rate=200, burst=400, logs_days=30, budget=240, traffic=175, backup_days=35, weekly_days=0,
        read_units=1000, write_units=500, channel="STANDARD", multitrack=False, chat_rate=50, scaled=frozenset(),
        reserved={}, costs=MEDIUM,
    ),
    "large": Tier(
        memory=512, rate=500, burst=1000, logs_days=90, budget=600, traffic=300, backup_days=35, weekly_days=90,
        read_units=None, write_units=None, channel="STANDARD", multitrack=True, chat_rate=100,
        scaled=frozenset({"users", "messages", "shop-orders", "sponsors", "events", "analytics-daily"}), costs=LARGE,
        reserved={"auth": 50, "chat-review": 100, "shop": 50, "stripe-webhook": 20},
    ),
}  # fmt: skip
RESERVING = 320  # the quota from which reserving leaves enough for the others
