"""Records as resolvers see them: a proxied one shows the edge's address, never its content."""

from sandbox.cloudflare.operation import Doc
from sandbox.dns.table import DnsTable, Record
from sandbox.kit import Store

EDGE_ADDRESS = "127.0.0.1"
PROXIED_TTL = 300


def publish_record(table: DnsTable, record: Doc) -> None:
    table.publish(visible(record))


def republish(table: DnsTable, store: Store, zone_id: str) -> None:
    """Two proxied records of one name look the same outside: only the whole zone says what has to go."""
    wanted = {visible(record) for record in store.all("dns_record", zone_id=zone_id)}
    published = set(table.records(owner=owner(zone_id)))
    for record in published - wanted:
        table.withdraw(record)
    for record in wanted - published:
        table.publish(record)


def visible(record: Doc) -> Record:
    if record["proxied"]:
        return Record(record["name"], "A", EDGE_ADDRESS, PROXIED_TTL, owner=owner(record["zone_id"]))
    ttl = PROXIED_TTL if record["ttl"] == 1 else record["ttl"]
    value = _plain(record["content"]) if record["type"] == "TXT" else record["content"]
    return Record(record["name"], record["type"], value, ttl, record["priority"], owner(record["zone_id"]))


def owner(zone_id: str) -> str:
    return f"cloudflare:{zone_id}"


def _plain(text: str) -> str:
    """Cloudflare takes TXT contents quoted or bare; a resolver answers the string itself."""
    if len(text) >= 2 and text[0] == text[-1] == '"':
        return "".join(text[1:-1].split('" "'))
    return text
