"""Q.931 messages as H.225.0 call signalling uses them (ITU-T Q.931, 4; H.225.0, 7.2)."""

from collections.abc import Mapping
from dataclasses import dataclass

from recorder.protocol.errors import Q931Error

ALERTING, CALL_PROCEEDING, PROGRESS, SETUP, CONNECT = 0x01, 0x02, 0x03, 0x05, 0x07
RELEASE, RELEASE_COMPLETE, FACILITY, INFORMATION = 0x4D, 0x5A, 0x62, 0x7B
"""Message types (Q.931, table 4-2)."""

_DISCRIMINATOR = 0x08
_CAUSE, _DISPLAY, _KEYPAD, _CALLING, _CALLED, _USER_USER = 0x08, 0x28, 0x2C, 0x6C, 0x70, 0x7E
_MOST = 64
"""Elements of a message."""


@dataclass(frozen=True, slots=True)
class Q931Message:
    """A message and the elements of it that matter; texts are empty and numbers 0 where there is none.

    ``is_from_caller`` tells who sent it: the caller chose the reference. ``is_restricted`` is set where
    the caller's number is not to be shown (Q.931, 4.5.10). ``cause`` is a cause value of Q.850.
    ``user`` is the user-user information without its protocol discriminator.
    """

    kind: int
    reference: int
    is_from_caller: bool
    calling: str = ""
    called: str = ""
    display: str = ""
    keypad: str = ""
    cause: int = 0
    is_restricted: bool = False
    user: bytes = b""

    @classmethod
    def parse(cls, content: bytes) -> "Q931Message":
        """Read a message; raises Q931Error where it is none.

        Elements behind one that is cut are left out; so are those of other code sets.
        """
        if len(content) < 3 or content[0] != _DISCRIMINATOR:
            raise Q931Error("no message of Q.931: its protocol discriminator is another one")
        size = content[1] & 0x0F
        if not 1 <= size <= 2 or len(content) < 3 + size:
            raise Q931Error("no message of call signalling: it has no call reference")
        reference = int.from_bytes(content[2 : 2 + size], "big")
        flag = 1 << (8 * size - 1)
        elements = _elements(content[3 + size :])
        calling, is_restricted = _calling(elements.get(_CALLING, b""))
        return cls(
            kind=content[2 + size],
            reference=reference & flag - 1,
            is_from_caller=not reference & flag,
            calling=calling,
            called=_digits(elements.get(_CALLED, b"")[1:]),
            display=_text(elements.get(_DISPLAY, b"")),
            keypad=_digits(elements.get(_KEYPAD, b"")),
            cause=_cause(elements.get(_CAUSE, b"")),
            is_restricted=is_restricted,
            user=elements.get(_USER_USER, b"")[1:],
        )


def _elements(data: bytes) -> Mapping[int, bytes]:
    """The first element of each kind (Q.931, 4.5.1); user-user has a longer length (H.225.0, 7.2.2.31)."""
    found: dict[int, bytes] = {}
    at, is_shifted = 0, False
    while at < len(data) and len(found) < _MOST:
        kind = data[at]
        at += 1
        if kind & 0x80:
            # A shift to another code set, for one element or for good (Q.931, 4.5.2).
            is_shifted = kind & 0xF0 == 0x90
            if is_shifted and not kind & 0x08:
                break
            continue
        size = 2 if kind == _USER_USER else 1
        length = int.from_bytes(data[at : at + size], "big")
        at += size
        if at + length > len(data):
            break
        if not is_shifted:
            found.setdefault(kind, data[at : at + length])
        is_shifted = False
        at += length
    return found


def _calling(element: bytes) -> tuple[str, bool]:
    if not element:
        return "", False
    if element[0] & 0x80:
        return _digits(element[1:]), False
    return _digits(element[2:]), len(element) > 1 and element[1] & 0x60 == 0x20


def _digits(element: bytes) -> str:
    return "".join(chr(one) for one in element if 0x21 <= one < 0x7F)


def _text(element: bytes) -> str:
    """Display information; some senders put its type before the text (Q.931, 4.5.16, note)."""
    if element and element[0] & 0x80 and not element[0] & 0x40:
        element = element[1:]
    return element.partition(b"\0")[0].decode("utf-8", "replace").strip()


def _cause(element: bytes) -> int:
    """The cause value, behind the octets for location and recommendation (Q.850, 2.1)."""
    at = 0
    while at < len(element) and not element[at] & 0x80:
        at += 1
    return element[at + 1] & 0x7F if at + 1 < len(element) else 0
