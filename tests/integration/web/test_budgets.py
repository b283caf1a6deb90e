"""What pages weigh and ask: bytes as they travel, files of a first visit, statements to the database."""

import gzip
import re

from fastapi.testclient import TestClient

from controlplane.web import paths
from tests.fixtures.furnished import Furnished
from tests.fixtures.shop import Shop
from tests.integration.web.test_console import questions

K = 1024
MARKUP, RAW = 14 * K, 70 * K
STYLE, SCRIPT, LIVELY = 12 * K, 4 * K, 20 * K
FILES = re.compile(r'(?:href|src)="(/static/[^"]+)"')
PUBLIC = [name for name, (address, _twin) in paths.TWINS.items() if "{" not in address]
PORTAL = ("", "/domain", "/credentials", "/team", "/billing", "/plan", "/cancel")
STATEMENTS = {"modules": 9}  # what was used, included and booked are three tables


def packed(body: bytes) -> int:
    return len(gzip.compress(body, 6))


def too_much(client: TestClient, address: str, *, script: int, files: int) -> list[str]:
    answer = client.get(address)
    assert answer.status_code == 200, address
    loaded = {link: client.get(link).content for link in FILES.findall(answer.text) if "og-" not in link}
    kinds = {
        kind: sum(packed(body) for link, body in loaded.items() if link.endswith(kind)) for kind in (".css", ".js")
    }
    weighed = {
        "markup": (packed(answer.content), MARKUP), "raw": (len(answer.content), RAW),
        "style": (kinds[".css"], STYLE), "script": (kinds[".js"], script), "files": (len(loaded), files),
    }  # fmt: skip
    return [f"{address} {name}: {found} > {most}" for name, (found, most) in weighed.items() if found > most]


class TestWeight:
    def test_of_pages_for_everybody(self, shop: Shop) -> None:
        pages = [paths.path(name, code) for name in PUBLIC for code in ("de", "en")]
        assert [one for page in pages for one in too_much(shop.client, page, script=SCRIPT, files=4)] == []

    def test_of_pages_for_one(self, shop: Shop) -> None:
        """And what they ask the database, whoever owns how much."""
        furnished = Furnished(shop)
        owner = shop.owner(furnished.site)
        pages = [paths.path("configure", "de", line=line) for line in paths.LINES]
        pages += [f"/de/bestellung/{furnished.site.token}", "/portal", "/portal/data", "/portal/referrals"]
        pages += [f"/portal/t/{furnished.site.tenant_id}{part}" for part in PORTAL]
        pages += [f"/portal/t/{furnished.creator.tenant_id}{part}" for part in ("", "/modules", "/look", "/plan")]
        found = [one for page in pages for one in too_much(owner, page, script=LIVELY, files=6)]
        for page in pages:
            with questions(shop) as asked:
                owner.get(page)
            if len(asked) > STATEMENTS.get(page.rsplit("/", 1)[-1], 8):
                found.append(f"{page}: {len(asked)} statements: {[one[:60] for one in asked]}")
        assert "\n".join(found) == ""
