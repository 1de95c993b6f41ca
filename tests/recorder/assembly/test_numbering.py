"""Which way a call went."""

import re

import pytest

from recorder.assembly.numbering import Numbering
from storage.model import Direction


@pytest.mark.parametrize(
    ("caller", "called", "direction"),
    [
        ("13812348910", "8001", Direction.INBOUND),
        ("8001", "13812348910", Direction.OUTBOUND),
        ("8001", "8002", Direction.INTERNAL),
        ("+8610555", "+8610666", Direction.INBOUND),
        ("alice", "8001", Direction.INTERNAL),
        ("", "", Direction.UNKNOWN),
        ("", "8001", Direction.INBOUND),
    ],
)
def test_the_direction_follows_from_whose_the_numbers_are(
    caller: str, called: str, direction: Direction
) -> None:
    assert Numbering().direction(caller, called) is direction


def test_own_numbers_can_be_named() -> None:
    numbering = Numbering(own=(re.compile(r"\+49301234\d\d"),))
    assert numbering.direction("+4930123455", "+33155") is Direction.OUTBOUND
