"""More than two who are heard, and copies for another recorder."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.recorder.assembly.messages import sdp
from tests.recorder.switchboard import AGENT, COLLEAGUE, CUSTOMER, PBX, Line, Wire, heard
from tests.recorder.voices import CALLED, CALLER, INSIDE, begin, end, lines, says, through, voice

BOTH = voice(1900)


class RecordingSession:
    """A border controller that sends copies of a call to another recorder (RFC 7866)."""

    def __init__(self, wire: Wire, labels: tuple[int, int] = (1, 2)) -> None:
        self.line = wire.line("copy", (INSIDE, "192.0.2.90"), ("src", "srs"))
        self.ports = dict(zip(labels, ((41000, 42000), (41002, 42002)), strict=True))

    def _describes(self, server: int, direction: str) -> bytes:
        first, second = (pair[server] for pair in sorted(self.ports.values()))
        more = (f"a={direction}", "a=label:1", f"m=audio {second} RTP/AVP 0", f"a={direction}", "a=label:2")
        return sdp(self.line.hosts[server], first, *more)

    def begins(self, at: float) -> None:
        talk = self.line.talk
        source, server = ({"Contact": f"<sip:x@test>;+sip.{kind}"} for kind in ("src", "srs"))
        request = talk.request(body=self._describes(0, "sendonly"), Require="siprec", **source)
        self.line.says(at, request)
        answer = talk.response(200, self._describes(1, "recvonly"), **server)
        self.line.says(at + 0.05, answer, from_called=True)

    def carries(self, start: float, stop: float) -> None:
        for label, sound in ((1, CALLER), (2, CALLED)):
            way = Line(self.line.wire, f"copy{label}", self.line.hosts, ("", ""), self.ports[label])
            says(way, sound, start, stop, lag=0.004)


def test_a_recording_session_has_a_channel_for_each_participant(tmp_path: Path) -> None:
    wire = Wire()
    session = RecordingSession(wire)
    session.begins(0)
    session.carries(0.2, 5)
    session.line.hangs_up(5)
    ((call, folder),) = wire.recorded(tmp_path)
    assert [heard(folder, 0, 0.1, 4), heard(folder, 1, 0.1, 4)] == [CUSTOMER.voice, AGENT.voice]
    assert [party.packets.received for party in call.parties] == [240, 240]


@pytest.mark.parametrize("labels", [(1, 2), (2, 1)], ids=["caller-first", "called-first"])
@pytest.mark.parametrize("shown", [AGENT.number, "hidden"])
def test_a_call_that_is_recorded_by_another_recorder_is_recorded_once(
    tmp_path: Path, labels: tuple[int, int], shown: str
) -> None:
    wire = Wire()
    legs = lines(
        wire, "leg", (CUSTOMER.host, INSIDE, CUSTOMER.number, AGENT.number), (INSIDE, AGENT.host, "x", shown)
    )
    session = RecordingSession(wire, labels)
    begin(legs)
    session.begins(0.2)
    through(legs, CALLER, CALLED, 0.4, 6)
    session.carries(0.4, 6)
    end([*legs, session.line], 6)
    ((call, folder),) = wire.recorded(tmp_path)
    assert len(call.legs) == 3
    assert [heard(folder, 0, 0.1, 4), heard(folder, 1, 0.1, 4)] == [CUSTOMER.voice, AGENT.voice]
    assert [party.packets.received for party in call.parties] == [280, 280]
    assert "srs" not in (call.agent, *(party.number for party in call.parties))


class ThreeParties:
    """A customer, an agent, and a colleague whom the PBX calls in addition."""

    def __init__(self, wire: Wire, *, behind: str = "") -> None:
        agent, colleague = (behind, behind) if behind else (AGENT.host, COLLEAGUE.host)
        self.customer, self.agent, self.colleague = lines(
            wire,
            "leg",
            (CUSTOMER.host, PBX, CUSTOMER.number, "800"),
            (PBX, agent, CUSTOMER.number, AGENT.number),
            (PBX, colleague, CUSTOMER.number, COLLEAGUE.number),
        )
        begin([self.customer, self.agent])
        through([self.customer, self.agent], CALLER, CALLED, 0.3, 4)

    def talk(self, start: float, stop: float) -> None:
        """The customer hears the other two as the PBX mixes them, and these hear others."""
        self.colleague.begins(start)
        says(self.customer, CALLER, start, stop)
        says(self.customer, BOTH, start, stop, called=True)
        for line, sound in ((self.agent, CALLED), (self.colleague, voice(COLLEAGUE.voice))):
            says(line, sound, start + 0.2, stop, called=True)
            says(line, BOTH, start + 0.2, stop)
        end([self.customer, self.agent, self.colleague], stop)


@pytest.mark.parametrize("behind", ["", INSIDE], ids=["phones", "behind-one-host"])
def test_two_who_talk_on_one_side_are_both_heard(tmp_path: Path, behind: str) -> None:
    wire = Wire()
    parties = ThreeParties(wire, behind=behind)
    parties.talk(4, 8)
    ((call, folder),) = wire.recorded(tmp_path)
    assert len(call.legs) == 3
    assert heard(folder, 0, 0.2, 7) == CUSTOMER.voice
    assert heard(folder, 1, 0.2, 3) == AGENT.voice
    assert loudest(folder, 1, 4.5, 7.5) == {AGENT.voice, COLLEAGUE.voice}


def test_each_of_two_on_one_side_is_heard_where_the_other_is_silent(tmp_path: Path) -> None:
    wire = Wire()
    customer, agent, colleague = (parties := ThreeParties(wire)).customer, parties.agent, parties.colleague
    colleague.begins(4)
    says(customer, CALLER, 4, 12)
    says(agent, CALLED, 4, 6, called=True)
    says(colleague, voice(COLLEAGUE.voice), 7, 9, called=True)
    says(agent, CALLED, 10, 12, called=True)
    end([customer, agent, colleague], 12)
    ((_, folder),) = wire.recorded(tmp_path)
    spoken = [heard(folder, 1, at, at + 1) for at in (4, 7, 10)]
    assert spoken == [AGENT.voice, COLLEAGUE.voice, AGENT.voice]


def loudest(folder: Path, channel: int, start: float, stop: float) -> set[int]:
    """The two loudest tones of a channel in that time, in Hz."""
    pcm, rate = soundfile.read(folder / "audio.wav")
    part = pcm[round(start * rate) : round(stop * rate), channel]
    spectrum = np.abs(np.fft.rfft(part * np.hanning(len(part))))
    found: set[int] = set()
    for place in np.argsort(spectrum)[::-1].tolist():
        found.add(round(place * rate / len(part) / 100) * 100)
        if len(found) == 2:
            break
    return found
