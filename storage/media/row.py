"""One call as the list on a medium has it: enough to find it, to show it and to play it. Pure."""

from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from storage.catalogue import CatalogueCall
from storage.model import Call, CallState, Direction, Event, Gap, Leg, Party, Recording, Side

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A call. Times are milliseconds since 1970 in UTC, lengths seconds.

    ``names`` are those of party A and B, ``legs`` the numbers from and to of legs that are not the call's,
    ``events`` their kinds, each once. ``audio`` is the name of the recording on the medium, empty where there
    is none; ``closed`` says that something could not be heard for want of a key of the call's own encryption.
    """

    id: str
    start: int
    end: int = 0
    duration: float = 0.0
    direction: str = Direction.UNKNOWN.value
    state: str = CallState.ANSWERED.value
    from_: str = ""
    to: str = ""
    from_e164: str = ""
    to_e164: str = ""
    agent: str = ""
    agent_name: str = ""
    team: str = ""
    names: tuple[str, str] = ("", "")
    legs: tuple[tuple[str, str], ...] = ()
    codecs: tuple[str, ...] = ()
    dtmf: str = ""
    events: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    unrecorded: float = 0.0
    closed: bool = False
    audio: str = ""
    seconds: float = 0.0

    @classmethod
    def of(cls, call: Call, *, agent_name: str = "", team: str = "", tags: tuple[str, ...] = ()) -> Self:
        """The row of ``call``, with names that the catalogue knows."""
        names = {party.side: party.name for party in call.parties}
        legs = dict.fromkeys((leg.from_, leg.to) for leg in call.legs)
        recording = call.recording
        return cls(
            id=call.id,
            start=_milliseconds(call.start),
            end=_milliseconds(call.end),
            duration=round(call.duration, 3),
            direction=call.direction.value,
            state=call.state.value,
            from_=call.from_,
            to=call.to,
            from_e164=call.from_e164,
            to_e164=call.to_e164,
            agent=call.agent,
            agent_name=agent_name,
            team=team,
            names=(names.get(Side.A, ""), names.get(Side.B, "")),
            legs=tuple(leg for leg in legs if leg != (call.from_, call.to)),
            codecs=call.codecs,
            dtmf=call.dtmf,
            events=tuple(dict.fromkeys(event.kind for event in call.events)),
            tags=tags,
            unrecorded=round(call.unrecorded_seconds, 3),
            closed=any(gap.cause == "encrypted" for gap in call.gaps),
            audio=recording.path if recording else "",
            seconds=round(recording.seconds, 3) if recording else 0.0,
        )

    @classmethod
    def found(cls, item: CatalogueCall, agent_name: str, team: str) -> Self:
        """The row of a call of the catalogue."""
        return cls.of(item.call, agent_name=agent_name, team=team, tags=item.tags)

    @property
    def day(self) -> str:
        """The UTC date of the start, ``2026-11-22``: the shard that holds the row."""
        return self.started.date().isoformat()

    @property
    def started(self) -> datetime:
        """The start in UTC."""
        return _EPOCH + timedelta(milliseconds=self.start)

    def values(self) -> list[Any]:
        """The fields in their order, for JSON."""
        return [getattr(self, name) for name in _NAMES]

    def call(self) -> Call:
        """What the row knows as a ``Call``, without legs in detail, packets and places of events."""
        end = _EPOCH + timedelta(milliseconds=self.end)
        return Call(
            id=self.id,
            start=self.started,
            end=end,
            duration=self.duration,
            direction=Direction(self.direction),
            from_=self.from_,
            to=self.to,
            from_e164=self.from_e164,
            to_e164=self.to_e164,
            agent=self.agent,
            state=CallState(self.state),
            codecs=self.codecs,
            legs=tuple(self._leg(number, *leg, end) for number, leg in enumerate(self.legs)),
            parties=self._parties(),
            dtmf=self.dtmf,
            events=tuple(Event(at=self.started, kind=kind) for kind in self.events),
            gaps=(Gap(side=Side.A, start=0, seconds=0, cause="encrypted"),) if self.closed else (),
            recording=self._recording(),
        )

    def _leg(self, number: int, from_: str, to: str, end: datetime) -> Leg:
        state = CallState(self.state)
        return Leg(id=str(number), from_=from_, to=to, start=self.started, end=end, state=state)

    def _parties(self) -> tuple[Party, ...]:
        first, second = self.names
        return (
            Party(side=Side.A, name=first, number=self.from_, unrecorded_seconds=self.unrecorded),
            Party(side=Side.B, name=second, number=self.to),
        )

    def _recording(self) -> Recording | None:
        if not self.audio:
            return None
        return Recording(
            path=self.audio,
            format=self.audio.rpartition(".")[2],
            start=self.started,
            channels=2,
            rate=0,
            seconds=self.seconds,
            bytes=0,
            sha256="",
        )


_NAMES = tuple(field.name for field in fields(Row))
COLUMNS = tuple(name.rstrip("_") for name in _NAMES)
"""What the values of a row are called in a shard."""
_FIELDS = dict(zip(COLUMNS, _NAMES, strict=True))
_PAIRS = frozenset({"names", "codecs", "events", "tags"})


def row_from(columns: list[str], values: list[Any]) -> Row:
    """The row of a shard; columns of later versions are left out, and those that it lacks are empty.

    Raises ``TypeError`` or ``ValueError`` where these are no values of a row.
    """
    known: dict[str, Any] = {
        _FIELDS[name]: tuple(value) if name in _PAIRS else value
        for name, value in zip(columns, values, strict=True)
        if name in _FIELDS
    }
    if "legs" in known:
        known["legs"] = tuple((from_, to) for from_, to in known["legs"])
    return Row(**known)


def _milliseconds(time: datetime) -> int:
    return (time - _EPOCH) // timedelta(milliseconds=1)
