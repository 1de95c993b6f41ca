"""What SCCP (Skinny) messages say of calls and their media.

A ``reference`` names a call at its call manager, 0 where the message does not say; ``conference`` and
``party`` name a channel of media.
"""

from dataclasses import dataclass
from enum import IntEnum

from recorder.protocol.address import Words

KEYS = "0123456789ABCD*#"
"""In the order of the numbers of keypad buttons."""
INBOUND, OUTBOUND, FORWARDED = 1, 2, 3
"""Types of a call, as seen from the phone."""
END_CALL = 9
"""The soft key that hangs up."""
CONFERENCE, JOIN = 13, 15
"""The soft keys that make a conference of a call and those that wait."""


class State(IntEnum):
    """What a phone's call is doing."""

    OFF_HOOK = 1
    ON_HOOK = 2
    RING_OUT = 3
    RING_IN = 4
    CONNECTED = 5
    BUSY = 6
    CONGESTION = 7
    HOLD = 8
    CALL_WAITING = 9
    CALL_TRANSFER = 10
    CALL_PARK = 11
    PROCEED = 12
    REMOTE = 13
    """Another phone with the same line has it."""
    INVALID_NUMBER = 14


@dataclass(frozen=True, slots=True)
class Register:
    """A phone makes itself known by its device name."""

    device: str


@dataclass(frozen=True, slots=True)
class KeypadButton:
    """A key was pressed: one of ``KEYS``."""

    key: str
    reference: int


@dataclass(frozen=True, slots=True)
class Dialled:
    """The whole number that a phone dials, sent by the phone or confirmed by the manager."""

    number: str
    reference: int


@dataclass(frozen=True, slots=True)
class CallInfo:
    """Who is in a call. ``kind`` is one of ``INBOUND``, ``OUTBOUND`` and ``FORWARDED``."""

    reference: int
    kind: int
    from_number: str
    from_name: str
    to_number: str
    to_name: str


@dataclass(frozen=True, slots=True)
class CallState:
    """A call's new state; states without a name in ``State`` mean nothing here."""

    reference: int
    state: int


@dataclass(frozen=True, slots=True)
class Cipher:
    """How media is encrypted: the number of the algorithm, master key and salt."""

    algorithm: int = 0
    key: bytes = b""
    salt: bytes = b""


@dataclass(frozen=True, slots=True)
class OpenReceiveChannel:
    """A phone is told to receive. ``codec`` is SCCP's own number, ``events`` the payload type of RFC 4733."""

    conference: int
    party: int
    codec: int
    payload_type: int
    reference: int
    cipher: Cipher
    events: int


@dataclass(frozen=True, slots=True)
class OpenReceiveChannelAck:
    """Where a phone receives."""

    is_open: bool
    address: Words
    port: int
    party: int
    reference: int


@dataclass(frozen=True, slots=True)
class StartMediaTransmission:
    """A phone is told where to send."""

    conference: int
    party: int
    address: Words
    port: int
    codec: int
    payload_type: int
    reference: int
    cipher: Cipher
    events: int


@dataclass(frozen=True, slots=True)
class MediaStopped:
    """A phone stops to receive (``CloseReceiveChannel``) or to send (``StopMediaTransmission``)."""

    conference: int
    party: int
    reference: int
    is_sending: bool


@dataclass(frozen=True, slots=True)
class Hook:
    """The receiver is off its hook, or on it again."""

    is_off: bool
    reference: int


@dataclass(frozen=True, slots=True)
class SoftKey:
    """A key whose meaning the screen shows was pressed, such as ``END_CALL``."""

    event: int
    reference: int


Message = (
    Register
    | KeypadButton
    | Dialled
    | CallInfo
    | CallState
    | OpenReceiveChannel
    | OpenReceiveChannelAck
    | StartMediaTransmission
    | MediaStopped
    | Hook
    | SoftKey
)
