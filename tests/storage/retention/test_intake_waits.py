"""A call that is being deleted does not come back through intake before it is gone everywhere."""

import os

from storage.intake import Intake
from storage.outcomes import Deferred, Taken
from storage.retention.apply import apply_retention
from storage.retention.removing import remove_pending
from storage.targets import MemoryTarget
from tests.storage.handoffs import START, hand_off
from tests.storage.retention.archived import NOW, names, rule
from tests.storage.sealers import a_sealer


def test_intake_waits_for_a_removal(tmp_path, catalogue):
    target = MemoryTarget()
    intake = Intake(tmp_path, target, catalogue, "local", a_sealer(), now=lambda: START)
    call = hand_off(tmp_path)
    intake.run_once()
    rule(catalogue, 1)
    apply_retention(catalogue, by="system", now=NOW)
    hand_off(tmp_path)
    later = NOW.timestamp() + 1
    os.utime(tmp_path / call.id, (later, later))
    other = hand_off(tmp_path, 1)
    outcomes = {outcome.call_id: outcome for outcome in intake.run()}
    assert isinstance(outcomes[call.id], Deferred)
    assert "being deleted" in outcomes[call.id].reason
    assert isinstance(outcomes[other.id], Taken)
    remove_pending(catalogue, {"local": target}, now=NOW)
    assert not any(call.id in name for name in names(target))
    assert [outcome.new for outcome in intake.run()] == [True]
