"""How an emulator looks at the DNS: the same answers and the same faults as over the wire, without a socket."""

import dns.message
import dns.rcode
import dns.rdatatype
from dns.rdtypes.ANY.TXT import TXT

from sandbox.dns.replies import Replies
from sandbox.dns.table import DnsTable
from sandbox.kit.faults import Faults


class CannotAsk(Exception):
    """No usable answer: nothing is known about the name."""


async def ask(table: DnsTable, faults: Faults, name: str, type: str) -> list[str]:
    """The values published, empty if there are none: TXT without quotes, names in lower case without the last dot."""
    wire = await Replies(table, faults).reply(dns.message.make_query(name, type).to_wire(), tcp=True)
    try:
        answer = dns.message.from_wire(wire or b"")
    except (dns.exception.DNSException, ValueError):
        raise CannotAsk("no answer") from None
    if answer.rcode() not in {dns.rcode.NOERROR, dns.rcode.NXDOMAIN}:
        raise CannotAsk(dns.rcode.to_text(answer.rcode()))
    wanted = dns.rdatatype.from_text(type)
    return [_text(value) for rrset in answer.answer if rrset.rdtype == wanted for value in rrset]


def _text(value: dns.rdata.Rdata) -> str:
    if isinstance(value, TXT):
        return b"".join(value.strings).decode(errors="replace")
    text = value.to_text()
    names = {dns.rdatatype.CNAME, dns.rdatatype.NS, dns.rdatatype.MX}
    return text.rstrip(".").lower() if value.rdtype in names else text
