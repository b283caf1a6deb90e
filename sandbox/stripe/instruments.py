"""Test cards and test accounts: what each number does. The numbers are Stripe's published test numbers."""

from dataclasses import dataclass
from typing import Any

from sandbox.stripe.errors import StripeError


@dataclass(frozen=True)
class Behaviour:
    """`refuses` at attach and charge, `fails` only when charged; `challenge` asks for 3-D Secure."""

    refuses: str | None = None
    fails: str | None = None
    challenge: str | None = None  # first: until it was set up once | always
    after: str | None = None  # dispute reason, or `early_fraud_warning`
    brand: str = "visa"


CARDS = {
    "4242424242424242": Behaviour(),
    "4000056655665556": Behaviour(),
    "4000002760000016": Behaviour(),
    "5555555555554444": Behaviour(brand="mastercard"),
    "378282246310005": Behaviour(brand="amex"),
    "4000000000000002": Behaviour(refuses="generic_decline"),
    "4000000000009995": Behaviour(refuses="insufficient_funds"),
    "4000000000009987": Behaviour(refuses="lost_card"),
    "4000000000000069": Behaviour(refuses="expired_card"),
    "4000000000000127": Behaviour(refuses="incorrect_cvc"),
    "4000000000000119": Behaviour(refuses="processing_error"),
    "4000000000000341": Behaviour(fails="generic_decline"),
    "4000002500003155": Behaviour(challenge="first"),
    "4000002760003184": Behaviour(challenge="always"),
    "4000008400001629": Behaviour(challenge="always", fails="generic_decline"),
    "4000000000005423": Behaviour(after="early_fraud_warning"),
    "4000000000000259": Behaviour(after="fraudulent"),
    "4000000000002685": Behaviour(after="product_not_received"),
}

# `tok_*` and `pm_card_*` names of the same cards.
NAMED = {
    "visa": "4242424242424242",
    "mastercard": "5555555555554444",
    "amex": "378282246310005",
    "chargeDeclined": "4000000000000002",
    "visa_chargeDeclined": "4000000000000002",
    "chargeDeclinedInsufficientFunds": "4000000000009995",
    "visa_chargeDeclinedInsufficientFunds": "4000000000009995",
    "chargeDeclinedExpiredCard": "4000000000000069",
    "chargeDeclinedIncorrectCvc": "4000000000000127",
    "chargeCustomerFail": "4000000000000341",
    "threeDSecure2Required": "4000002760003184",
    "authenticationRequired": "4000002760003184",
    "authenticationRequiredOnSetup": "4000002500003155",
    "createDispute": "4000000000000259",
    "createDisputeProductNotReceived": "4000000000002685",
    "createIssuerFraudRecord": "4000000000005423",
}


@dataclass(frozen=True)
class Debit:
    """How a direct debit ends; `slow` leaves it to emulated time alone."""

    succeeds: bool = True
    dispute: bool = False
    slow: bool = False


IBANS = {
    "DE89370400440532013000": Debit(),
    "AT611904300234573201": Debit(),
    "FR1420041010050500013M02606": Debit(),
    "NL39RABO0300065264": Debit(),
    "DE08370400440532013003": Debit(slow=True),
    "DE62370400440532013001": Debit(succeeds=False),
    "DE78370400440532013004": Debit(succeeds=False, slow=True),
    "DE35370400440532013002": Debit(dispute=True),
}

_DECLINES = {
    "generic_decline": ("card_declined", "Your card was declined."),
    "insufficient_funds": ("card_declined", "Your card has insufficient funds."),
    "lost_card": ("card_declined", "Your card was declined."),
    "expired_card": ("expired_card", "Your card has expired."),
    "incorrect_cvc": ("incorrect_cvc", "Your card's security code is incorrect."),
    "processing_error": (
        "processing_error",
        "An error occurred while processing your card. Try again in a little bit.",
    ),
    "authentication_required": (
        "authentication_required",
        "Your card was declined. This transaction requires authentication.",
    ),
    "debit_not_authorized": ("payment_method_provider_decline", "The customer's bank refused the direct debit."),
}


def declined(reason: str, **extra: Any) -> StripeError:
    code, message = _DECLINES[reason]
    decline = {"decline_code": reason} if code in {"card_declined", "authentication_required"} else {}
    return StripeError(message, status=402, type="card_error", code=code, keep=True, **decline, **extra)


def luhn(number: str) -> bool:
    digits = [int(digit) for digit in reversed(number)]
    doubled = [sum(divmod(2 * digit, 10)) if index % 2 else digit for index, digit in enumerate(digits)]
    return sum(doubled) % 10 == 0


def valid_iban(iban: str) -> bool:
    if not (15 <= len(iban) <= 34 and iban.isalnum() and iban.isascii()):
        return False
    turned = iban[4:] + iban[:4]
    return int("".join(str(int(sign, 36)) for sign in turned)) % 97 == 1
