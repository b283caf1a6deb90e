"""Lock rules: objects under a locked prefix can be neither deleted nor replaced."""

from sandbox.cloudflare.ages import Ages
from sandbox.cloudflare.buckets import key_of
from sandbox.cloudflare.cloud import Cloud, moment
from sandbox.cloudflare.envelope import ApiError
from sandbox.cloudflare.operation import Doc
from sandbox.cloudflare.places import Place
from sandbox.edge.client import NotThere


class Locks:
    def __init__(self, cloud: Cloud) -> None:
        self._cloud, self._ages = cloud, Ages(cloud.clock, cloud.store)

    async def check(self, bucket: Doc, place: Place, keys: list[str]) -> None:
        doc = self._cloud.store.get("bucket_lock", key_of(bucket)) or {"rules": []}
        rules = [rule for rule in doc["rules"] if rule["enabled"]]
        for key in keys if rules else []:
            matching = [rule for rule in rules if key.startswith(rule["prefix"])]
            if matching and await self._is_locked(place, key, matching):
                raise ApiError(409, 10069, f"The object {key} is locked by the bucket policy.")

    async def _is_locked(self, place: Place, key: str, rules: list[Doc]) -> bool:
        try:
            head = await (await self._cloud.stores()).call(
                "GET", "/r2/list", query={**place.list_query(key), "limit": "1"}
            )
        except NotThere:
            return False
        found = [item for item in head.json()["objects"] if item["key"] == place.inside(key)]
        return bool(found) and any(self._holds(rule["condition"], found[0]["uploaded"]) for rule in rules)

    def _holds(self, condition: Doc, uploaded: str) -> bool:
        if condition["type"] == "Age":
            return self._ages.age(uploaded).total_seconds() < float(condition["maxAgeSeconds"])
        if condition["type"] == "Date":
            return self._cloud.clock.now() < moment(condition["date"])
        return True
