"""A small but valid PDF: text on one or more A4 pages, nothing else."""

_WIDTH, _HEIGHT, _MARGIN, _LEADING = 595, 842, 56, 16
_ROWS = (_HEIGHT - 2 * _MARGIN) // _LEADING


def document(rows: list[tuple[str, str]], *, title: str) -> bytes:
    """Each row is a text on the left and one on the right; the title heads the first page."""
    pages = [rows[start : start + _ROWS - 3] for start in range(0, len(rows), _ROWS - 3)] or [[]]
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", _tree(len(pages)), _FONT]
    for index, page in enumerate(pages):
        content = _content(page, title if index == 0 else "")
        objects.append(_page(5 + 2 * index))
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content))
    return _assemble(objects)


_FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"


def _tree(count: int) -> bytes:
    kids = " ".join(f"{4 + 2 * index} 0 R" for index in range(count))
    return f"<< /Type /Pages /Kids [{kids}] /Count {count} >>".encode()


def _page(content: int) -> bytes:
    box = f"[0 0 {_WIDTH} {_HEIGHT}]"
    font = "<< /Font << /F1 3 0 R >> >>"
    return f"<< /Type /Page /Parent 2 0 R /MediaBox {box} /Resources {font} /Contents {content} 0 R >>".encode()


def _content(rows: list[tuple[str, str]], title: str) -> bytes:
    top = _HEIGHT - _MARGIN
    parts = [_text(20, _MARGIN, top, title)] if title else []
    for index, (left, right) in enumerate(rows):
        y = top - (index + 3) * _LEADING
        parts.append(_text(10, _MARGIN, y, left))
        if right:
            parts.append(_text(10, _WIDTH - _MARGIN - round(5.3 * len(right)), y, right))
    return b"\n".join(parts)


def _text(size: int, x: int, y: int, text: str) -> bytes:
    encoded = text.encode("cp1252", "replace").replace(b"\\", rb"\\").replace(b"(", rb"\(").replace(b")", rb"\)")
    return b"BT /F1 %d Tf %d %d Td (%s) Tj ET" % (size, x, y, encoded)


def _assemble(objects: list[bytes]) -> bytes:
    out, offsets = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"), []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)
