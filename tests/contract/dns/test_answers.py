"""Real queries with dnspython, over UDP and TCP, for every record type and every way to have no answer."""

import socket
import uuid

import dns.exception
import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.resolver
import httpx
import pytest

from tests.contract.control.process import Vendors


@pytest.fixture
def zone() -> str:
    return f"z{uuid.uuid4().hex[:10]}.example"


def publish(http: httpx.Client, name: str, type: str, value: str, **more: object) -> None:
    answer = http.post("/dns/records", json={"name": name, "type": type, "value": value, **more})
    assert answer.status_code == 201, answer.text


def values(resolver: dns.resolver.Resolver, name: str, type: str) -> list[str]:
    return sorted(value.to_text() for value in resolver.resolve(name, type))


class TestTypes:
    @pytest.mark.parametrize(
        ("type", "value", "expected"),
        [
            ("A", "192.0.2.7", "192.0.2.7"),
            ("AAAA", "2001:db8::7", "2001:db8::7"),
            ("CNAME", "target.other.example", "target.other.example."),
            ("TXT", "v=spf1 include:amazonses.com ~all", '"v=spf1 include:amazonses.com ~all"'),
            ("TXT", 'say "hi"', r'"say \"hi\""'),
            ("MX", "feedback-smtp.eu-west-1.amazonses.com", "10 feedback-smtp.eu-west-1.amazonses.com."),
            ("NS", "ns9.example", "ns9.example."),
            ("CAA", '0 issue "letsencrypt.org"', '0 issue "letsencrypt.org"'),
            ("SOA", "ns.example host.example 1 2 3 4 5", "ns.example. host.example. 1 2 3 4 5"),
        ],
    )
    def test_each_type(
        self, http: httpx.Client, resolver: dns.resolver.Resolver, zone: str, type: str, value: str, expected: str
    ) -> None:
        publish(http, f"host.{zone}", type, value)
        assert values(resolver, f"HOST.{zone}", type) == [expected]

    def test_several_values_and_their_lowest_ttl(
        self, http: httpx.Client, resolver: dns.resolver.Resolver, zone: str
    ) -> None:
        publish(http, zone, "A", "192.0.2.1", ttl=600)
        publish(http, zone, "A", "192.0.2.2", ttl=60)
        answer = resolver.resolve(zone, "A")
        assert answer.rrset is not None
        assert (len(answer.rrset), answer.rrset.ttl) == (2, 60)

    def test_priority_of_mx(self, http: httpx.Client, resolver: dns.resolver.Resolver, zone: str) -> None:
        publish(http, zone, "MX", "mx.example", priority=20)
        assert values(resolver, zone, "MX") == ["20 mx.example."]

    def test_long_texts_come_in_strings_of_255(
        self, http: httpx.Client, resolver: dns.resolver.Resolver, zone: str
    ) -> None:
        publish(http, zone, "TXT", "p=" + "k" * 700)
        (value,) = resolver.resolve(zone, "TXT")
        assert [len(part) for part in value.strings] == [255, 255, 192]

    def test_any(self, http: httpx.Client, vendors: Vendors, zone: str) -> None:
        publish(http, f"www.{zone}", "A", "192.0.2.1")
        publish(http, f"www.{zone}", "TXT", "hello")
        answer = dns.query.tcp(dns.message.make_query(f"www.{zone}", "ANY"), "127.0.0.1", port=vendors.dns_port)
        assert len(answer.answer) == 2


class TestAliases:
    def test_a_chain_is_followed(self, http: httpx.Client, resolver: dns.resolver.Resolver, zone: str) -> None:
        publish(http, f"www.{zone}", "CNAME", f"a.{zone}")
        publish(http, f"a.{zone}", "CNAME", f"b.{zone}")
        publish(http, f"b.{zone}", "A", "192.0.2.5")
        answer = resolver.resolve(f"www.{zone}", "A")
        assert [value.to_text() for value in answer] == ["192.0.2.5"]
        assert answer.canonical_name.to_text() == f"b.{zone}."

    def test_the_end_of_a_chain_may_be_missing(
        self, http: httpx.Client, resolver: dns.resolver.Resolver, zone: str
    ) -> None:
        publish(http, f"www.{zone}", "CNAME", "nowhere.example")
        with pytest.raises(dns.resolver.NXDOMAIN):
            resolver.resolve(f"www.{zone}", "A")
        assert values(resolver, f"www.{zone}", "CNAME") == ["nowhere.example."]

    def test_a_loop_is_an_error(self, http: httpx.Client, vendors: Vendors, zone: str) -> None:
        publish(http, f"a.{zone}", "CNAME", f"b.{zone}")
        publish(http, f"b.{zone}", "CNAME", f"a.{zone}")
        answer = dns.query.udp(dns.message.make_query(f"a.{zone}", "A"), "127.0.0.1", port=vendors.dns_port)
        assert answer.rcode() == dns.rcode.SERVFAIL


class TestNoAnswer:
    def test_a_name_that_does_not_exist(self, http: httpx.Client, resolver: dns.resolver.Resolver, zone: str) -> None:
        publish(http, zone, "A", "192.0.2.1")
        with pytest.raises(dns.resolver.NXDOMAIN):
            resolver.resolve(f"nobody.{zone}", "A")

    def test_a_name_without_that_type(self, http: httpx.Client, resolver: dns.resolver.Resolver, zone: str) -> None:
        publish(http, f"www.{zone}", "A", "192.0.2.1")
        with pytest.raises(dns.resolver.NoAnswer):
            resolver.resolve(f"www.{zone}", "TXT")

    def test_a_name_that_only_has_names_below_it(
        self, http: httpx.Client, resolver: dns.resolver.Resolver, zone: str
    ) -> None:
        publish(http, f"deep.below.{zone}", "A", "192.0.2.1")
        with pytest.raises(dns.resolver.NoAnswer):
            resolver.resolve(f"below.{zone}", "A")

    def test_authority_says_how_long_the_absence_holds(self, http: httpx.Client, vendors: Vendors, zone: str) -> None:
        publish(http, zone, "A", "192.0.2.1")
        answer = dns.query.udp(dns.message.make_query(f"no.{zone}", "A"), "127.0.0.1", port=vendors.dns_port)
        assert answer.flags & dns.flags.AA
        assert [rrset.name.to_text() for rrset in answer.authority] == [f"{zone}."]

    def test_a_withdrawn_record(self, http: httpx.Client, resolver: dns.resolver.Resolver, zone: str) -> None:
        publish(http, zone, "TXT", "one")
        publish(http, zone, "TXT", "two")
        assert http.delete("/dns/records", params={"name": zone, "value": "one"}).json() == {"withdrawn": 1}
        assert values(resolver, zone, "TXT") == ['"two"']


class TestWildcards:
    def test_answers_for_any_depth(self, http: httpx.Client, resolver: dns.resolver.Resolver, zone: str) -> None:
        publish(http, f"*.{zone}", "A", "192.0.2.9")
        assert values(resolver, f"x.{zone}", "A") == ["192.0.2.9"]
        assert values(resolver, f"y.x.{zone}", "A") == ["192.0.2.9"]

    def test_gives_way_to_names_that_exist(
        self, http: httpx.Client, resolver: dns.resolver.Resolver, zone: str
    ) -> None:
        publish(http, f"*.{zone}", "A", "192.0.2.9")
        publish(http, f"own.{zone}", "TXT", "mine")
        with pytest.raises(dns.resolver.NoAnswer):
            resolver.resolve(f"own.{zone}", "A")
        with pytest.raises(dns.resolver.NXDOMAIN):
            resolver.resolve(f"below.own.{zone}", "A")


class TestAuthority:
    def test_a_zone_is_found_and_its_servers_are_here(
        self, http: httpx.Client, resolver: dns.resolver.Resolver, zone: str
    ) -> None:
        publish(http, f"_sp-verify.www.{zone}", "TXT", "token")
        assert dns.resolver.zone_for_name(f"_sp-verify.www.{zone}", resolver=resolver).to_text() == f"{zone}."
        for server in resolver.resolve(zone, "NS"):
            assert values(resolver, server.target.to_text(), "A") == ["127.0.0.1"]

    def test_published_name_servers_are_here_too(
        self, http: httpx.Client, resolver: dns.resolver.Resolver, zone: str
    ) -> None:
        publish(http, zone, "NS", f"ada.ns.{zone}")
        assert values(resolver, zone, "NS") == [f"ada.ns.{zone}."]
        assert values(resolver, f"ada.ns.{zone}", "A") == ["127.0.0.1"]

    def test_a_delegated_part_is_a_zone(self, http: httpx.Client, resolver: dns.resolver.Resolver, zone: str) -> None:
        publish(http, f"shop.{zone}", "NS", "ns1.elsewhere.example")
        assert dns.resolver.zone_for_name(f"www.shop.{zone}", resolver=resolver).to_text() == f"shop.{zone}."

    def test_localhost_names_are_here(self, resolver: dns.resolver.Resolver) -> None:
        assert values(resolver, "some-site.localhost", "A") == ["127.0.0.1"]


class TestTransport:
    def test_large_answers_are_cut_over_udp_and_whole_over_tcp(
        self, http: httpx.Client, vendors: Vendors, zone: str
    ) -> None:
        for number in range(12):
            publish(http, zone, "TXT", f"{number:03} " + "x" * 180)
        query = dns.message.make_query(zone, "TXT")
        cut = dns.query.udp(query, "127.0.0.1", port=vendors.dns_port, timeout=30)
        assert cut.flags & dns.flags.TC
        whole, over_tcp = dns.query.udp_with_fallback(query, "127.0.0.1", port=vendors.dns_port, timeout=30)
        assert (over_tcp, len(whole.answer[0])) == (True, 12)

    def test_rubbish_is_answered_with_formerr_or_silence(
        self, vendors: Vendors, resolver: dns.resolver.Resolver
    ) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.settimeout(2)
            udp.sendto(b"\x12", ("127.0.0.1", vendors.dns_port))
            udp.sendto(b"\x12\x34" + b"\xff" * 20, ("127.0.0.1", vendors.dns_port))
            udp.sendto(
                b"\x12\x34\x01\x00\x00\x01" + bytes(6) + b"\xc0\x0c\x00\x01\x00\x01", ("127.0.0.1", vendors.dns_port)
            )
            assert udp.recv(512)[3] & 15 == dns.rcode.FORMERR
        assert values(resolver, "a.localhost", "A") == ["127.0.0.1"]

    @pytest.mark.parametrize(("type", "expected"), [("AXFR", dns.rcode.REFUSED), ("A", dns.rcode.NXDOMAIN)])
    def test_a_zone_is_not_handed_out(self, vendors: Vendors, type: str, expected: dns.rcode.Rcode) -> None:
        query = dns.message.make_query("unknown.example", type)
        assert dns.query.udp(query, "127.0.0.1", port=vendors.dns_port, timeout=30).rcode() == expected
