"""Where the objects of a bucket lie in the edge's stores.

Only a bucket that a Worker is bound to has a store of its own, because each store is part of workerd's configuration
and a new configuration restarts it. All others are prefixes in one shelf: a tenant's vault costs no restart.
"""

from dataclasses import dataclass

from sandbox.cloudflare.operation import Doc

SHELF = "shelf"


@dataclass(frozen=True)
class Place:
    store: str
    prefix: str = ""

    def inside(self, key: str) -> str:
        return self.prefix + key

    def outside(self, key: str) -> str:
        return key[len(self.prefix) :]

    def object_query(self, key: str) -> dict[str, str]:
        return {"store": self.store, "key": self.inside(key)}

    def list_query(self, prefix: str) -> dict[str, str]:
        return {"store": self.store, "prefix": self.inside(prefix)}


def shelved(bucket: Doc) -> Place:
    return Place(f"R2:{SHELF}", f"{bucket['uid']}/")


def own_store(bucket: Doc) -> Place:
    return Place(f"R2:{bucket['uid']}")
