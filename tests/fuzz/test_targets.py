"""A short run of every fuzz target, so that none rots."""

import random

import pytest

from tests.fuzz.corpus import CORPUS
from tests.fuzz.mutation import mutated
from tests.fuzz.targets import TARGETS


def test_every_target_has_a_corpus() -> None:
    assert set(TARGETS) == set(CORPUS)


@pytest.mark.parametrize("name", TARGETS)
def test_changed_input_keeps_the_promise(name: str) -> None:
    rng = random.Random(name)
    for one in CORPUS[name]:
        TARGETS[name](one)
    for _ in range(60):
        TARGETS[name](mutated(rng, CORPUS[name]))
