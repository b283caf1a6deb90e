"""A letter from the creator to those who asked for it twice, through the queue."""

import re
import uuid

from tests.contract.aws.conftest import until
from tests.flow.creator.conftest import Creator


def followed(creator: Creator, link: str, method: str) -> int:
    return creator.call(method, link.split("/api", 1)[1]).status_code


def test_a_letter_reaches_those_who_confirmed(creator: Creator) -> None:
    for name in ("ida", "jan"):
        assert creator.call("POST", "/newsletter/subscribe", json={"email": f"{name}@fan.example"}).status_code == 202
    [asked] = creator.mail.to("ida@fan.example")
    [link] = re.findall(r"https://\S+", asked["text"].split("\n\n")[1])
    assert followed(creator, link, "GET") == 302
    letter = {"subject": "Neues", "html": "<p>Hallo</p>", "text": "Hallo"}
    headers = {"idempotency-key": str(uuid.uuid4())}
    token = creator.owner()
    started = creator.call("POST", "/newsletter/campaigns", token=token, headers=headers, json=letter)
    assert started.status_code == 202, started.text
    mails = until(lambda: creator.mail.to("ida@fan.example")[1:], seconds=30)
    assert [(mail["subject"], mail["from"]) for mail in mails] == [("Neues", "Anna <news@mail.anna.example>")]
    leave = mails[0]["headers"]["List-Unsubscribe"].strip("<>")
    assert followed(creator, leave, "POST") == 200
    sent = until(lambda: creator.call("GET", "/newsletter/campaigns", token=token).json()["items"], seconds=20)
    assert sent[0]["sent"] == 1
    assert len(creator.mail.to("jan@fan.example")) == 1
