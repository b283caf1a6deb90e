"""Where one clicks at the provider of a domain. General knowledge, not asked: menus change, records do not."""

SERVERS = {
    "cloudflare": ("cloudflare.com",),
    "ionos": ("ui-dns.com", "ui-dns.de", "ui-dns.org", "ui-dns.biz"),
    "strato": ("rzone.de",),
    "hetzner": ("hetzner.com", "hetzner.de", "second-ns.com", "second-ns.de", "your-server.de"),
    "united_domains": ("udag.de", "udag.net"),
    "godaddy": ("domaincontrol.com",),
    "namecheap": ("registrar-servers.com",),
    "ovh": ("ovh.net", "anycast.me"),
    "inwx": ("inwx.de", "inwx.eu", "inwx.net"),
    "all_inkl": ("kasserver.com",),
    "gandi": ("gandi.net",),
    "netcup": ("netcup.net",),
    "route53": ("awsdns",),
}
KNOWN = {server: name for name, servers in SERVERS.items() for server in servers}


def known(owner: str) -> str:
    """Ours for whom the name servers belong to; empty for those we know no way for."""
    return KNOWN.get("awsdns" if owner.startswith("awsdns-") else owner, "")
