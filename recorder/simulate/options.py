"""What the simulated call centre is to be: one dataclass, every field documented."""

from dataclasses import dataclass, field

from recorder.simulate.codec import codec
from recorder.simulate.errors import BadOptions

PACKET_TIMES = (10, 20, 30, 40, 60)


@dataclass(frozen=True, slots=True)
class Network:
    """What the network between the talkers and the tap does to each stream, independently.

    ``loss``, ``duplicate`` and ``reorder`` are shares of the packets (0 to 1). ``loss_burst`` is how many
    packets in a row each loss takes (1: every packet for itself). ``jitter_ms`` is the standard deviation
    of the delay and never changes the order, up to twice the packet time; a reordered packet comes after
    the one or two that follow it.
    """

    loss: float = 0.0
    loss_burst: int = 1
    duplicate: float = 0.0
    reorder: float = 0.0
    jitter_ms: float = 0.0

    def __post_init__(self) -> None:
        for name in ("loss", "duplicate", "reorder"):
            if not 0 <= getattr(self, name) <= 1:
                raise BadOptions(f"{name} is a share of the packets, from 0 to 1, not {getattr(self, name)}")
        if self.loss_burst < 1:
            raise BadOptions("loss_burst is a number of packets in a row, 1 or more")
        if self.jitter_ms < 0:
            raise BadOptions("jitter_ms is a time in milliseconds, 0 or more")

    @property
    def perfect(self) -> bool:
        """Whether every packet arrives once, in order and in time."""
        return not (self.loss or self.duplicate or self.reorder or self.jitter_ms)


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Shares of how calls end; what remains to 1 is answered."""

    missed: float = 0.06
    busy: float = 0.02
    cancelled: float = 0.03
    failed: float = 0.01

    def __post_init__(self) -> None:
        shares = (self.missed, self.busy, self.cancelled, self.failed)
        if min(shares) < 0 or sum(shares) > 1:
            raise BadOptions("the shares of the outcomes are 0 or more and at most 1 together")


ALL_ANSWERED = Outcomes(0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class SimulationOptions:
    """The simulated call centre.

    Calls come at random, ``calls_per_second`` on average; where that is None, ``concurrent`` calls are
    kept up instead: that many begin within the first ``ramp_seconds`` and each that ends is followed by
    another. ``concurrent`` is the most that are up at once in either case, and there are as many agents,
    or ``agents`` if that is more. New calls come for ``duration`` seconds (None: for ever) or until there
    were ``calls`` of them; those under way then come to their own end.

    ``talk_seconds`` is the mean time from answer to hang-up; ``talk_spread`` its spread (0: every call
    the same; 0.6: the usual long tail). ``ring_seconds`` is the mean time to the answer.
    ``codecs`` are taken in turn at random; ``packet_ms`` is the length of a packet.
    ``legs`` is 2 for calls through a PBX that stands between caller and agent, both sides on the wire,
    or 1 for calls direct from caller to agent. ``hold`` is the share of answered calls with one hold.
    ``directions`` are the shares of inbound, outbound and internal calls.
    ``vlan`` tags every frame (IEEE 802.1Q) with that number. ``seed`` makes everything the same again.
    ``start_ns`` is when it begins, nanoseconds since the epoch.
    ``truths`` is how many of the last calls are remembered for the truth; keep it low where there is no end.
    """

    calls_per_second: float | None = None
    concurrent: int = 12
    ramp_seconds: float = 2.0
    duration: float | None = 60.0
    calls: int | None = None
    agents: int = 0
    talk_seconds: float = 30.0
    talk_spread: float = 0.6
    ring_seconds: float = 4.0
    codecs: tuple[str, ...] = ("PCMU",)
    packet_ms: int = 20
    legs: int = 2
    hold: float = 0.08
    directions: tuple[float, float, float] = (0.6, 0.3, 0.1)
    outcomes: Outcomes = field(default_factory=Outcomes)
    network: Network = field(default_factory=Network)
    vlan: int | None = None
    seed: int = 1
    start_ns: int = 1_800_000_000_000_000_000
    truths: int = 100_000

    def __post_init__(self) -> None:
        for name in self.codecs:
            codec(name)
        limit = 2 * self.packet_ms
        for wrong, complaint in (
            (
                self.calls_per_second is not None and self.calls_per_second <= 0,
                "calls_per_second is more than 0",
            ),
            (self.concurrent < 1 or self.talk_seconds <= 0, "concurrent and talk_seconds are more than 0"),
            (self.ring_seconds < 0 or self.ramp_seconds < 0, "ring_seconds and ramp_seconds are 0 or more"),
            (self.legs not in (1, 2), "legs is 2 (through a PBX) or 1 (direct)"),
            (self.packet_ms not in PACKET_TIMES, f"packet_ms is one of {', '.join(map(str, PACKET_TIMES))}"),
            (self.network.jitter_ms > limit, f"jitter_ms is at most twice the packet time: {limit}"),
            (not self.codecs, "name at least one codec"),
            (min(self.directions) < 0 or abs(sum(self.directions) - 1) > 1e-6, _DIRECTIONS_COMPLAINT),
            (self.vlan is not None and not 0 < self.vlan < 4095, "a VLAN number is from 1 to 4094"),
        ):
            if wrong:
                raise BadOptions(complaint)


_DIRECTIONS_COMPLAINT = "the shares of inbound, outbound and internal calls must be 1 together"
