"""The nouns between capture and finishing: streams, their packets, and the plan of a recording."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

UNKNOWN = "PT"
"""Before the number of a payload type that nothing explains."""


@dataclass(frozen=True, slots=True)
class Format:
    """One RTP payload format as signalled (RFC 8866 rtpmap) or statically assigned (RFC 3551).

    ``encoding`` is the upper-case media subtype ("PCMU", "G722", "TELEPHONE-EVENT"); ``clock_rate`` is
    the RTP timestamp rate in Hz, which for G722 is 8000 although it samples at 16000 (RFC 3551, 4.5.2).
    """

    encoding: str
    clock_rate: int = 8000
    channels: int = 1
    parameters: str = ""


def unknown(payload_type: int) -> Format:
    """Stands for the format of a payload type that nothing explains."""
    return Format(f"{UNKNOWN}{payload_type & 0x7F}")


@dataclass(slots=True)
class MediaBlock:
    """Packets of one stream in arrival order, without duplicates.

    All arrays but ``payload`` have shape (packets,). ``times`` is int64, nanoseconds since the epoch;
    ``sequences`` and ``timestamps`` are int64 and extended over wrap-around (RFC 3550, A.1);
    ``payload_types`` is uint8, uint16 where eras are told apart (see ``Eras``); ``markers`` is bool;
    ``lengths`` is int32, bytes of each payload.
    ``payload`` is uint8 of shape (lengths.sum(),), the payloads one after the other.

    ``heads`` is uint16, None where all are 0. The low byte is the first of the RTP header where the payload
    begins with what follows its 12 fixed bytes (CSRCs, header extension) and ends with the padding, 0 where
    it is nothing but payload. The high byte is 0, or that of the suite (``sdes.suite_mark``) with which
    a packet of an encrypted stream was opened.
    """

    stream: str
    times: NDArray[np.int64]
    sequences: NDArray[np.int64]
    timestamps: NDArray[np.int64]
    payload_types: NDArray[np.uint8] | NDArray[np.uint16]
    markers: NDArray[np.bool_]
    lengths: NDArray[np.int32]
    payload: NDArray[np.uint8]
    heads: NDArray[np.uint16] | None = None

    def __len__(self) -> int:
        return len(self.times)

    def part(self, start: int, end: int) -> "MediaBlock":
        """Its packets from start to end, as views."""
        ends = np.cumsum(self.lengths[:end], dtype=np.int64)
        low, high = (int(ends[at - 1]) if at else 0 for at in (start, end))
        chosen = slice(start, end)
        return MediaBlock(
            self.stream,
            self.times[chosen],
            self.sequences[chosen],
            self.timestamps[chosen],
            self.payload_types[chosen],
            self.markers[chosen],
            self.lengths[chosen],
            self.payload[low:high],
            None if self.heads is None else self.heads[chosen],
        )

    def bodies(self) -> list[bytes]:
        """The payload of each packet."""
        payload = self.payload.tobytes()
        ends = np.cumsum(self.lengths, dtype=np.int64).tolist()
        return [payload[end - size : end] for end, size in zip(ends, self.lengths.tolist(), strict=True)]


@dataclass(frozen=True, slots=True)
class SrtpKey:
    """A master key of SRTP as signalled by SDES (RFC 4568).

    ``secret`` is the base64 of master key and salt, one after the other; it is kept out of every text that
    shows the key. ``mki`` is the length in bytes of the master key identifier in each packet. A suite may
    be used without its cipher or without its authentication (RFC 4568, 6.3.2 and 6.3.3).
    """

    suite: str
    secret: str = field(repr=False)
    mki: int = 0
    is_encrypting: bool = True
    is_authenticating: bool = True


@dataclass(frozen=True, slots=True)
class Renegotiated:
    """From ``since`` (ns) on the payload types of a stream mean these ``formats``, and nothing else."""

    since: int
    formats: Mapping[int, Format]


@dataclass(frozen=True, slots=True)
class Source:
    """A stream that can be heard on a channel, with the formats its payload types mean, and what they mean
    ``later``, in order of time.

    Formats of media that was signalled as encrypted are named ``SRTP/PCMU``. ``keys`` may open it, the most
    likely one first; ``ssrc`` is part of what they open. ``exchange`` is how the parties agreed on keys
    (``sdes``, ``dtls``, ``zrtp``, ``unknown``), empty where they did not. What comes from ``secured`` on (ns)
    is encrypted whatever its format says, as keys were agreed on within the media; 0 where that is unknown.
    ``is_beside`` is that of somebody who is heard together with those before, not in their place.
    """

    stream: str
    formats: Mapping[int, Format]
    keys: tuple[SrtpKey, ...] = ()
    ssrc: int = 0
    exchange: str = ""
    secured: int = 0
    later: tuple[Renegotiated, ...] = ()
    is_beside: bool = False

    @property
    def all_formats(self) -> list[Format]:
        """What its payload types mean at any time."""
        return [
            one
            for formats in (self.formats, *(one.formats for one in self.later))
            for one in formats.values()
        ]


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel of the recording: its sources in order of preference.

    Where the first source has no packets for a while (before it starts, while it is on hold), the next
    one that has some is heard instead.
    """

    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class RecordingPlan:
    """What the finisher needs to know: when the recording starts, its rate, and who is on which channel.

    ``start`` is in nanoseconds since the epoch; ``rate`` in Hz. Channel 0 is party A (left), 1 is party B.
    """

    start: int
    rate: int
    channels: tuple[Channel, ...]
