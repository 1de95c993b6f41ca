"""Messages of H.245 that call signalling carries in its tunnel (ITU-T H.323, 8.2.1), those that matter here.

Names are those of the module MULTIMEDIA-SYSTEM-CONTROL.
"""

from collections.abc import Mapping
from typing import NamedTuple

from recorder.protocol.address import Words
from recorder.protocol.h245 import NON_STANDARD, TRANSPORT_ADDRESS, place
from recorder.protocol.per import (
    Bits,
    Characters,
    Choice,
    Component,
    Integer,
    OctetString,
    SequenceOf,
    Type,
    Unread,
    choice,
    optional,
    sequence,
)

_AUDIO, _OTHERS = 1, (2, 3)
"""Numbers of sessions (H.245, H2250LogicalChannelParameters): video and data are others."""


class ChannelOpened(NamedTuple):
    """Who sends this receives audio at ``address`` and ``port``."""

    address: Words
    port: int


class KeysPressed(NamedTuple):
    """Who sends this pressed keys."""

    keys: str


def _among(count: int, known: Mapping[int, tuple[str, Type]]) -> Choice:
    """A CHOICE of which only some options are read, by their numbers."""
    others = [(f"option {number}", Unread(f"option {number}")) for number in range(count)]
    return Choice(tuple(known.get(number, others[number]) for number in range(count)))


_ACK_PARAMETERS = sequence(
    optional("nonStandard", SequenceOf(NON_STANDARD)),
    optional("sessionID", Integer(1, 255)),
    optional("mediaChannel", TRANSPORT_ADDRESS),
    optional("mediaControlChannel", TRANSPORT_ADDRESS),
    optional("dynamicRTPPayloadType", Integer(96, 127)),
)
_OPEN_LOGICAL_CHANNEL_ACK = sequence(
    Component("forwardLogicalChannelNumber", Integer(1, 65535)),
    optional("reverseLogicalChannelParameters", Unread("reverseLogicalChannelParameters")),
    # separateStack
    extensions=(
        None,
        Component(
            "forwardMultiplexAckParameters", choice({"h2250LogicalChannelAckParameters": _ACK_PARAMETERS})
        ),
    ),
)
_SIGNAL = sequence(
    Component("signalType", Characters(1, 1, 8)),
    optional("duration", Integer(1, 65535)),
    optional("rtp", Unread("rtp")),
)
_USER_INPUT = choice(
    {"nonStandard": NON_STANDARD, "alphanumeric": OctetString()},
    # userInputSupportIndication
    (None, ("signal", _SIGNAL)),
)
_MESSAGE = choice(
    {
        "request": Unread("request"),
        "response": _among(19, {5: ("openLogicalChannelAck", _OPEN_LOGICAL_CHANNEL_ACK)}),
        "command": Unread("command"),
        "indication": _among(14, {13: ("userInput", _USER_INPUT)}),
    }
)


def message(element: bytes) -> ChannelOpened | KeysPressed | None:
    """What a message of the tunnel tells, None where that is neither; raises PerError for other messages."""
    kind, body = _MESSAGE.read(Bits(element))
    name, values = body if body is not None else ("", None)
    if values is None:
        return None
    if kind == "indication":
        return _keys(*values)
    parameters = values.get("forwardMultiplexAckParameters", ("", None))[1] or {}
    where = place(parameters.get("mediaChannel"))
    if name != "openLogicalChannelAck" or where is None or parameters.get("sessionID", _AUDIO) in _OTHERS:
        return None
    return ChannelOpened(*where)


def _keys(kind: str, value: object) -> KeysPressed | None:
    if isinstance(value, bytes):
        return KeysPressed(value.decode("latin-1"))
    if kind == "signal" and isinstance(value, dict):
        return KeysPressed(value["signalType"])
    return None
