"""The living call centre: calls begin and end all the time, and everything they send comes out as batches."""

import heapq
from collections import deque
from collections.abc import Iterator
from itertools import count

import numpy as np

from recorder.batch import Batch
from recorder.simulate.bank import payload_bank
from recorder.simulate.chance import scramble_number
from recorder.simulate.conversation import make_tapes
from recorder.simulate.legs import Leg, make_legs
from recorder.simulate.media import Ring, Sound, make_runs
from recorder.simulate.options import SimulationOptions
from recorder.simulate.people import Person, agents
from recorder.simulate.scenario import SECOND, CallPlan, plan_call
from recorder.simulate.signalling import Message, Signalling, signal
from recorder.simulate.site import Site
from recorder.simulate.streams import Frames, Run, StreamTable
from recorder.simulate.truth import CallTruth, LegTruth, Truths
from recorder.simulate.wire import frame
from storage.model import CallState, Direction, Side

TAPES = 16
STEP_SECONDS = 0.5


class CallCentre:
    """Generates the traffic of ``options`` step by step, the same whatever the steps are.

    ``generate(until)`` goes on from where the one before ended; time never goes back.
    """

    def __init__(self, options: SimulationOptions) -> None:
        self.options = options
        self._rng = np.random.default_rng(options.seed)
        self._bank = payload_bank(tuple(options.codecs), options.packet_ms)
        self._tapes = make_tapes(self._bank, TAPES, options.seed)
        music = self._bank.music.first + np.arange(self._bank.music.count, dtype=np.int32)
        rows = np.concatenate([*(tape.rows.ravel() for tape in self._tapes), music])
        self._streams = StreamTable(self._bank, rows, options.network, options.vlan)
        self._music = Ring(len(rows) - len(music), len(music))
        self._site = Site()
        self._agents = agents(_agents_needed(options), self._rng)
        self._busy: list[tuple[int, str, str]] = []
        self._arrivals: list[int] = []
        self._numbers = count(1)
        self._begun = 0
        self._messages: list[tuple[int, int, Message]] = []
        self._order = count()
        self._truths: deque[CallTruth] = deque(maxlen=options.truths)
        self._frames = self._sip_frames = 0
        self.now_ns = options.start_ns
        self._first_arrivals()

    @property
    def finished(self) -> bool:
        """Whether nothing more will come."""
        return not (self._arrivals or self._messages or self._streams.busy)

    def generate(self, until_ns: int) -> Batch:
        """All frames from the end of the last step to before ``until_ns``, in order of time."""
        while self._arrivals and self._arrivals[0] < until_ns:
            self._begin(heapq.heappop(self._arrivals))
        media = self._streams.emit(until_ns)
        messages = []
        while self._messages and self._messages[0][0] < until_ns:
            messages.append(heapq.heappop(self._messages)[2])
        self.now_ns = max(self.now_ns, until_ns)
        self._frames += len(media.times) + len(messages)
        self._sip_frames += len(messages)
        return _merge(media, messages, self.options.vlan)

    def steps(self, seconds: float = STEP_SECONDS) -> Iterator[Batch]:
        """Batches of ``seconds`` each until everything has come to its end."""
        while not self.finished:
            yield self.generate(self.now_ns + int(seconds * SECOND))

    def truths(self) -> Truths:
        """What was sent until now, of the calls that are remembered."""
        return Truths(tuple(self._truths), self._frames, self._sip_frames)

    def _first_arrivals(self) -> None:
        options = self.options
        if options.calls_per_second is not None:
            self._arrive(options.start_ns + self._gap(1 / options.calls_per_second))
            return
        spacing = options.ramp_seconds * SECOND / options.concurrent
        for index in range(options.concurrent):
            self._arrive(options.start_ns + int((index + self._rng.random()) * spacing))

    def _arrive(self, at_ns: int) -> None:
        """A call is to begin then, unless the simulation is over by then."""
        options = self.options
        if options.duration is None or at_ns < options.start_ns + int(options.duration * SECOND):
            heapq.heappush(self._arrivals, at_ns)

    def _gap(self, mean_seconds: float) -> int:
        return int(self._rng.exponential(mean_seconds) * SECOND)

    def _begin(self, at_ns: int) -> None:
        """A call begins, if an agent is free for it; the next one is arranged."""
        options = self.options
        if options.calls is not None and self._begun >= options.calls:
            self._arrivals.clear()
            return
        if options.calls_per_second is not None:
            self._arrive(at_ns + self._gap(1 / options.calls_per_second))
        free = self._free_agents(at_ns)
        if not free or self._up() >= options.concurrent:
            if options.calls_per_second is None:
                self._arrive(self._busy[0][0])
            return
        plan = plan_call(options, self._rng, next(self._numbers), at_ns, free)
        self._begun += 1
        self._occupy(plan)
        self._put_on_wire(plan)
        if options.calls_per_second is None:
            self._arrive(plan.end_ns + self._gap(0.5))

    def _free_agents(self, at_ns: int) -> list[Person]:
        while self._busy and self._busy[0][0] <= at_ns:
            heapq.heappop(self._busy)
        taken = {number for _, number, _ in self._busy}
        return [agent for agent in self._agents if agent.number not in taken]

    def _up(self) -> int:
        """Calls that somebody is in."""
        return len({call for _, _, call in self._busy})

    def _occupy(self, plan: CallPlan) -> None:
        people: list[Person] = [plan.agent]
        if plan.direction is Direction.INTERNAL:
            people.append(plan.callee)
        for person in people:
            heapq.heappush(self._busy, (plan.end_ns, person.number, plan.id))

    def _put_on_wire(self, plan: CallPlan) -> None:
        legs = make_legs(plan, self._site, self.options.legs)
        signalling = signal(plan, legs, self._bank.codecs[plan.codec_index], self.options.packet_ms)
        for message in signalling.messages:
            heapq.heappush(self._messages, (message.at_ns, next(self._order), message))
        runs: list[Run] = []
        sound, voices = self._sound(plan)
        if plan.state is CallState.ANSWERED:
            answered = plan.start_ns + plan.ring_ns
            runs = make_runs(plan, legs, answered, sound, self._bank, self.options.vlan)
            self._streams.add(runs)
        codec = self._bank.codecs[plan.codec_index].name
        self._truths.append(_truth(plan, legs, signalling, runs, voices, codec))

    def _sound(self, plan: CallPlan) -> tuple[Sound, tuple[str, str]]:
        """A tape and a place on it where the called party opens the conversation."""
        chosen = scramble_number(plan.seed, "tape")
        index = chosen % len(self._tapes)
        tape = self._tapes[index]
        length = tape.rows.shape[1]
        opening = int(tape.openings[(chosen >> 8) % len(tape.openings)])
        offset = max(0, opening - 1000 // self._bank.packet_ms)
        first = 2 * index * length
        sides = {Side.A: Ring(first, length), Side.B: Ring(first + length, length)}
        return Sound(sides, self._music, offset), tape.speakers


def _agents_needed(options: SimulationOptions) -> int:
    """As asked, or enough that nobody waits for one: an internal call needs two."""
    internal = options.directions[2] > 0
    return options.agents or options.concurrent * (2 if internal else 1)


def _truth(
    plan: CallPlan,
    legs: list[Leg],
    signalling: Signalling,
    runs: list[Run],
    voices: tuple[str, str],
    codec: str,
) -> CallTruth:
    columns = zip(
        legs, signalling.started, signalling.answered, signalling.ended, signalling.status, strict=False
    )
    truth = CallTruth(
        id=plan.id,
        direction=plan.direction,
        state=plan.state,
        from_number=plan.caller.number,
        from_name=plan.caller.name,
        to_number=legs[0].to.user,
        to_name=plan.callee.name,
        agent=plan.agent.number,
        codec=codec,
        start_ns=signalling.started[0],
        answered_ns=signalling.answered[0],
        end_ns=signalling.ended[0],
        voices=voices,
        holds=signalling.holds,
    )
    for leg, start, reply, end, status in columns:
        ends = str(leg.caller.signalling), str(leg.callee.signalling)
        numbers = leg.from_.user, leg.to.user
        truth.legs.append(LegTruth(leg.dialog.call_id, *numbers, *ends, start, reply, end, status))
    truth.streams = list({id(run.truth): run.truth for run in runs}.values())
    return truth


def _merge(media: Frames, messages: list[Message], vlan: int | None) -> Batch:
    """One batch of both, in order of time; the buffer holds the RTP frames first."""
    texts = [
        frame(each.source, each.destination, each.payload, each.at_ns // 1000, vlan) for each in messages
    ]
    packets, width = media.frames.shape
    sip_lengths = np.array([len(text) for text in texts], np.int64)
    lengths = np.concatenate([np.full(packets, width, np.int64), sip_lengths])
    times = np.concatenate([media.times, np.array([each.at_ns for each in messages], np.int64)])
    order = np.argsort(times, kind="stable")
    captured = lengths[order].astype(np.int32)
    return Batch(
        data=np.concatenate([media.frames.reshape(-1), np.frombuffer(b"".join(texts), np.uint8)]),
        offsets=(np.cumsum(lengths) - lengths)[order],
        lengths=captured,
        wire_lengths=captured.copy(),
        times=times[order],
    )
