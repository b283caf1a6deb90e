"""The Cognito pool: only signed admin calls, so a leaked client id opens nothing."""

import base64
import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from programs.creator.runtime.aws import ClientError, client, code_of
from programs.creator.runtime.errors import Problem, invalid
from programs.creator.runtime.settings import text

HALF = 60  # seconds after which signing up is over, finished or not
REFUSED = {"NotAuthorizedException", "UserNotFoundException", "UserNotConfirmedException"}
REFUSED |= {"CodeMismatchException", "ExpiredCodeException"}  # of the second factor
SECOND = "SOFTWARE_TOKEN_MFA"


@dataclass(frozen=True)
class Tokens:
    access: str
    identity: str
    seconds: int
    refresh: str = ""

    @property
    def user_id(self) -> str:
        """Straight from the pool, so there is nothing to verify."""
        body = self.access.split(".")[1]
        return str(json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))["sub"])


def create(email: str, password: str) -> str | None:
    """The new user's id, disabled until the address is confirmed; None if the address is taken."""
    try:
        made = _call("admin_create_user", Username=email, MessageAction="SUPPRESS", UserAttributes=_mail(email, False))
    except ClientError as error:
        if code_of(error) == "UsernameExistsException":
            return None
        raise
    try:
        set_password(email, password)
    except Problem:
        delete(email)
        raise
    _call("admin_disable_user", Username=email)
    return _sub(made["User"]["Attributes"])


def abandoned(email: str) -> str | None:
    """The id of a user who has been there for a while: the signing up that made it is over."""
    found = _call("admin_get_user", Username=email)
    old = datetime.now(UTC) - found["UserCreateDate"] > timedelta(seconds=HALF)
    return _sub(found["UserAttributes"]) if old else None


def set_password(email: str, password: str) -> None:
    try:
        _call("admin_set_user_password", Username=email, Password=password, Permanent=True)
    except ClientError as error:
        if code_of(error) == "InvalidPasswordException":
            raise invalid("password", "this password is too weak") from None
        raise


def confirm(email: str) -> None:
    verified = [{"Name": "email_verified", "Value": "true"}]
    _call("admin_update_user_attributes", Username=email, UserAttributes=verified)
    _call("admin_add_user_to_group", Username=email, GroupName="member")
    _call("admin_enable_user", Username=email)


def move(old: str, email: str) -> None:
    try:
        _call("admin_update_user_attributes", Username=old, UserAttributes=_mail(email, True))
    except ClientError as error:
        if code_of(error) in {"AliasExistsException", "UsernameExistsException"}:
            raise Problem("conflict", "this address is taken", "email") from None
        raise


def sign_in(email: str, password: str, totp: str = "") -> Tokens:
    answer = _asked("ADMIN_USER_PASSWORD_AUTH", USERNAME=email, PASSWORD=password)
    if answer.get("ChallengeName") == SECOND:
        answer = _answered(answer["Session"], email, totp)
    return _tokens(answer)


def prove_password(email: str, password: str) -> None:
    """Whatever else is asked for after it."""
    _asked("ADMIN_USER_PASSWORD_AUTH", USERNAME=email, PASSWORD=password)


def new_seed(access_token: str) -> str:
    return str(client("cognito-idp").associate_software_token(AccessToken=access_token)["SecretCode"])


def prove_seed(access_token: str, code: str) -> None:
    try:
        client("cognito-idp").verify_software_token(AccessToken=access_token, UserCode=code)
    except ClientError as error:
        if code_of(error) in {"EnableSoftwareTokenMFAException", "CodeMismatchException"}:
            raise invalid("code", "this is not the code") from None
        raise


def ask_for_code(email: str, wanted: bool) -> None:
    settings = {"Enabled": wanted, "PreferredMfa": wanted}
    _call("admin_set_user_mfa_preference", Username=email, SoftwareTokenMfaSettings=settings)


def refresh(token: str) -> Tokens:
    return _tokens(_asked("REFRESH_TOKEN_AUTH", REFRESH_TOKEN=token))


def revoke(token: str) -> None:
    """A token that is already worthless is no error for somebody who leaves."""
    with suppress(ClientError):
        client("cognito-idp").revoke_token(Token=token, ClientId=text("CLIENT_ID"))


def sign_out(email: str) -> None:
    _call("admin_user_global_sign_out", Username=email)


def disable(email: str) -> None:
    _call("admin_disable_user", Username=email)


def delete(email: str) -> None:
    try:
        _call("admin_delete_user", Username=email)
    except ClientError as error:
        if code_of(error) != "UserNotFoundException":
            raise


def _asked(flow: str, **parameters: str) -> Any:
    return _checked("admin_initiate_auth", AuthFlow=flow, AuthParameters=parameters)


def _answered(session: str, email: str, totp: str) -> Any:
    """Only who knows the password learns that a code is asked for."""
    if not totp:
        raise Problem("unauthorized", "a code is needed", "totp")
    responses = {"USERNAME": email, "SOFTWARE_TOKEN_MFA_CODE": totp}
    return _checked(
        "admin_respond_to_auth_challenge", ChallengeName=SECOND, Session=session, ChallengeResponses=responses
    )


def _checked(operation: str, **parameters: Any) -> Any:
    try:
        return _call(operation, ClientId=text("CLIENT_ID"), **parameters)
    except ClientError as error:
        if code_of(error) in REFUSED:
            raise Problem("unauthorized", "this does not fit") from None
        raise


def _tokens(answer: Any) -> Tokens:
    found = answer["AuthenticationResult"]
    return Tokens(found["AccessToken"], found["IdToken"], found["ExpiresIn"], found.get("RefreshToken", ""))


def _call(operation: str, **arguments: Any) -> Any:
    return getattr(client("cognito-idp"), operation)(UserPoolId=text("POOL_ID"), **arguments)


def _sub(attributes: list[dict[str, str]]) -> str:
    return next(each["Value"] for each in attributes if each["Name"] == "sub")


def _mail(email: str, verified: bool) -> list[dict[str, str]]:
    return [{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": str(verified).lower()}]
