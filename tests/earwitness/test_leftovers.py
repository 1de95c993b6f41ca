"""What is said of deleted calls of which a target holds parts still."""

from earwitness.cli.leftovers import erased_stays, kept_on, left_on
from storage.retention.removing import KEY_STAYS, NEVER_DELETES


def test_a_target_that_is_away_and_one_that_is_no_more():
    assert left_on("nas", 1200, "It is down.", {"nas"}) == (
        "nas holds parts of 1,200 deleted calls still; they go when it can be reached. It is down."
    )
    assert left_on("old", 3, "", {"nas"}).startswith(
        "old is not in the settings any more; what it holds of 3 "
    )


def test_one_that_cannot_delete():
    assert left_on("tape", 1, NEVER_DELETES, {"tape"}) == (
        "tape cannot delete: 1 deleted call lies there in clear, until the medium is destroyed."
    )
    assert left_on("tape", 2, KEY_STAYS, {"tape"}).startswith(
        "tape cannot delete: 2 deleted calls are not erased there, as keys lie beside the recordings. This "
    )
    assert kept_on("tape", 40) == (
        "tape cannot delete: the sound of 40 deleted calls stays there, unreadable, for the key is erased."
    )
    assert erased_stays(["s3", "tape"]).startswith("s3, tape cannot delete: what came there encrypted ")
