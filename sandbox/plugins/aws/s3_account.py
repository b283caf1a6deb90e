"""The public access block of a whole account."""

from sandbox.plugins.aws.client import Client
from sandbox.plugins.aws.resource import aws
from sandbox.plugins.schema import Call, flag, text
from sandbox.plugins.values import Doc
from sandbox.plugins.wire import decode, encode, pascal

_BLOCKS = {
    "blockPublicAcls": flag(default=False),
    "blockPublicPolicy": flag(default=False),
    "ignorePublicAcls": flag(default=False),
    "restrictPublicBuckets": flag(default=False),
}


def _account(call: Call) -> str:
    return str(call.id or call.inputs.get("accountId") or call.session.id)


def _put(client: Client, call: Call) -> None:
    account = _account(call)
    wanted = encode(_BLOCKS, call.inputs, pascal)
    client.put_public_access_block(AccountId=account, PublicAccessBlockConfiguration=wanted)
    call.id = account


def _read(client: Client, call: Call) -> Doc:
    found = client.get_public_access_block(AccountId=call.id)["PublicAccessBlockConfiguration"]
    return {"accountId": call.id, **decode(_BLOCKS, found, pascal)}


def _delete(client: Client, call: Call) -> None:
    client.delete_public_access_block(AccountId=call.id)


RESOURCES = (
    aws(
        "s3/accountPublicAccessBlock:AccountPublicAccessBlock",
        "s3control",
        {"accountId": text(computed=True, replaces=True), **_BLOCKS},
        region="us-east-1",
        natural=("accountId",),
        create=_put,
        read=_read,
        update=_put,
        delete=_delete,
    ),
)
