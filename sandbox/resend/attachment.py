"""Attachments of a mail: content in Base64 or as bytes, at most 40 MB together with the mail, no programs."""

import base64
import binascii
import mimetypes
from typing import Any

from sandbox.kit.store import Doc
from sandbox.resend.errors import ApiError
from sandbox.resend.vendor import new_id

LARGEST = 40 * 1024 * 1024  # bytes of all attachments of a mail after Base64 encoding
REFUSED = frozenset(
    "ade adp app asp bas bat chm cmd com cpl crt csh dll exe fxp hlp hta inf ins isp jar js jse ksh lnk mda mdb mde "
    "mdt mdw mdz msc msi msp mst ops pcd pif prf prg reg scf scr sct shb shs tmp url vb vbe vbs vsmacros vsw ws wsc "
    "wsf wsh vxd".split()
)  # fmt: skip
_FIELDS = {"content", "filename", "path", "content_type", "content_id", "inline_content_id"}


def parse_attachments(value: Any) -> list[Doc]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise _refused("The `attachments` field must be a list.")
    attachments = [_parse(entry) for entry in value]
    if sum(len(attachment["content"]) for attachment in attachments) > LARGEST:
        raise _refused("The attachments are larger than 40 MB after Base64 encoding.")
    return attachments


def _parse(entry: Any) -> Doc:
    if not isinstance(entry, dict) or entry.keys() - _FIELDS:
        raise _refused("An attachment has unknown fields.")
    if entry.get("path"):
        raise _refused("The attachment could not be fetched from its `path`: the sandbox does not reach the internet.")
    name = entry.get("filename")
    if not isinstance(name, str) or not name:
        raise _refused("Attachment must have a `filename`.")
    if name.rpartition(".")[2].lower() in REFUSED:
        raise _refused(f"The type of the attachment {name} is not supported.")
    content = _bytes(entry.get("content"))
    guessed = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return {
        "id": new_id(),
        "filename": name,
        "size": len(content),
        "content_type": str(entry.get("content_type") or guessed),
        "content_id": entry.get("content_id") or entry.get("inline_content_id"),
        "content": base64.b64encode(content).decode(),
    }


def _bytes(content: Any) -> bytes:
    try:
        if isinstance(content, list):
            return bytes(content)
        if isinstance(content, dict) and content.get("type") == "Buffer":
            return bytes(content["data"])
        return base64.b64decode(str(content or ""), validate=True)
    except (ValueError, TypeError, KeyError, binascii.Error):
        raise _refused("The `content` of an attachment must be Base64 or a list of bytes.") from None


def _refused(message: str) -> ApiError:
    return ApiError(422, "invalid_attachment", message)
