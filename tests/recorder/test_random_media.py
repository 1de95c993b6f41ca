"""Media without signalling, in scenes of chance: each conversation is one call, and nothing else is any."""

from pathlib import Path

import pytest

from recorder.spool.callfile import CallFile
from tests.recorder import frames
from tests.recorder.random_media import Conversation, Scene
from tests.recorder.recording import call_files, captured

SEEDS = range(12)


def is_of(file: CallFile, conversation: Conversation) -> bool:
    """Whether the call is at the places of the conversation, in its time."""
    start, end = (frames.START + round(at * 1e9) for at in (conversation.start, conversation.end))
    places = {f"{host}:{port}" for host, port in conversation.places}
    return any(
        set(stream.name.partition("/")[0].split(">")) <= places
        and start - 1e9 < stream.first
        and stream.last < end + 1e9
        for leg in file.legs
        for stream in leg.streams.values()
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_each_conversation_is_one_call_with_all_that_came(tmp_path: Path, seed: int) -> None:
    scene = Scene.of(seed)
    step = scene.chance.choice([50, 300, 2_000, 60_000]) * 1_000_000
    files = call_files(captured(tmp_path / "spool", scene.wire.batch().within(step)))
    assert len(files) == len(scene.conversations)
    for conversation in scene.conversations:
        (file,) = [file for file in files if is_of(file, conversation)]
        packets = [party.packets for party in file.call.parties]
        assert sorted(one.written for one in packets) == sorted(conversation.came)
        for one in packets:
            assert one.expected == one.received - one.duplicate + one.lost + one.dropped
            assert one.written + one.unwritten == one.received - one.duplicate
