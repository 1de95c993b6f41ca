"""Moments stay, and one process does not undo what another noted."""

from datetime import UTC, datetime, timedelta

AT = datetime(2026, 11, 21, 19, 25, 46, 323000, tzinfo=UTC)
KEPT = AT.replace(microsecond=0)


def test_a_moment_is_kept_in_whole_seconds(catalogue):
    assert catalogue.moments.get("retention") is None
    catalogue.moments.note("retention", AT)
    assert catalogue.moments.get("retention") == KEPT
    catalogue.moments.note("retention", AT - timedelta(days=30_000))
    assert catalogue.moments.get("retention") == KEPT - timedelta(days=30_000)
    assert catalogue.moments.get("another") is None


def test_who_knew_an_older_one_does_not_move_it(catalogue):
    moments = catalogue.moments
    assert moments.move("retention", None, AT)
    assert not moments.move("retention", None, AT + timedelta(days=1))
    assert moments.move("retention", KEPT, AT + timedelta(days=2))
    assert not moments.move("retention", KEPT, AT + timedelta(days=3))
    assert moments.get("retention") == KEPT + timedelta(days=2)


def test_a_moment_is_no_follower_of_the_feed(catalogue):
    catalogue.moments.note("nas", AT)
    assert catalogue.followers.position("nas") == 0
    catalogue.followers.forget("copies", but="copies nas")
    assert catalogue.moments.get("nas") == KEPT
