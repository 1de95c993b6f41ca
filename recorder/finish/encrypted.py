"""What a call says of its encryption: codecs as they were heard, and an event for each side."""

from collections.abc import Iterator

from recorder.assembly.times import instant
from recorder.finish.decrypt import PREFIX, Encryption
from recorder.finish.finisher import Finished
from recorder.media import Channel, RecordingPlan
from storage.model import Call, Event, Party, Side

KIND = "encrypted"


def party(party: Party, channel: Channel, finished: Finished) -> Party:
    """The party with the codec that was heard, where its encryption was opened."""
    opened = any(one.opened for _, one in _found(channel, finished))
    return party.model_copy(update={"codec": party.codec.removeprefix(PREFIX)}) if opened else party


def codecs(call: Call, finished: Finished) -> tuple[str, ...]:
    """The codecs of the call: those of streams that were opened in clear, of others with their prefix."""
    found = finished.encryption.values()
    names: dict[str, None] = {}
    for codec in call.codecs:
        if any(one.opened for one in found):
            names[codec.removeprefix(PREFIX)] = None
        if not found or any(one.locked for one in found) or not codec.startswith(PREFIX):
            names[codec] = None
    return tuple(names)


def events(plan: RecordingPlan, finished: Finished) -> Iterator[Event]:
    """One event for each side that was encrypted: since when, how, and whether it could be opened.

    ``detail`` has ``opened``, and where known the ``suite`` and the ``exchange`` of keys; ``guessed`` stands
    where nothing but the look of the payload says that it is encrypted.
    """
    for side, channel in zip(Side, plan.channels, strict=False):
        found = _found(channel, finished)
        if not found:
            continue
        suites = [suite for _, one in found for suite, count in one.opened.items() if count]
        detail: dict[str, object] = {"opened": not any(one.locked or one.guessed for _, one in found)}
        if suites:
            detail["suite"] = suites[0]
        exchanges = [exchange for exchange, _ in found if exchange]
        if exchanges:
            detail["exchange"] = exchanges[0]
        if any(one.guessed for _, one in found):
            detail["guessed"] = True
        yield Event(at=instant(min(one.since for _, one in found)), kind=KIND, side=side, detail=detail)


def _found(channel: Channel, finished: Finished) -> list[tuple[str, Encryption]]:
    """How keys were exchanged and what was found, of the channel's encrypted streams."""
    found = finished.encryption
    return [(one.exchange, found[one.stream]) for one in channel.sources if one.stream in found]
