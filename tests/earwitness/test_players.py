"""Programs of this machine that play a recording."""

from functools import partial
from pathlib import Path

import pytest

from earwitness.cli.play import able_player, play_file
from earwitness.errors import HostError


@pytest.fixture
def aplay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The only player; it fails where the samples are not plain ones."""
    program = tmp_path / "aplay"
    program.write_text('#!/bin/sh\nread -r kind < "$2"\ntest "$kind" = plain\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    return program.name


def a_file(kind: str, path: Path) -> None:
    path.write_text(f"{kind}\n")


def test_a_player_is_chosen_that_knows_the_format(aplay: str) -> None:
    assert able_player("call.wav") == aplay
    with pytest.raises(HostError, match=r"There is no player for \.opus here"):
        able_player("call.opus")


def test_a_player_that_fails_is_named(aplay: str) -> None:
    play_file(aplay, "call.wav", partial(a_file, "plain"))
    with pytest.raises(HostError, match="aplay could not play it"):
        play_file(aplay, "call.wav", partial(a_file, "gsm"))
