"""MGCP messages as call agents and gateways write them (RFC 3435, 3.2 and appendix F)."""

from collections.abc import Sequence


def command(
    verb: str, transaction: int, endpoint: str, *parameters: str, sdp: bytes = b"", end: str = "\r\n"
) -> bytes:
    """A command with its parameter lines."""
    lines = [f"{verb} {transaction} {endpoint} MGCP 1.0", *parameters]
    return _message(lines, sdp, end)


def response(
    code: int, transaction: int, *parameters: str, sdp: bytes = b"", text: str = "OK", end: str = "\r\n"
) -> bytes:
    """A response with its parameter lines."""
    return _message([f"{code} {transaction} {text}", *parameters], sdp, end)


def together(messages: Sequence[bytes], end: bytes = b"\r\n") -> bytes:
    """Several messages in a datagram (RFC 3435, 3.5.5)."""
    return (b"." + end).join(messages)


def description(host: str, port: int, kinds: str = "0 101") -> bytes:
    """A session description."""
    return (
        f"v=0\r\no=- 25678 753849 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\n"
        f"m=audio {port} RTP/AVP {kinds}\r\na=rtpmap:101 telephone-event/8000\r\n"
    ).encode()


def _message(lines: list[str], sdp: bytes, end: str) -> bytes:
    head = end.join(lines) + end
    return head.encode() + (end.encode() + sdp if sdp else b"")
