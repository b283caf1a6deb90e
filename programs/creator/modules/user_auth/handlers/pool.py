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


def sign_in(email: str, password: str) -> Tokens:
    return _tokens("ADMIN_USER_PASSWORD_AUTH", USERNAME=email, PASSWORD=password)


def refresh(token: str) -> Tokens:
    return _tokens("REFRESH_TOKEN_AUTH", REFRESH_TOKEN=token)


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


def _tokens(flow: str, **parameters: str) -> Tokens:
    try:
        answer = _call("admin_initiate_auth", ClientId=text("CLIENT_ID"), AuthFlow=flow, AuthParameters=parameters)
    except ClientError as error:
        if code_of(error) in REFUSED:
            raise Problem("unauthorized", "this does not fit") from None
        raise
    found = answer["AuthenticationResult"]
    return Tokens(found["AccessToken"], found["IdToken"], found["ExpiresIn"], found.get("RefreshToken", ""))


def _call(operation: str, **arguments: Any) -> Any:
    return getattr(client("cognito-idp"), operation)(UserPoolId=text("POOL_ID"), **arguments)


def _sub(attributes: list[dict[str, str]]) -> str:
    return next(each["Value"] for each in attributes if each["Name"] == "sub")


def _mail(email: str, verified: bool) -> list[dict[str, str]]:
    return [{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": str(verified).lower()}]
