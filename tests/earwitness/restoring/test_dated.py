"""Calls that came while a clock was behind are not deleted behind a restore either."""

from datetime import UTC, datetime, timedelta

import pytest

from earwitness import wiring
from earwitness.keeping import places
from storage.intake import Intake
from storage.retention.age import count_undated
from storage.retention.apply import apply_retention
from storage.retention.clock import believe, count_from_then
from storage.retention.restored import let_go_on, unseen
from tests.earwitness.installation import Installation
from tests.earwitness.restoring.drill import restore
from tests.storage.handoffs import a_call, hand_off_call
from tests.storage.retention.archived import rule

DEAD = datetime(2019, 1, 1, tzinfo=UTC)


def recorded_by_a_dead_clock(made: Installation) -> str:
    folder, name = made.settings.folders.handoff, places.home(made.settings)
    call = hand_off_call(folder, a_call(70, audio=b"sound", start=DEAD), b"sound")
    target = wiring.targets(made.settings, made.catalogue)[name]
    Intake(folder, target, made.catalogue, name, wiring.sealer(made.settings), now=lambda: DEAD).run_once()
    return call.id


@pytest.mark.parametrize("known", [True, False], ids=["in the snapshot", "after the snapshot"])
def test_what_a_wrong_clock_dated_outlives_the_restore(tmp_path, known):
    made = Installation(tmp_path, encrypted=False)
    made.record(1, 2)
    rule(made.catalogue, 365)
    believe(made.catalogue, datetime.now(UTC))
    if not known:
        made.snapshot()
    late = recorded_by_a_dead_clock(made)
    made.back_up()
    if known:
        made.snapshot()
    made.catalogue.close()
    again, done = restore(made, tmp_path / "new")
    assert (done.calls, done.rows.added) == (3, 0 if known else 1)
    catalogue = wiring.catalogue(again.settings)
    assert count_undated(catalogue) == 1
    let_go_on(catalogue, unseen(catalogue))
    now = datetime.now(UTC)
    assert apply_retention(catalogue, by="retention", now=now).deleted == ()
    count_from_then(catalogue, now)
    for days, gone in ((364, False), (367, True)):
        apply_retention(catalogue, by="retention", now=now + timedelta(days=days))
        assert (catalogue.calls.get(late) is None) is gone
    catalogue.close()
