"""The contact form."""

import time

import pytest

from programs.creator.runtime.errors import Problem
from programs.creator.runtime.mail import Mail
from programs.creator.runtime.once import MOMENT
from tests.unit.creator.conftest import Site

BODY = {"name": "Dora", "email": "dora@fan.example", "message": "Wann ist die Premiere?", "website": "", "startedAt": 0}


@pytest.fixture(autouse=True)
def told(site: Site, mails: list[Mail], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"RECIPIENT": "owner@creator.example", "TOPICS": "Presse\nShop", "RATE_PER_IP": "3"}.items():
        monkeypatch.setenv(name, value)


def test_a_message_goes_to_the_creator_and_answers_to_the_visitor(site: Site) -> None:
    assert site.call("POST", "/contact", {**BODY, "topic": "Presse"}).status == 202
    [mail] = site.mails
    assert (mail.to, mail.reply_to, mail.subject) == ("owner@creator.example", "dora@fan.example", "Presse: Dora")
    assert BODY["message"] in mail.text


@pytest.mark.parametrize("machine", [{"website": "http://buy.example"}, {"startedAt": 2**53}])
def test_machines_are_not_told_that_they_were_noticed(site: Site, machine: dict[str, object]) -> None:
    assert site.call("POST", "/contact", {**BODY, **machine}).status == 202
    assert site.mails == []


def test_the_same_message_twice_is_one(site: Site) -> None:
    assert [site.call("POST", "/contact", BODY).status for _ in range(2)] == [202, 202]
    assert len(site.mails) == 1


def test_a_message_whose_sender_died_goes_out_with_the_next_try(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who tries again too early is not told that it was sent."""

    class Killed(BaseException):
        """What a function of ten seconds that needs eleven ends by."""

    def die(_: Mail) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("programs.creator.modules.contact_form.handlers.contact.post", die)
        with pytest.raises(Killed):
            site.call("POST", "/contact", BODY)
    assert site.call("POST", "/contact", BODY).status == 503
    with monkeypatch.context() as patch:
        later = time.time() + MOMENT + 1
        patch.setattr("programs.creator.runtime.once.time.time", lambda: later)
        assert site.call("POST", "/contact", BODY).status == 202
    assert len(site.mails) == 1


def test_a_message_that_could_not_even_be_kept_may_be_sent_again(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: Mail) -> None:
        raise Problem("unavailable", "no")

    with monkeypatch.context() as patch:
        patch.setattr("programs.creator.modules.contact_form.handlers.contact.post", fail)
        assert site.call("POST", "/contact", BODY).status == 503
    assert site.call("POST", "/contact", BODY).status == 202
    assert len(site.mails) == 1


def test_one_address_may_not_flood(site: Site) -> None:
    texts = [f"Nachricht Nummer {number}" for number in range(4)]
    assert [site.call("POST", "/contact", {**BODY, "message": text}).status for text in texts] == [202, 202, 202, 429]
    site.ip = "192.0.2.2"
    assert site.call("POST", "/contact", {**BODY, "message": texts[3]}).status == 202


@pytest.mark.parametrize("wrong", [{"name": "a\nBcc: x@y.example"}, {"topic": "Anderes"}, {"message": "kurz"}])
def test_input_is_checked(site: Site, wrong: dict[str, str]) -> None:
    refused = site.call("POST", "/contact", {**BODY, **wrong})
    assert (refused.status, refused.body["error"]["field"]) == (400, next(iter(wrong)))
