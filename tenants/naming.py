"""Names that tenants may have, and the names that follow from them."""

import re
import unicodedata

SLUG = re.compile(r"^[a-z0-9](?:[a-z0-9]|-(?!-)){1,38}[a-z0-9]$")
CREATOR_SLUG = re.compile(r"^[a-z][a-z0-9-]{2,19}$")
RESERVED = frozenset(
    "www app api ops portal admin mail smtp imap pop ftp fallback customers status help support docs static cdn assets "
    "edge test preview localhost autodiscover mta-sts console login account billing checkout shop blog news about "
    "security abuse postmaster webmaster hostmaster root ns1 ns2 mx dns vpn smartpages stripe paypal google apple "
    "amazon aws microsoft cloudflare resend pulumi facebook instagram youtube twitch tiktok".split()
)
_LOOKALIKES = str.maketrans("0135478", "oieastb")


class NameRefused(ValueError):
    """The code says why; pages translate it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def check_slug(slug: str, *, creator: bool = False) -> None:
    pattern = CREATOR_SLUG if creator else SLUG
    if not pattern.fullmatch(slug) or slug.endswith("-") or "--" in slug or slug.startswith("xn-"):
        raise NameRefused("slug_form")
    if slug in RESERVED or skeleton(slug) in _RESERVED_SKELETONS:
        raise NameRefused("slug_reserved")


def skeleton(slug: str) -> str:
    """Names that look alike have the same skeleton: `g00gle`, `goog1e` and `goo-gle` are `google`'s."""
    folded = unicodedata.normalize("NFKD", slug).encode("ascii", "ignore").decode().lower()
    return folded.replace("-", "").replace("rn", "m").replace("vv", "w").replace("1", "l").translate(_LOOKALIKES)


_RESERVED_SKELETONS = frozenset(skeleton(name) for name in RESERVED)


def suggest(name: str) -> str:
    """A slug from a company name, or an empty text when nothing is left of it."""
    german = name.lower().replace("ä", "ae").replace("ö", "oe").replace("ü", "ue").replace("ß", "ss")
    plain = unicodedata.normalize("NFKD", german).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].strip("-")
    return slug if SLUG.fullmatch(slug) else ""
