"""The mailbox: for people as a page without scripts, for tests as JSON."""

import base64
import re
import uuid
from typing import Any

import httpx
import pytest
import resend

from tests.contract.control.process import Vendors

HTML = "<h1>Ready</h1><script>alert(1)</script><p><a href='https://portal.example/in?t=1'>Sign in</a></p>"


@pytest.fixture
def address() -> str:
    return f"p{uuid.uuid4().hex[:10]}@customers.example"


@pytest.fixture
def id(domain: dict[str, Any], address: str) -> str:
    attachment = {"filename": "terms & <co>.txt", "content": base64.b64encode(b"terms").decode()}
    params: Any = {
        "from": f"Studio <a@{domain['name']}>",
        "to": address,
        "subject": "Ready <b>now</b>",
        "html": HTML,
        "text": "Sign in: https://portal.example/in?t=1.",
        "attachments": [attachment],
        "headers": {"X-Entity-Ref-ID": "ref-7"},
    }
    return str(resend.Emails.send(params)["id"])


@pytest.fixture
def browser(vendors: Vendors) -> Any:
    """Somebody without any token."""
    with httpx.Client(base_url=vendors.url, trust_env=False) as client:
        yield client


class TestPages:
    def test_the_list_is_searched_by_recipient(self, browser: httpx.Client, id: str, address: str) -> None:
        page = browser.get("/resend/mailbox", params={"to": address[:8].upper()})
        assert f"mailbox/{id}" in page.text
        assert "Ready &lt;b&gt;now&lt;/b&gt;" in page.text
        assert f"mailbox/{id}" not in browser.get("/resend/mailbox", params={"to": "nobody"}).text

    def test_the_newest_is_first_and_older_ones_follow(
        self, browser: httpx.Client, domain: dict[str, Any], address: str
    ) -> None:
        params = {"from": f"a@{domain['name']}", "to": address, "text": "t"}
        batch: Any = [{**params, "subject": f"No. {number:02}"} for number in range(60)]
        resend.Batch.send(batch)
        page = browser.get("/resend/mailbox", params={"to": address}).text
        shown = re.findall(r"No\. (\d\d)", page)
        assert shown == [f"{number:02}" for number in range(59, 9, -1)]
        following = re.search(r'href="(\?to=[^"]+)">Older', page)
        assert following is not None
        older = browser.get(f"/resend/mailbox{following.group(1).replace('&amp;', '&')}").text
        assert re.findall(r"No\. (\d\d)", older) == [f"{number:02}" for number in range(9, -1, -1)]

    def test_one_mail_with_everything_about_it(self, browser: httpx.Client, id: str, address: str) -> None:
        page = browser.get(f"/resend/mailbox/{id}").text
        for text in (address, "Ready &lt;b&gt;now&lt;/b&gt;", "ref-7", "terms &amp; &lt;co&gt;.txt"):
            assert text in page
        assert '<a href="https://portal.example/in?t=1" rel="noreferrer">' in page
        assert f'<iframe sandbox="allow-popups allow-popups-to-escape-sandbox" src="{id}/html"' in page
        assert "<script" not in page

    def test_its_html_may_not_run_or_fetch_anything(self, browser: httpx.Client, id: str) -> None:
        answer = browser.get(f"/resend/mailbox/{id}/html")
        policy = answer.headers["content-security-policy"]
        assert HTML in answer.text
        assert "default-src 'none'" in policy
        assert "script" not in policy
        assert policy.startswith("sandbox ")

    def test_attachments_are_downloads(self, browser: httpx.Client, id: str, sim: httpx.Client) -> None:
        link = re.search(rf'href="({id}/attachments/[^"]+)"', browser.get(f"/resend/mailbox/{id}").text)
        assert link is not None
        answer = browser.get(f"/resend/mailbox/{link.group(1)}")
        assert answer.content == b"terms"
        assert answer.headers["content-disposition"] == 'attachment; filename="terms _ _co_.txt"'

    def test_what_is_not_there(self, browser: httpx.Client, id: str) -> None:
        assert browser.get("/resend/mailbox/unknown").status_code == 404
        assert browser.get(f"/resend/mailbox/{id}/attachments/unknown").status_code == 404

    def test_the_root_leads_to_the_mailbox(self, browser: httpx.Client) -> None:
        assert browser.get("/resend/").headers["location"] == "/resend/mailbox"


class TestJson:
    def test_whole_mails_by_recipient(self, sim: httpx.Client, id: str, address: str) -> None:
        (mail,) = sim.get("/resend/_sim/mailbox", params={"to": address}).json()["mails"]
        assert (mail["id"], mail["html"], mail["to"]) == (id, HTML, [address])
        assert mail["text"].startswith("Sign in: ")
        assert mail["headers"] == {"X-Entity-Ref-ID": "ref-7"}

    def test_not_without_the_token(self, browser: httpx.Client) -> None:
        assert browser.get("/resend/_sim/mailbox").status_code == 401
