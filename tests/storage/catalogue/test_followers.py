"""Followers of the change feed keep their place."""

from tests.storage.catalogue.backlogs import add, follow


def test_followers_of_other_rules_are_forgotten(catalogue):
    follow(catalogue, add(catalogue, 1))
    catalogue.followers.forget("copies nas ", but="copies nas 2")
    assert catalogue.followers.position("copies nas 1") == 0
