"""Bodies of several parts (RFC 2046, 5.1), as SIP messages carry them (RFC 5621)."""


def find(body: bytes, boundary: str, media_type: str) -> bytes | None:
    """The content of the first part of ``media_type`` (lower case); None where there is none.

    A boundary that is not given is read from the first line of the body. Never raises.
    """
    delimiter = b"--" + boundary.encode("utf-8", "surrogateescape") if boundary else _first_line(body)
    if not delimiter.startswith(b"--"):
        return None
    for part in body.split(delimiter)[1:]:
        head, content = _split(part)
        if _media_type(head) == media_type.encode():
            return content.removesuffix(b"\n").removesuffix(b"\r")
    return None


def _first_line(body: bytes) -> bytes:
    return body.lstrip(b"\r\n").partition(b"\n")[0].rstrip()


def _split(part: bytes) -> tuple[bytes, bytes]:
    """Header lines and content at the first empty line."""
    unified = part.replace(b"\r\n", b"\n") if b"\n\r\n" not in part else part
    mark = b"\n\r\n" if b"\n\r\n" in unified else b"\n\n"
    head, _, content = unified.partition(mark)
    return head, content


def _media_type(head: bytes) -> bytes:
    for line in head.split(b"\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() in (b"content-type", b"c"):
            return value.partition(b";")[0].strip().lower()
    return b""
