"""Pictures that a browser puts into the media bucket itself, of the one type and size that was agreed on."""

import uuid
from typing import Any

from programs.creator.runtime.aws import ClientError, client, code_of
from programs.creator.runtime.errors import Problem
from programs.creator.runtime.fields import Form, form, one_of, whole
from programs.creator.runtime.settings import text

ENDINGS = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}
MINUTES = 10


def wanted(most_kilobytes: int) -> Form:
    return form(contentType=one_of(*ENDINGS), size=whole(1, most_kilobytes * 1024))


def offer(folder: str, owner: str, picture: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The key, and how it is filled. Each picture has a name of its own: what was approved cannot be exchanged."""
    key = f"media/{folder}/{owner}-{uuid.uuid4().hex[:12]}.{ENDINGS[picture['contentType']]}"
    place = {"Bucket": text("BUCKET_MEDIA"), "Key": key}
    place |= {"ContentType": picture["contentType"], "ContentLength": picture["size"]}
    url = client("s3").generate_presigned_url("put_object", Params=place, ExpiresIn=MINUTES * 60)
    headers = {"content-type": picture["contentType"]}
    return key, {"url": url, "method": "PUT", "headers": headers}


def address(key: str) -> str:
    return f"{text('SITE_ORIGIN')}/{key}"


def require(key: str) -> None:
    if not key or not exists(text("BUCKET_MEDIA"), key):
        raise Problem("conflict", "the picture was not uploaded", "image")


def exists(bucket: str, key: str) -> bool:
    try:
        client("s3").head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if code_of(error) in {"403", "404", "NoSuchKey"}:  # who may not list a bucket is not told what is missing
            return False
        raise
    return True
