"""DNS records, and what of them the sandbox's resolvers see."""

from typing import Any

import pytest

from tests.contract.cloudflare.harness import Client, unique


def add(api: Client, **fields: Any) -> dict[str, Any]:
    record: dict[str, Any] = api.ok("POST", f"{api.zone}/dns_records", json=fields)
    return record


def test_a_record_lives_through_its_calls(api: Client) -> None:
    name = f"{unique('a')}.localhost"
    made = add(api, name=name, type="A", content="192.0.2.1", ttl=300, comment="web")
    path = f"{api.zone}/dns_records/{made['id']}"
    assert (made["name"], made["proxiable"], made["ttl"], made["comment"]) == (name, True, 300, "web")
    assert api.ok("GET", path) == made
    changed = api.ok("PATCH", path, json={"content": "192.0.2.2"})
    assert (changed["content"], changed["comment"]) == ("192.0.2.2", "web")
    replaced = api.ok("PUT", path, json={"name": name, "type": "A", "content": "192.0.2.3", "ttl": 1})
    assert (replaced["content"], replaced["comment"], replaced["created_on"]) == ("192.0.2.3", None, made["created_on"])
    assert [record.value for record in api.home.dns.lookup(name, "A")] == ["192.0.2.3"]
    assert api.ok("DELETE", path) == {"id": made["id"]}
    api.refused("GET", path, 404, 81044)
    assert api.home.dns.lookup(name, "A") == []


def test_a_proxied_record_shows_the_edge_and_not_its_content(api: Client) -> None:
    name = f"{unique('p')}.localhost"
    made = add(api, name=name, type="AAAA", content="100::", proxied=True)
    second = add(api, name=name, type="A", content="192.0.2.9", proxied=True)
    assert made["ttl"] == 1
    assert [record.value for record in api.home.dns.lookup(name, "A")] == ["127.0.0.1"]
    assert api.home.dns.lookup(name, "AAAA") == []
    api.ok("DELETE", f"{api.zone}/dns_records/{second['id']}")
    assert [record.value for record in api.home.dns.lookup(name, "A")] == ["127.0.0.1"], "the other one still stands"


def test_mail_records_are_published_as_they_are(api: Client) -> None:
    name = f"send.{unique('m')}.localhost"
    add(api, name=name, type="MX", content="feedback-smtp.eu-west-1.amazonses.com", priority=10, ttl=300)
    add(api, name=name, type="TXT", content='"v=spf1 include:amazonses.com ~all"', ttl=300)
    mx, txt = api.home.dns.lookup(name, "MX"), api.home.dns.lookup(name, "TXT")
    assert [(record.value, record.priority) for record in mx] == [("feedback-smtp.eu-west-1.amazonses.com", 10)]
    assert [record.value for record in txt] == ["v=spf1 include:amazonses.com ~all"]


def test_records_are_found_by_name_and_type(api: Client) -> None:
    name = f"{unique('f')}.localhost"
    add(api, name=name, type="TXT", content="one")
    add(api, name=name, type="A", content="192.0.2.1")
    found = api.ok("GET", f"{api.zone}/dns_records", params={"name": name, "type": "TXT", "per_page": 5000})
    assert [record["content"] for record in found] == ["one"]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"type": "A", "content": "not an address"}, 9005),
        ({"type": "AAAA", "content": "192.0.2.1"}, 9006),
        ({"type": "CNAME", "content": "not a host"}, 9007),
        ({"type": "MX", "content": "mail.example.com"}, 9102),
        ({"type": "TXT", "content": ""}, 9101),
        ({"type": "TXT", "content": "x", "proxied": True}, 9004),
        ({"type": "A", "content": "192.0.2.1", "ttl": 30}, 9021),
        ({"type": "BOGUS", "content": "x"}, 1004),
        ({"type": "A", "content": "192.0.2.1", "name": "www.example.org"}, 9000),
        ({"type": "A", "content": "192.0.2.1", "name": "www"}, 9000),
        ({"type": "A", "content": "192.0.2.1", "colour": "red"}, 9207),
        ({"type": "A", "content": "192.0.2.1", "ttl": "300"}, 9207),
    ],
)
def test_a_wrong_record_is_refused(api: Client, fields: dict[str, Any], code: int) -> None:
    body = {"name": f"{unique('bad')}.localhost", **fields}
    api.refused("POST", f"{api.zone}/dns_records", 400, code, json=body)
    assert api.home.dns.lookup(body["name"], str(fields["type"])) == []


def test_conflicting_records_are_refused(api: Client) -> None:
    name, path = f"{unique('c')}.localhost", f"{api.zone}/dns_records"
    address = {"name": name, "type": "A", "content": "192.0.2.1"}
    api.ok("POST", path, json=address)
    api.refused("POST", path, 400, 81058, json=address)
    api.refused("POST", path, 400, 81053, json={"name": name, "type": "CNAME", "content": "other.example.com"})
    alias = {"name": f"{unique('c')}.localhost", "type": "CNAME", "content": "other.example.com"}
    api.ok("POST", path, json=alias)
    api.refused("POST", path, 400, 81054, json={**address, "name": alias["name"]})


def test_a_body_must_be_json(api: Client) -> None:
    api.refused("POST", f"{api.zone}/dns_records", 400, 9207, content="{}", headers={"content-type": "text/plain"})
    api.refused("POST", f"{api.zone}/dns_records", 400, 9207, content="{", headers={"content-type": "application/json"})


def test_caa_is_made_of_its_data(api: Client) -> None:
    name = f"{unique('caa')}.localhost"
    made = add(api, name=name, type="CAA", data={"flags": 0, "tag": "issue", "value": "letsencrypt.org"})
    assert made["content"] == '0 issue "letsencrypt.org"'
    api.refused("POST", f"{api.zone}/dns_records", 400, 9101, json={"name": name, "type": "CAA", "content": "x"})
