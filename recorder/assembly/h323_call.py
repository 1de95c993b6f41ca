"""What the messages of one H.323 call mean for its dialog (ITU-T H.323, 8; H.225.0, 7.3)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from recorder.assembly.dialog import Dialog
from recorder.assembly.happening import Happening
from recorder.assembly.mediaend import NOWHERE, MediaEnd
from recorder.assembly.referral import Referral
from recorder.assembly.text import clean
from recorder.keys import KEYS
from recorder.protocol import h225, h245, h245_control, q931
from recorder.protocol.errors import PerError
from recorder.protocol.h225 import CallSignalling
from recorder.protocol.h245 import LogicalChannel
from recorder.protocol.h245_control import ChannelOpened, KeysPressed
from recorder.protocol.q931 import Q931Message
from recorder.protocol.received import H225, Endpoint
from storage.model import Side

CAUSES: Mapping[int, int] = {
    1: 404,
    2: 404,
    3: 404,
    17: 486,
    18: 408,
    19: 480,
    20: 480,
    21: 403,
    22: 410,
    26: 404,
    27: 502,
    28: 484,
    29: 501,
    31: 480,
    34: 503,
    38: 503,
    41: 503,
    42: 503,
    47: 503,
    55: 403,
    57: 403,
    58: 503,
    65: 488,
    70: 488,
    79: 501,
    87: 403,
    88: 503,
    102: 504,
    111: 500,
    127: 500,
}
"""Causes of ISDN (Q.850) as the SIP status that says the same (RFC 3398, 7.2.4.1)."""
REASONS: Mapping[str, int] = {
    "unreachableDestination": 404,
    "badFormatAddress": 404,
    "destinationRejection": 403,
    "noPermission": 403,
    "inConf": 486,
    "adaptiveBusy": 503,
    "noBandwidth": 503,
    "gatekeeperResources": 503,
    "gatewayResources": 503,
    "unreachableGatekeeper": 503,
}
"""Reasons of H.225.0 the same way; its table 5 gives the cause that each stands for."""
_CLEARED = 16


class Tunnelled(NamedTuple):
    """What happened, and where media goes."""

    happened: list[Happening]
    ends: list[MediaEnd]


def begun(
    name: str, message: Q931Message, said: CallSignalling | None, caller: Endpoint, called: Endpoint, now: int
) -> Dialog:
    """The dialog that this message shows for the first time; one in its middle is of a call that runs."""
    dialog = Dialog.unnamed(H225, name, caller, called, now)
    if said is not None and said.call:
        dialog.session = frozenset({said.call})
    if message.kind == q931.SETUP:
        source, destination = (said.source, said.destination) if said is not None else ((), ())
        dialog.from_number = clean(message.calling or h225.number(source))
        dialog.from_name = clean(message.display or h225.name(source))
        dialog.to_number = clean(message.called or h225.number(destination) or h225.name(destination))
    return dialog


def follow(dialog: Dialog, message: Q931Message, said: CallSignalling | None, now: int) -> list[Happening]:
    """What the message means for the call."""
    if dialog.ended:
        return []
    sender = Side.A if message.is_from_caller else Side.B
    if message.kind == q931.ALERTING and not dialog.ringing and not dialog.answered:
        dialog.ringing = now
        return [Happening(now, "ringing", Side.B)]
    if message.kind == q931.CONNECT and not dialog.answered:
        dialog.answered = now
        dialog.to_name = dialog.to_name or clean(message.display)
        return [Happening(now, "answered", Side.B)]
    if message.kind == q931.INFORMATION and message.keypad:
        return _keys(dialog, message.keypad, now, sender)
    if message.kind == q931.FACILITY and said is not None and said.reason == "callForwarded":
        return _forwarded(dialog, said, now, sender)
    if message.kind in (q931.RELEASE, q931.RELEASE_COMPLETE):
        return _released(dialog, message, said, now, sender)
    return []


def tunnelled(dialog: Dialog, message: Q931Message, said: CallSignalling | None, now: int) -> Tunnelled:
    """What the messages of H.245 mean that the message carries (H.323, 8.2.1): places, and keys pressed."""
    sender = Side.A if message.is_from_caller else Side.B
    happened: list[Happening] = []
    ends: list[MediaEnd] = []
    for element in said.control if said is not None else ():
        found = _control(element)
        if isinstance(found, ChannelOpened) and found.port and found.address not in NOWHERE:
            # The payload types of H.323's own codecs are static.
            ends.append(MediaEnd(sender, found.address, found.port, "audio", {}, "sendrecv"))
        elif isinstance(found, KeysPressed) and dialog.answered:
            happened += _keys(dialog, found.keys, now, sender)
    return Tunnelled(happened, ends)


def places(said: CallSignalling | None) -> list[MediaEnd]:
    """Where media goes, as fast connect says (H.323, 8.1.7): channels that cannot be read tell nothing.

    An offer names the place of each direction that the caller receives on, its answer those of both.
    """
    if said is None:
        return []
    channels = [channel for element in said.fast_start if (channel := _channel(element)) is not None]
    ends: dict[tuple[Side, tuple[int, int], int], MediaEnd] = {}
    for channel in channels:
        side = Side.B if channel.is_forward else Side.A
        place = (side, channel.address, channel.port)
        if not channel.port or channel.address in NOWHERE or (said.kind == "setup" and side is Side.B):
            continue
        end = _end(channel, side)
        known = ends.get(place)
        ends[place] = replace(known, formats={**known.formats, **end.formats}) if known else end
    return list(ends.values())


def _control(element: bytes) -> ChannelOpened | KeysPressed | None:
    try:
        return h245_control.message(element)
    except PerError:
        return None


def _channel(element: bytes) -> LogicalChannel | None:
    try:
        return h245.logical_channel(element)
    except PerError:
        return None


def _end(channel: LogicalChannel, side: Side) -> MediaEnd:
    exchange = "unknown" if channel.is_secure else ""
    return MediaEnd(side, channel.address, channel.port, "audio", channel.formats, "sendrecv", (), exchange)


def _keys(dialog: Dialog, keypad: str, now: int, sender: Side) -> list[Happening]:
    """Keys: more of the number before the answer (overlap sending), tones after."""
    keys = [key for key in keypad.upper() if key in KEYS]
    if dialog.answered:
        return [Happening(now, "dtmf", sender, {"digit": key}) for key in keys]
    if sender is Side.A and len(dialog.to_number) < 64:
        dialog.to_number += "".join(keys)
    return []


def _forwarded(dialog: Dialog, said: CallSignalling, now: int, sender: Side) -> list[Happening]:
    to = clean(h225.number(said.forwarded) or h225.name(said.forwarded))
    referral = Referral(to, sender)
    if not dialog.answered or not to or dialog.referral == referral:
        return []
    dialog.referral = referral
    return [referral.happening(now)]


def _released(
    dialog: Dialog, message: Q931Message, said: CallSignalling | None, now: int, sender: Side
) -> list[Happening]:
    dialog.ended = now
    if dialog.answered:
        return [Happening(now, "bye", sender)]
    if sender is Side.A:
        dialog.cancelled = now
        return [Happening(now, "cancelled", Side.A)]
    reason = REASONS.get(said.reason, 0) if said is not None else 0
    dialog.cause = CAUSES.get(message.cause, reason) or (0 if message.cause in (0, _CLEARED) else 500)
    if not dialog.cause:
        return [Happening(now, "bye", Side.B)]
    text = said.reason if said is not None and said.reason else f"Q.850 cause {message.cause}"
    return [Happening(now, "rejected", Side.B, {"status": dialog.cause, "reason": text})]
