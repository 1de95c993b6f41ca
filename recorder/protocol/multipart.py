"""Bodies of several parts (RFC 2046, 5.1), as SIP messages carry them (RFC 5621)."""

import re

from recorder.protocol.sip_values import parameters

_DEPTH = 4
_FOLD = re.compile(rb"\r?\n[ \t]+")


def find(body: bytes, boundary: str, media_type: str) -> bytes | None:
    """The content of the first part of ``media_type`` (lower case); None where there is none.

    A boundary that is not given is read from the first line of the body. Parts of several parts are looked
    into, to a depth of four. Never raises.
    """
    return _find(body, boundary, media_type, _DEPTH)


def _find(body: bytes, boundary: str, media_type: str, depth: int) -> bytes | None:
    delimiter = b"--" + boundary.encode("utf-8", "surrogateescape") if boundary else _first_line(body)
    if not delimiter.startswith(b"--"):
        return None
    for part in body.split(delimiter)[1:]:
        head, content = _split(part)
        kind = _content_type(head)
        name = kind.partition(b";")[0].strip().lower()
        if name == media_type.encode():
            return content.removesuffix(b"\n").removesuffix(b"\r")
        if name.startswith(b"multipart/") and depth > 1:
            within = parameters(kind.decode("utf-8", "surrogateescape")).get("boundary", "")
            if (found := _find(content, within, media_type, depth - 1)) is not None:
                return found
    return None


def _first_line(body: bytes) -> bytes:
    return body.lstrip(b"\r\n").partition(b"\n")[0].rstrip()


def _split(part: bytes) -> tuple[bytes, bytes]:
    """Header lines and content at the first empty line."""
    unified = part.replace(b"\r\n", b"\n") if b"\n\r\n" not in part else part
    mark = b"\n\r\n" if b"\n\r\n" in unified else b"\n\n"
    head, _, content = unified.partition(mark)
    return head, content


def _content_type(head: bytes) -> bytes:
    """The value of Content-Type, which may go on in lines that begin with white space."""
    for line in _FOLD.sub(b" ", head).split(b"\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() in (b"content-type", b"c"):
            return value.strip()
    return b""
