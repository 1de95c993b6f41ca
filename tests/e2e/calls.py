"""Calls of a small call centre, told by their number: the same number gives the same call."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from storage.model import (
    Call,
    CallState,
    Direction,
    Event,
    Gap,
    Leg,
    Measures,
    PacketCounts,
    Party,
    Recording,
    RelatedCall,
    Relation,
    Side,
)

AGENTS = {
    "8001": "Li Wei",
    "8002": "Wang Fang",
    "8003": "Anna Schmidt",
    "8004": "Chen Jie",
    "8005": "John Miller",
}
_CUSTOMERS = ("13812348910", "+8613987654321", "02166668888", "+442071234567", "13700001234", "18612345678")
_STATES = (*(CallState.ANSWERED,) * 7, CallState.MISSED, CallState.BUSY, CallState.CANCELLED)
_RING = 4.0
CONSULTED, CONSULTATION = 21, 20
"""A call that was handed on, and the one in which a colleague was asked before that."""
_RELATED = {
    CONSULTED: (CONSULTATION, Relation.CONSULTATION),
    CONSULTATION: (CONSULTED, Relation.CONSULTED_ABOUT),
}


@dataclass(frozen=True, slots=True)
class Story:
    """A call before it is archived."""

    number: int
    call: Call

    def recorded(self, path: str, size: int, digest: str) -> Call:
        """The call with its recording, which starts when it was answered."""
        assert self.call.answered
        recording = Recording(
            path=path,
            format="opus",
            start=self.call.answered,
            channels=2,
            rate=8000,
            seconds=self.call.duration,
            bytes=size,
            sha256=digest,
        )
        return self.call.model_copy(update={"recording": recording})


def tell(number: int, now: datetime, seconds: float, minutes_ago: float | None = None) -> Story:
    """The call of that number before ``now``, the higher the older; answered ones last ``seconds``.

    ``minutes_ago`` places its start instead of the number.
    """
    extension = list(AGENTS)[number % len(AGENTS)]
    customer = _CUSTOMERS[number % len(_CUSTOMERS)]
    inbound = number % 3 != 1
    state = CallState.ANSWERED if number == 0 else _STATES[number % len(_STATES)]
    start = now - timedelta(minutes=1 + 23 * number if minutes_ago is None else minutes_ago)
    answered = start + timedelta(seconds=_RING) if state is CallState.ANSWERED else None
    end = (answered + timedelta(seconds=seconds)) if answered else start + timedelta(seconds=11)
    from_, to = (customer, extension) if inbound else (extension, customer)
    call = Call(
        id=call_id(number),
        recorder="probe-1",
        start=start,
        answered=answered,
        end=end,
        duration=seconds if answered else 0,
        direction=Direction.INBOUND if inbound else Direction.OUTBOUND,
        from_=from_,
        to=to,
        agent=extension,
        state=state,
        codecs=("PCMA",) if number % 4 else ("G722",),
        legs=(_leg(number, start, answered, end, state, from_, to),),
        parties=_parties(number, from_, to, seconds if answered else 0),
        dtmf="2" if answered else "",
        events=_events(start, answered, end, handed_on=number == CONSULTED),
        gaps=(Gap(side=Side.B, start=15.2, seconds=0.6),) if number % 6 == 0 and answered else (),
        measures=Measures(talk_a=9.4, talk_b=8.1, overtalk=0.6, silence=6.5, longest_silence=2.6)
        if answered
        else None,
        related=tuple(
            RelatedCall(call=call_id(other), relation=relation) for other, relation in (_RELATED[number],)
        )
        if number in _RELATED
        else (),
    )
    return Story(number, call)


def call_id(number: int) -> str:
    """The id of a call."""
    return str(UUID(int=0x4000 << 64 | 0x8000 << 48 | number))


def _leg(
    number: int,
    start: datetime,
    answered: datetime | None,
    end: datetime,
    state: CallState,
    from_: str,
    to: str,
) -> Leg:
    causes = {CallState.BUSY: 486, CallState.CANCELLED: 487, CallState.MISSED: 480}
    return Leg(
        id=f"leg-{number}",
        call_id=f"{number:08x}b7f3a91c@10.1.0.5",
        from_=from_,
        to=to,
        start=start,
        answered=answered,
        end=end,
        state=state,
        cause=causes.get(state),
        source="10.1.0.5:5060",
        destination="10.1.0.20:5060",
    )


def _parties(number: int, from_: str, to: str, seconds: float) -> tuple[Party, ...]:
    packets = round(seconds * 50)
    lossy = number % 6 == 0
    whole = PacketCounts(expected=packets, received=packets, written=packets)
    holed = PacketCounts(
        expected=packets,
        received=packets - 28,
        lost=30,
        duplicate=2,
        reordered=3,
        late=1,
        written=packets - 30,
    )
    codec = "PCMA" if number % 4 else "G722"

    def party(side: Side, who: str, counts: PacketCounts, missing: float) -> Party:
        return Party(
            side=side,
            name=AGENTS.get(who, ""),
            number=who,
            codec=codec if seconds else "",
            ssrc=(0x1F3A_0000 + number * 2 + (side is Side.B),) if seconds else (),
            packets=counts if seconds else PacketCounts(),
            seconds=seconds,
            unrecorded_seconds=missing,
        )

    bad = lossy and seconds > 0
    return (party(Side.A, from_, whole, 0), party(Side.B, to, holed if bad else whole, 0.6 if bad else 0))


def _events(
    start: datetime, answered: datetime | None, end: datetime, *, handed_on: bool
) -> tuple[Event, ...]:
    ringing = Event(at=start + timedelta(seconds=0.4), kind="ringing", side=Side.B)
    if answered is None:
        return (ringing, Event(at=end, kind="end"))

    def after(seconds: float) -> datetime:
        return answered + timedelta(seconds=seconds)

    return (
        ringing,
        Event(at=answered, kind="answered", side=Side.B),
        Event(at=after(5.3), kind="dtmf", side=Side.A, detail={"digit": "2"}),
        Event(at=after(11.0), kind="hold", side=Side.B),
        *(
            (
                Event(at=after(18.0), kind="transfer", side=Side.B, detail={"to": "8003", "attended": True}),
                Event(at=after(18.4), kind="joined", side=Side.B, detail={"number": "8003"}),
                Event(at=after(18.6), kind="left", side=Side.B),
            )
            if handed_on
            else (Event(at=after(13.5), kind="resume", side=Side.B),)
        ),
        Event(at=end, kind="end", side=Side.A),
    )
