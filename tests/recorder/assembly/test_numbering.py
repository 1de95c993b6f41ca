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


def test_numbers_outside_have_an_international_form_and_extensions_have_none() -> None:
    numbering = Numbering(extension_digits=7, region="CN", outside_prefix="9")
    assert numbering.e164("9013800138000") == "+8613800138000"
    assert numbering.e164("8001") == ""
    assert numbering.e164("8001234") == ""
