"""What an engine has seen."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Counters:
    """What the engine has seen: frames, SIP messages, RTP packets, calls, and what it left out and why."""

    frames: int = 0
    dropped: int = 0
    sip: int = 0
    rtp: int = 0
    written: int = 0
    unwritten: int = 0
    calls: int = 0
    junk: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
