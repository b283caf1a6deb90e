"""Deletes what lifecycle rules say has become too old."""

import json

from sandbox.cloudflare.ages import Ages
from sandbox.cloudflare.buckets import key_of
from sandbox.cloudflare.cloud import Cloud, moment
from sandbox.cloudflare.operation import Doc
from sandbox.cloudflare.places import Place


class Lifecycle:
    def __init__(self, cloud: Cloud) -> None:
        self._cloud, self._ages = cloud, Ages(cloud.clock, cloud.store)

    async def sweep(self) -> int:
        """How many objects went."""
        self._ages.note_shift()
        gone = 0
        for bucket in self._cloud.store.all("bucket"):
            doc = self._cloud.store.get("bucket_lifecycle", key_of(bucket)) or {"rules": []}
            for rule in doc["rules"]:
                if rule["enabled"] and "deleteObjectsTransition" in rule:
                    gone += await self._expire(bucket, rule)
        return gone

    async def _expire(self, bucket: Doc, rule: Doc) -> int:
        place, prefix = await self._cloud.deployer.bucket_place(bucket), rule["conditions"]["prefix"]
        condition, gone, query = rule["deleteObjectsTransition"]["condition"], 0, place.list_query(prefix)
        while True:
            page = (await (await self._cloud.stores()).call("GET", "/r2/list", query=query)).json()
            old = [item["key"] for item in page["objects"] if self._is_due(condition, item["uploaded"])]
            gone += await self._delete(place, old)
            if not page["truncated"]:
                return gone
            query["cursor"] = page["cursor"]

    async def _delete(self, place: Place, keys: list[str]) -> int:
        if keys:
            stores = await self._cloud.stores()
            await stores.call("POST", "/r2/delete", query={"store": place.store}, body=json.dumps(keys))
        return len(keys)

    def _is_due(self, condition: Doc, uploaded: str) -> bool:
        if condition["type"] == "Age":
            return self._ages.age(uploaded).total_seconds() >= float(condition["maxAge"])
        return self._cloud.clock.now() >= moment(condition["date"])
