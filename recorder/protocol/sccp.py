"""Reading messages of SCCP (Skinny), as far as they tell of calls and their media.

Cisco has not published the protocol; the layouts are those that the Wireshark dissector and the open server
``chan_sccp`` agree on.
"""

from collections.abc import Callable, Mapping

from recorder.protocol.errors import SccpError
from recorder.protocol.sccp_messages import (
    KEYS,
    CallInfo,
    CallState,
    Cipher,
    Dialled,
    Hook,
    KeypadButton,
    MediaStopped,
    Message,
    OpenReceiveChannel,
    OpenReceiveChannelAck,
    Register,
    SoftKey,
    StartMediaTransmission,
)
from recorder.protocol.sccp_reader import HEAD, SccpReader


def parse(content: bytes) -> Message:
    """Read a whole message with its head; raises SccpError for what is none of these or ends too early."""
    if len(content) < HEAD.size:
        raise SccpError(f"{len(content)} bytes are no SCCP message")
    _, version, kind = HEAD.unpack_from(content)
    read = _READERS.get(kind)
    if read is None:
        raise SccpError(f"an SCCP message of kind {kind:#x} tells of no call")
    return read(SccpReader(version, content[HEAD.size :]))


def _register(reader: SccpReader) -> Register:
    return Register(reader.text(16))


def _keypad(reader: SccpReader) -> KeypadButton:
    key = reader.number()
    if key >= len(KEYS):
        raise SccpError(f"no key has the number {key}")
    reader.skip(4)
    return KeypadButton(KEYS[key], reader.optional())


def _en_bloc(reader: SccpReader) -> Dialled:
    # Old phones send 24 bytes whatever version they speak.
    return Dialled(reader.text(min(24, reader.left)), 0)


def _dialled(reader: SccpReader) -> Dialled:
    number = reader.directory_number()
    reader.skip(4)
    return Dialled(number, reader.optional())


def _call_info(reader: SccpReader) -> CallInfo:
    from_name, from_number = reader.text(40), reader.text(24)
    to_name, to_number = reader.text(40), reader.text(24)
    reader.skip(4)
    return CallInfo(reader.number(), reader.number(), from_number, from_name, to_number, to_name)


def _call_info_2(reader: SccpReader) -> CallInfo:
    """With texts of any length: numbers first; from version 16 on with an alternate caller's number."""
    reader.skip(4)
    reference, kind = reader.number(), reader.number()
    reader.skip(20)
    if reader.version >= 16:
        texts = reader.texts(11)
        return CallInfo(reference, kind, texts[0], texts[9], texts[2], texts[10])
    texts = reader.texts(10)
    return CallInfo(reference, kind, texts[0], texts[8], texts[1], texts[9])


def _call_state(reader: SccpReader) -> CallState:
    state = reader.number()
    reader.skip(4)
    return CallState(reader.number(), state)


def _open(reader: SccpReader) -> OpenReceiveChannel:
    conference, party = reader.number(), reader.number()
    reader.skip(4)
    codec = reader.number()
    reader.skip(4)
    payload_type = _dynamic(reader)
    return OpenReceiveChannel(
        conference, party, codec, payload_type, reader.optional(), _cipher(reader), _events(reader)
    )


def _open_ack(reader: SccpReader) -> OpenReceiveChannelAck:
    status, place, port = reader.number(), reader.address(), reader.port()
    return OpenReceiveChannelAck(status == 0, place, port, reader.number(), reader.optional())


def _start(reader: SccpReader) -> StartMediaTransmission:
    conference, party, place, port = reader.number(), reader.number(), reader.address(), reader.port()
    reader.skip(4)
    codec = reader.number()
    reader.skip(12)
    dynamic = _dynamic(reader)
    return StartMediaTransmission(
        conference,
        party,
        place,
        port,
        codec,
        dynamic,
        reader.optional(),
        _cipher(reader),
        _events(reader),
    )


def _stopped(is_sending: bool) -> Callable[[SccpReader], MediaStopped]:
    def read(reader: SccpReader) -> MediaStopped:
        return MediaStopped(reader.number(), reader.number(), reader.optional(), is_sending)

    return read


def _hook(is_off: bool) -> Callable[[SccpReader], Hook]:
    def read(reader: SccpReader) -> Hook:
        reader.skip(4)
        return Hook(is_off, reader.optional())

    return read


def _soft_key(reader: SccpReader) -> SoftKey:
    event = reader.number()
    reader.skip(4)
    return SoftKey(event, reader.optional())


def _dynamic(reader: SccpReader) -> int:
    """The payload type of a codec that has none of its own, 0 where it is not said; old versions do not."""
    parameters = reader.take(4) if reader.left >= 4 else bytes(4)
    return parameters[1] if reader.version >= 11 and 96 <= parameters[1] < 128 else 0


def _cipher(reader: SccpReader) -> Cipher:
    if reader.left < 48:
        reader.skip(48)
        return Cipher()
    algorithm, key_length, salt_length = reader.number(), reader.number(2), reader.number(2)
    key, salt = reader.take(16)[:key_length], reader.take(16)[:salt_length]
    reader.skip(8)
    return Cipher(algorithm, key, salt) if algorithm else Cipher()


def _events(reader: SccpReader) -> int:
    """The payload type of keys pressed (RFC 4733), 0 where they are sent another way."""
    reader.skip(8)
    number = reader.optional()
    return number if 96 <= number < 128 else 0


_READERS: Mapping[int, Callable[[SccpReader], Message]] = {
    0x0001: _register,
    0x0003: _keypad,
    0x0004: _en_bloc,
    0x0006: _hook(True),
    0x0007: _hook(False),
    0x0022: _open_ack,
    0x0026: _soft_key,
    0x008A: _start,
    0x008B: _stopped(True),
    0x008F: _call_info,
    0x0105: _open,
    0x0106: _stopped(False),
    0x0111: _call_state,
    0x011D: _dialled,
    0x014A: _call_info_2,
}
KINDS = frozenset(_READERS)
"""The messages that are read; all others tell of no call."""
