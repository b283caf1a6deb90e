"""The mails of signing up and in."""

import time
from urllib.parse import urlencode

from programs.creator.modules.user_auth.handlers import codes
from programs.creator.runtime.mail import Mail
from programs.creator.runtime.outbox import post
from programs.creator.runtime.settings import text

SUBJECTS = {
    "de": {
        "signup": "Ihr Bestätigungscode",
        "email": "Neue Adresse bestätigen",
        "reset": "Neues Passwort setzen",
        "taken": "Sie haben schon ein Konto",
        "invite": "Sie sind eingeladen",
        "unlocked": "Der zweite Faktor ist abgeschaltet",
    },
    "en": {
        "signup": "Your confirmation code",
        "email": "Confirm your new address",
        "reset": "Set a new password",
        "taken": "You already have an account",
        "invite": "You are invited",
        "unlocked": "The second factor is off",
    },
}
BODIES = {
    "de": {
        "code": "Ihr Code für {site} lautet:\n\n{code}\n\n"
        "Er gilt 15 Minuten. Haben Sie ihn nicht angefordert, ist nichts zu tun.",
        "taken": "Jemand wollte sich auf {site} mit Ihrer Adresse anmelden. Sie haben dort schon ein Konto. "
        "Waren Sie es, melden Sie sich einfach an oder setzen Sie ein neues Passwort.",
        "invite": "Sie können sich auf {site} ein Konto anlegen:\n\n{link}\n\n"
        "Ihr Einladungscode lautet {code} und gilt 14 Tage. Erwarten Sie keine Einladung, ist nichts zu tun.",
        "unlocked": "Die Anmeldung auf {site} fragt nur noch nach Ihrem Passwort. Unter {site}/account richten Sie den "
        "zweiten Faktor neu ein. Waren Sie das nicht, setzen Sie dort sofort ein neues Passwort.",
    },
    "en": {
        "code": "Your code for {site} is:\n\n{code}\n\n"
        "It is valid for 15 minutes. If you did not ask for it, there is nothing to do.",
        "taken": "Somebody wanted to sign up on {site} with your address. You already have an account there. "
        "If it was you, just sign in, or set a new password.",
        "invite": "You can open an account on {site}:\n\n{link}\n\n"
        "Your invitation code is {code}; it is valid for 14 days. If you expect no invitation, there is nothing to do.",
        "unlocked": "Signing in on {site} asks for your password only. You can set up the second factor again at "
        "{site}/account. If this was not you, set a new password there at once.",
    },
}


def send_code(purpose: str, *, to: str, locale: str, code: str) -> None:
    body = BODIES[locale]["code"].format(site=text("SITE_ORIGIN"), code=code)
    post(Mail(to, SUBJECTS[locale][purpose], body, until=int(time.time()) + codes.SECONDS))


def send_taken(*, to: str, locale: str) -> None:
    _send_plain("taken", to, locale)


def send_unlocked(*, to: str, locale: str) -> None:
    _send_plain("unlocked", to, locale)


def send_invitation(*, to: str, locale: str, code: str) -> None:
    link = f"{text('SITE_ORIGIN')}/account?{urlencode({'email': to, 'invitation': code})}"
    body = BODIES[locale]["invite"].format(site=text("SITE_ORIGIN"), link=link, code=code)
    post(Mail(to, SUBJECTS[locale]["invite"], body))


def _send_plain(purpose: str, to: str, locale: str) -> None:
    post(Mail(to, SUBJECTS[locale][purpose], BODIES[locale][purpose].format(site=text("SITE_ORIGIN"))))
