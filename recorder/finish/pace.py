"""Timestamps put right that do not go with what the packets hold.

RTP timestamps count samples (RFC 3550, 5.1). Some senders let them stand still or go backwards, count in
another clock than the codec's (G.722 in 16 kHz is the best known), or read them from a clock of their own
that is a few samples off.
"""

import numpy as np

from recorder.finish.run import Run

SLACK = 0.005
"""Seconds that a timestamp may be off and still mean that its packet follows the one before it."""
_STRETCH = 0.2
"""Seconds of audio at least by which timestamps are judged; also what may pass between two packets more than
the first one holds, or a pause lies between them."""
_OFF = 0.3
"""Share of what packets hold, by which their timestamps or capture times may go faster or slower."""
_LONGEST_GAP = 3000
"""Numbers that may be missing, as in ``timeline.MAX_DROPOUT``."""


class Pace:
    """Follows the packets of one stream; ``clock`` is that of its runs in Hz.

    Where the capture times of packets that follow each other go with what they hold, and their timestamps do
    not, each packet is taken to follow the one before it until timestamps make sense again.
    """

    def __init__(self, clock: int) -> None:
        self._clock = clock
        self._slack = round(SLACK * clock)
        self._is_adrift = False
        self._following: tuple[int, int] | None = None
        """Sequence number and timestamp of the packet that would come next."""

    def mended(self, runs: list[Run]) -> list[Run]:
        """The runs of a block, in the order of arrival, with timestamps by which they can be placed."""
        audio = [run for run in runs if run.ticks]
        packets = sum(map(len, audio))
        if self._is_adrift or len(audio) > max(packets // 2, 2):
            self._is_adrift = self._judged(audio, packets)
        return [self._placed(run) if run.ticks else run for run in runs]

    def _judged(self, audio: list[Run], packets: int) -> bool:
        """Whether the timestamps of these runs say nothing."""
        if not audio:
            return self._is_adrift
        if len(audio) <= packets // 2:
            return False
        sequences = np.concatenate([run.sequence + np.arange(len(run)) for run in audio])
        stamps = np.concatenate([run.timestamps for run in audio])
        times = np.concatenate([run.times for run in audio])
        ticks = np.repeat([run.ticks for run in audio], [len(run) for run in audio])[:-1]
        passed = np.diff(times) * (self._clock / 1e9)
        follows = (np.diff(sequences) == 1) & (passed < ticks + _STRETCH * self._clock)
        held = float(ticks[follows].sum())
        if held < _STRETCH * self._clock:
            return self._is_adrift
        elapsed, said = float(passed[follows].sum()), float(np.diff(stamps)[follows].sum())
        return abs(elapsed - held) <= _OFF * held < abs(elapsed - said)

    def _placed(self, run: Run) -> Run:
        timestamp = run.timestamp
        if self._following is not None:
            missing = run.sequence - self._following[0]
            if abs(missing) >= _LONGEST_GAP:
                missing = 0
            due = self._following[1] + missing * run.ticks
            if self._is_adrift or abs(timestamp - due) <= self._slack:
                timestamp = due
        if self._following is None or run.next_sequence > self._following[0]:
            self._following = run.next_sequence, timestamp + len(run) * run.ticks
        return run if timestamp == run.timestamp else run.stamped(timestamp)
