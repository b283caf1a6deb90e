"""The site program and the plan it follows."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programs import site
from programs.site_plan import host_entries, mail_names, vault_name
from programs.specs import MailRecord, OwnHost, SiteSpec

TENANT = "0123456789abcdefghijklmnop"
SPEC = SiteSpec(
    env="test",
    tenant_id=TENANT,
    slug="anna",
    account_id="a" * 32,
    sites_zone="sites.example",
    sites_zone_id="z" * 32,
    routing_namespace_id="n" * 32,
)
OWN = OwnHost(host="www.anna.example", verified=True)


def test_a_plain_site_is_a_vault_and_two_names(run: Any) -> None:
    made = run(site.build, SPEC, {})
    assert made.kinds() == {
        "cf": "cloudflare",
        "vault": "R2Bucket",
        "vault-lc": "R2BucketLifecycle",
        "host-sub": "WorkersKv",
        "host-preview": "WorkersKv",
    }
    assert made.named("vault")["name"] == f"sp-test-{TENANT}"
    assert made.named("host-sub")["keyName"] == "h:anna.sites.example"
    assert json.loads(made.named("host-sub")["value"]) == {"v": 1, "t": TENANT, "kind": "sub", "to": None}
    assert made.outputs["hosts"] == ["anna.sites.example", "anna--preview.sites.example"]


def test_the_vault_forgets_exports_and_backups(run: Any) -> None:
    rules = {rule["id"]: rule for rule in run(site.build, SPEC, {}).named("vault-lc")["rules"]}
    assert rules["delete-exports"]["deleteObjectsTransition"]["condition"]["maxAge"] == 30 * 86_400
    assert rules["delete-backups"]["conditions"] == {"prefix": "backups/"}
    assert rules["abort-all"]["abortMultipartUploadsTransition"]["condition"]["maxAge"] == 7 * 86_400


def test_an_own_host_is_routed_only_after_its_claim_was_seen(run: Any) -> None:
    waiting = run(site.build, replace(SPEC, own_hosts=(replace(OWN, verified=False),)), {})
    assert waiting.kinds()["own-www.anna.example"] == "CustomHostname"
    assert "host-own-www.anna.example" not in waiting.resources
    seen = run(site.build, replace(SPEC, own_hosts=(OWN,), primary=OWN.host), {})
    assert seen.named("host-own-www.anna.example")["keyName"] == "h:www.anna.example"
    assert json.loads(seen.named("host-sub")["value"])["to"] == "www.anna.example"
    assert seen.outputs["own"][0]["host"] == OWN.host


def test_own_hosts_get_certificates_of_their_own(run: Any) -> None:
    ssl = run(site.build, replace(SPEC, own_hosts=(OWN,)), {}).named("own-www.anna.example")["ssl"]
    assert (ssl["method"], ssl["type"], ssl["wildcard"]) == ("txt", "dv", False)
    assert ssl["settings"] == {"minTlsVersion": "1.2", "http2": "on", "tls13": "on"}


def test_mail_records_are_never_proxied(run: Any) -> None:
    records = (
        MailRecord(type="MX", name="send.mail.anna.sites.example", content="feedback.example", priority=10),
        MailRecord(type="TXT", name="send.mail.anna.sites.example", content="v=spf1 ~all"),
    )
    made = run(site.build, replace(SPEC, mail_records=records), {})
    mx = made.named("mail-mx-send.mail.anna.sites.example")
    assert (mx["proxied"], mx["priority"], mx["ttl"]) == (False, 10, 300)
    assert TENANT in mx["comment"]


def test_removing_one_host_moves_no_other() -> None:
    hosts = tuple(OwnHost(host=f"h{n}.example", verified=True) for n in range(4))
    before = {entry.name: entry for entry in host_entries(replace(SPEC, own_hosts=hosts))}
    after = {entry.name: entry for entry in host_entries(replace(SPEC, own_hosts=hosts[1:]))}
    assert set(before) - set(after) == {"host-own-h0.example"}
    assert all(before[name] == entry for name, entry in after.items())


@pytest.mark.parametrize("slug", ["", "ab", "-ab", "ab-", "a--b", "Anna", "a_b", "a" * 41, "ä-b", "a.b"])
def test_refuses_slugs_that_are_no_host_name(slug: str) -> None:
    with pytest.raises(ValueError, match="host name"):
        host_entries(replace(SPEC, slug=slug))


@pytest.mark.parametrize(
    "host", ["sites.example", "bob.sites.example", "Anna.example", "a b.example", "-.example", "x"]
)
def test_refuses_own_hosts_that_are_ours_or_none(host: str) -> None:
    with pytest.raises(ValueError, match="own host"):
        host_entries(replace(SPEC, own_hosts=(OwnHost(host=host, verified=True),)))


def test_refuses_redirects_out_of_the_tenant_and_in_circles() -> None:
    with pytest.raises(ValueError, match="verified host of the same tenant"):
        host_entries(replace(SPEC, primary="www.elsewhere.example"))
    circle = (replace(OWN, redirect_to="anna.sites.example"),)
    with pytest.raises(ValueError, match="redirect"):
        host_entries(replace(SPEC, own_hosts=circle, primary=OWN.host))


@given(st.text(max_size=30))
def test_a_vault_is_named_after_a_tenant_id_only(tenant_id: str) -> None:
    spec = replace(SPEC, tenant_id=tenant_id)
    with pytest.raises(ValueError, match="tenant id"):
        vault_name(spec)


def test_records_of_one_name_are_told_apart() -> None:
    record = MailRecord(type="TXT", name="a.example", content="x")
    names = [name for name, _ in mail_names((record, replace(record, content="y")))]
    assert names == ["mail-txt-a.example", "mail-txt-a.example-2"]
