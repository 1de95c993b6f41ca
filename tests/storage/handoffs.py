"""Hand-off folders as the finisher leaves them."""

import hashlib
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

from storage.model import (
    Call,
    CallState,
    Direction,
    Encrypted,
    Gap,
    Leg,
    PacketCounts,
    Party,
    Recording,
    Side,
)

START = datetime(2026, 11, 21, 19, 25, 46, 323000, tzinfo=UTC)


def a_call(number: int = 0, *, audio: bytes | None = None, **changes: object) -> Call:
    """A call of two parties, a second later for each ``number``, with a recording of ``audio``."""
    start = START + timedelta(seconds=number)
    end = start + timedelta(seconds=61)
    leg = Leg(
        id=f"leg-{number}",
        call_id="1@pbx",
        from_="8001",
        to="13812348910",
        start=start,
        end=end,
        state="answered",
    )
    values: dict[str, object] = {
        "id": str(uuid.uuid5(uuid.NAMESPACE_OID, str(number))),
        "recorder": "here",
        "start": start,
        "answered": start + timedelta(seconds=1),
        "end": end,
        "duration": 60,
        "direction": Direction.OUTBOUND,
        "from_": "8001",
        "to": "13812348910",
        "agent": "8001",
        "state": CallState.ANSWERED,
        "codecs": ("PCMU",),
        "legs": (leg,),
        "parties": (
            Party(
                side=Side.A,
                number="8001",
                codec="PCMU",
                packets=PacketCounts(expected=3000),
                unrecorded_seconds=0.5,
            ),
            Party(side=Side.B, number="13812348910", codec="PCMU"),
        ),
        "recording": None if audio is None else a_recording(audio, start),
    }
    return Call(**(values | changes))


def a_recording(audio: bytes, start: datetime = START) -> Recording:
    """What ``call.json`` says of ``audio`` in the hand-off."""
    return Recording(
        path="audio.opus",
        format="opus",
        start=start,
        channels=2,
        rate=8000,
        seconds=60,
        bytes=len(audio),
        sha256=hashlib.sha256(audio).hexdigest(),
    )


def hand_off_encrypted(folder: Path, number: int = 0, size: int = 3000, **changes: object) -> Call:
    """Put a hand-off without audio and with packets that nothing opens into ``folder``; return its call."""
    media = bytes([number % 256]) * size
    call = a_call(number, encrypted=encrypted(media, Side.A, Side.B), **changes)
    return _with_media(folder, call, None, media)


def hand_off_partly_encrypted(folder: Path, number: int = 0) -> Call:
    """Put a hand-off with the audio of one side and packets that nothing opens into ``folder``."""
    audio, media = b"one side" * 100, bytes([number % 256]) * 3000
    gap = Gap(side=Side.B, start=0, seconds=60, cause="encrypted")
    call = a_call(number, audio=audio, encrypted=encrypted(media, Side.B), gaps=(gap,))
    return _with_media(folder, call, audio, media)


def encrypted(media: bytes, *sides: Side) -> Encrypted:
    """What ``call.json`` says of ``media`` in the hand-off, of which these sides are closed."""
    digest = hashlib.sha256(media).hexdigest()
    return Encrypted(path="media.bin", bytes=len(media), sha256=digest, sides=sides)


def _with_media(folder: Path, call: Call, audio: bytes | None, media: bytes) -> Call:
    hand_off_call(folder, call, audio)
    (folder / call.id / "media.bin").write_bytes(media)
    return call


def hand_off(folder: Path, number: int = 0, size: int = 5000) -> Call:
    """Put a whole hand-off into ``folder`` and return its call."""
    audio = bytes([number % 256]) * size
    return hand_off_call(folder, a_call(number, audio=audio), audio)


def hand_off_call(folder: Path, call: Call, audio: bytes | None) -> Call:
    """Put a hand-off of this call and this audio into ``folder``, whether they agree or not."""
    place = folder / call.id
    place.mkdir(parents=True)
    (place / "call.json").write_text(call.model_dump_json())
    if audio is not None:
        (place / "audio.opus").write_bytes(audio)
        (place / "peaks.dat").write_bytes(b"peaks of " + call.id.encode())
    return call
