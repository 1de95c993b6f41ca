"""What is said of deleted calls of which a target holds parts still."""

from earwitness.cli.leftovers import left_on


def test_a_target_that_is_away_and_one_that_is_no_more():
    assert left_on("nas", 1200, "It is down.", {"nas"}) == (
        "nas holds parts of 1,200 deleted calls still; they go when it can be reached. It is down."
    )
    assert left_on("old", 3, "", {"nas"}).startswith(
        "old is not in the settings any more; what it holds of 3 "
    )
