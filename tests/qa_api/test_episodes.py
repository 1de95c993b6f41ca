from datetime import UTC, datetime, timedelta

import pytest

from qa_api.episodes import Episodes

START = datetime(2026, 11, 21, tzinfo=UTC)


def begins(episodes: Episodes, *key: str, minutes: float = 0) -> bool:
    with episodes.beginning(*key, now=START + timedelta(minutes=minutes)) as first:
        return first


def test_requests_close_to_each_other_are_one_episode() -> None:
    episodes = Episodes()
    assert begins(episodes, "s", "play", "c")
    assert not begins(episodes, "s", "play", "c", minutes=9)
    assert not begins(episodes, "s", "play", "c", minutes=18)
    assert begins(episodes, "s", "play", "c", minutes=29)


def test_other_sessions_and_calls_are_other_episodes() -> None:
    episodes = Episodes()
    assert all(begins(episodes, *key) for key in (("s", "c"), ("s", "d"), ("t", "c")))


def test_an_episode_that_could_not_be_written_down_has_not_begun() -> None:
    episodes = Episodes()
    with pytest.raises(OSError, match="disk"), episodes.beginning("s", "c", now=START):
        raise OSError("disk")
    assert begins(episodes, "s", "c")


def test_what_is_remembered_is_bounded() -> None:
    episodes = Episodes(capacity=2)
    for call in ("a", "b", "c"):
        begins(episodes, call)
    assert not begins(episodes, "c")
    assert begins(episodes, "a")
