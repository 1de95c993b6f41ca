"""What really happened: the record that recordings of the simulated traffic are compared with."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from storage.model import CallState, Direction


@dataclass(slots=True)
class StreamTruth:
    """One RTP stream: ``sent`` packets of ``packet_ms`` each, of which ``lost`` never reached the tap.

    The tap sees ``sent - lost + duplicated`` packets. ``party`` is ``A`` or ``B``: who is heard in it.
    ``relayed`` is True where a PBX passes on what it heard on another leg; ``music`` counts packets of
    music on hold among the sent. Counts grow while the call runs.
    """

    ssrc: int
    source: str
    destination: str
    leg: int
    party: str
    relayed: bool
    codec: str
    packet_ms: int
    sent: int = 0
    lost: int = 0
    duplicated: int = 0
    reordered: int = 0
    music: int = 0

    @property
    def seconds(self) -> float:
        """Length of the audio sent."""
        return self.sent * self.packet_ms / 1000

    @property
    def seen(self) -> int:
        """Packets that reach the tap."""
        return self.sent - self.lost + self.duplicated


@dataclass(slots=True)
class LegTruth:
    """One SIP dialog; times in nanoseconds since the epoch, ``status`` the code that ended it, if any."""

    call_id: str
    from_number: str
    to_number: str
    source: str
    destination: str
    start_ns: int
    answered_ns: int | None
    end_ns: int
    status: int | None


@dataclass(slots=True)
class CallTruth:
    """One conversation as it really was; times in nanoseconds since the epoch.

    ``holds`` are (start, end) in nanoseconds. ``voices`` are the names of the speakers A and B.
    """

    id: str
    direction: Direction
    state: CallState
    from_number: str
    from_name: str
    to_number: str
    to_name: str
    agent: str
    codec: str
    start_ns: int
    answered_ns: int | None
    end_ns: int
    voices: tuple[str, str]
    legs: list[LegTruth] = field(default_factory=list)
    streams: list[StreamTruth] = field(default_factory=list)
    holds: list[tuple[int, int]] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        """From answer to end; 0 where nobody answered."""
        return 0.0 if self.answered_ns is None else (self.end_ns - self.answered_ns) / 1e9

    def as_json(self) -> dict[str, Any]:
        """Plain dictionary for ``json``."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Truths:
    """All calls of a simulation, in order of their start, and how many frames it made."""

    calls: tuple[CallTruth, ...]
    frames: int
    sip_frames: int

    @property
    def rtp_frames(self) -> int:
        """RTP packets that were put on the wire."""
        return self.frames - self.sip_frames

    def write(self, path: Path) -> None:
        """Write everything as one JSON document."""
        document = {"frames": self.frames, "sip_frames": self.sip_frames, "calls": list(_plain(self.calls))}
        path.write_text(json.dumps(document, ensure_ascii=False, indent=1), encoding="utf-8")


def _plain(calls: Iterable[CallTruth]) -> Iterable[dict[str, Any]]:
    return (call.as_json() for call in calls)
