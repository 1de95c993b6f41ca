"""Phones of SCCP in scenes of chance: each conversation is one call of both, with all that they said."""

from pathlib import Path

import pytest

from tests.recorder.random_phones import Site
from tests.recorder.recording import call_files, captured

SEEDS = range(12)


@pytest.mark.parametrize("seed", SEEDS)
def test_each_conversation_is_one_call_with_all_that_was_said(tmp_path: Path, seed: int) -> None:
    site = Site.of(seed)
    step = site.chance.choice([100, 500, 2_000, 60_000]) * 1_000_000
    capture = captured(tmp_path / "spool", site.wire.batch().within(step))
    found = [
        (call.from_, call.to, [party.packets.written for party in call.parties])
        for call in (file.call for file in call_files(capture))
    ]
    assert sorted(found) == sorted((one.from_, one.to, one.said) for one in site.conversations)
