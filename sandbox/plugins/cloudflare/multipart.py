"""multipart/form-data, written and read."""

import secrets
from dataclasses import dataclass
from email.parser import BytesParser


@dataclass(frozen=True)
class Part:
    name: str
    content: bytes
    filename: str = ""
    content_type: str = ""


def write(parts: list[Part]) -> tuple[bytes, str]:
    """The body and its content type."""
    boundary = secrets.token_hex(16)
    chunks: list[bytes] = []
    for part in parts:
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{part.name}"'
        head += f'; filename="{part.filename}"' if part.filename else ""
        head += f"\r\nContent-Type: {part.content_type}" if part.content_type else ""
        chunks += [head.encode(), b"\r\n\r\n", part.content, b"\r\n"]
    chunks.append(f"--{boundary}--\r\n".encode())
    return b"".join(chunks), f"multipart/form-data; boundary={boundary}"


def read(body: bytes, content_type: str) -> list[Part]:
    """The parts; a body of another type is one nameless part."""
    if not content_type.startswith("multipart/"):
        return [Part("", body, content_type=content_type)]
    message = BytesParser().parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    found = []
    for part in message.walk():
        if part.is_multipart():
            continue
        content = part.get_payload(decode=True)
        name = str(part.get_param("name", "", header="content-disposition"))
        found.append(
            Part(
                name, content if isinstance(content, bytes) else b"", part.get_filename() or "", part.get_content_type()
            )
        )
    return found
