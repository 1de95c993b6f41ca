"""What a simulation put on the wire, taken apart again by the project's own parsers."""

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np

from recorder.batch import Batch
from recorder.protocol import rtp, udp
from recorder.protocol.rtp import RtpPacket
from recorder.protocol.sip import SipMessage
from recorder.simulate.callcentre import CallCentre
from recorder.simulate.options import SimulationOptions
from recorder.simulate.truth import Truths


@dataclass
class Traffic:
    """SIP messages with their times, RTP packets with their times by SSRC, the raw frames, and the truth."""

    truths: Truths
    sip: list[tuple[int, SipMessage]] = field(default_factory=list)
    rtp: dict[int, list[tuple[int, RtpPacket]]] = field(default_factory=lambda: defaultdict(list))
    frames: list[tuple[int, bytes]] = field(default_factory=list)

    def dialog(self, call_id: str) -> list[SipMessage]:
        """The messages of one dialog in order."""
        return [message for _, message in self.sip if message.call_id == call_id]


def truths_of(options: SimulationOptions) -> Truths:
    """Run the simulation to its end and look at its truth alone."""
    centre = CallCentre(options)
    for _ in centre.steps(5.0):
        pass
    return centre.truths()


def record(options: SimulationOptions, step_seconds: float = 0.5) -> Traffic:
    """Run the simulation to its end and parse every frame of it."""
    centre = CallCentre(options)
    batches = list(centre.steps(step_seconds))
    traffic = Traffic(centre.truths())
    for batch in batches:
        _add(traffic, batch)
    return traffic


def _add(traffic: Traffic, batch: Batch) -> None:
    for row in range(len(batch)):
        start = int(batch.offsets[row])
        raw = batch.data[start : start + int(batch.lengths[row])].tobytes()
        traffic.frames.append((int(batch.times[row]), raw))
    datagrams = udp.parse(batch)
    assert not datagrams.rejected
    signalling = datagrams.source_ports == 5060
    for row in np.flatnonzero(signalling):
        traffic.sip.append((int(datagrams.times[row]), SipMessage.parse(datagrams.payload(int(row)))))
    media = np.flatnonzero(~signalling)
    assert len(rtp.parse(datagrams, media)) == len(media)
    for row in media:
        packet = RtpPacket.parse(datagrams.payload(int(row)))
        traffic.rtp[packet.ssrc].append((int(datagrams.times[row]), packet))
