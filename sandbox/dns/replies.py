"""From the bytes of a query to the bytes of the reply, spoiled by a fault if one strikes."""

import asyncio
import logging

import dns.exception
import dns.flags
import dns.message
import dns.opcode
import dns.rcode
import dns.rdataclass
import dns.rdatatype

from sandbox.dns.answers import Answer, everything, resolve
from sandbox.dns.rdata import rrset
from sandbox.dns.table import DnsTable, Record
from sandbox.kit import Fault, Faults

FAULTS = {
    "timeout": "no answer at all (also: drop, hang)",
    "servfail": "answer SERVFAIL (also: error)",
    "refused": "answer REFUSED",
    "nxdomain": "say that the name does not exist",
    "lie": "answer with detail.values instead of the table",
    "truncate": "over UDP an empty answer with TC, over TCP the truth",
}
_RCODES = {
    "servfail": dns.rcode.SERVFAIL, "error": dns.rcode.SERVFAIL, "flap": dns.rcode.SERVFAIL,
    "refused": dns.rcode.REFUSED, "nxdomain": dns.rcode.NXDOMAIN,
}  # fmt: skip
_SILENT = frozenset({"timeout", "drop", "hang"})
_KINDS = frozenset({*FAULTS, *_SILENT, *_RCODES, "delay", "garbage"})
GARBAGE = b"HTTP/1.1 400 this is no DNS\r\n\r\n"
LOG = logging.getLogger("sandbox.dns")


class Replies:
    def __init__(self, table: DnsTable, faults: Faults) -> None:
        self._table, self._faults = table, faults

    async def reply(self, wire: bytes, *, tcp: bool) -> bytes | None:
        """None: say nothing."""
        try:
            query = dns.message.from_wire(wire)
        except (dns.exception.DNSException, ValueError):
            return _malformed(wire)
        if query.flags & dns.flags.QR:
            return None  # a reply sent to us: answering it could go on for ever
        fault = self._strike(query, tcp=tcp)
        if fault and fault.kind == "delay":
            await asyncio.sleep(fault.seconds)
        if fault and fault.kind in _SILENT:
            return None
        return GARBAGE if fault and fault.kind == "garbage" else self._message(query, fault, tcp=tcp)

    def _strike(self, query: dns.message.Message, *, tcp: bool) -> Fault | None:
        if len(query.question) != 1:
            return None
        kinds = _KINDS - {"truncate"} if tcp else _KINDS
        fault = self._faults.take("dns", f"query {_name(query)} {_type(query)}", kinds)
        return None if fault and fault.kind == "flap" and fault.taken % 2 == 0 else fault

    def _message(self, query: dns.message.Message, fault: Fault | None, *, tcp: bool) -> bytes:
        reply = dns.message.make_response(query, recursion_available=True, our_payload=1232)
        answer = self._answer(query, fault)
        reply.set_rcode(answer.rcode)
        if answer.rcode in {dns.rcode.NOERROR, dns.rcode.NXDOMAIN}:
            reply.flags |= dns.flags.AA
        if fault and fault.kind == "truncate":
            reply.flags |= dns.flags.TC
        else:
            reply.answer, reply.authority = answer.records, answer.authority
        size = 65535 if tcp else max(query.payload, 512)
        return reply.to_wire(max_size=size, prefer_truncation=not tcp)

    def _answer(self, query: dns.message.Message, fault: Fault | None) -> Answer:
        if query.opcode() != dns.opcode.QUERY:
            return Answer(dns.rcode.NOTIMP)
        if len(query.question) != 1:
            return Answer(dns.rcode.FORMERR)
        if fault and fault.kind in _RCODES:
            return Answer(_RCODES[fault.kind])
        return _lie(query, fault) if fault and fault.kind == "lie" else self._truth(query)

    def _truth(self, query: dns.message.Message) -> Answer:
        name, kind = _name(query), _type(query)
        if query.question[0].rdclass != dns.rdataclass.IN or kind in {"AXFR", "IXFR"}:
            return Answer(dns.rcode.REFUSED)
        try:
            return everything(self._table, name) if kind == "ANY" else resolve(self._table, name, kind)
        except dns.exception.DNSException as error:
            LOG.warning("cannot serve %s %s: %s", name, kind, type(error).__name__)
            return Answer(dns.rcode.SERVFAIL)


def _name(query: dns.message.Message) -> str:
    return query.question[0].name.to_text(omit_final_dot=True).lower()


def _type(query: dns.message.Message) -> str:
    return dns.rdatatype.to_text(query.question[0].rdtype)


def _lie(query: dns.message.Message, fault: Fault) -> Answer:
    name, type = _name(query), _type(query)
    false = [Record(name, type, str(value)) for value in fault.detail.get("values", [])]
    return Answer(records=[rrset(name, false)]) if false else Answer()


def _malformed(wire: bytes) -> bytes | None:
    if len(wire) < 12:
        return None
    return wire[:2] + bytes([0x80, dns.rcode.FORMERR]) + bytes(8)
