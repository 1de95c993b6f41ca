"""Which way a call went."""

import re

import pytest

from recorder.assembly.numbering import Hop, Numbering
from recorder.assembly.ranges import NumberRange
from recorder.assembly.trunks import Trunk
from recorder.protocol.address import pack
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


@pytest.mark.parametrize("number", ["02188881234", "+862188881234", "008621 88881234", "902188881234"])
def test_a_number_of_our_ranges_is_ours_however_it_is_signalled(number: str) -> None:
    ranges = (NumberRange.parse("+862188*"),)
    numbering = Numbering(region="CN", outside_prefix="9", ranges=ranges)
    assert numbering.is_internal(number)
    assert not numbering.is_internal("02177771234")
    assert numbering.direction(number, "13800138000") is Direction.OUTBOUND


PHONE, PBX, TRUNK = ((pack(f"192.0.2.{last}"), 5060) for last in (1, 2, 3))


@pytest.mark.parametrize(
    ("caller", "called", "hops", "direction"),
    [
        ("8001", "8002", [(TRUNK, PBX), (PBX, PHONE)], Direction.INBOUND),
        ("13800138000", "8002", [(PHONE, PBX), (PBX, TRUNK)], Direction.OUTBOUND),
        ("13800138000", "02166668888", [(TRUNK, PBX), (PBX, TRUNK)], Direction.INBOUND),
        ("8001", "8002", [(PHONE, PBX), (PBX, PHONE)], Direction.INTERNAL),
        ("8001", "13800138000", [(PHONE, PBX)], Direction.OUTBOUND),
    ],
)
def test_a_leg_to_or_from_a_trunk_tells_the_direction(
    caller: str, called: str, hops: list[Hop], direction: Direction
) -> None:
    numbering = Numbering(trunks=(Trunk.parse("192.0.2.3:5060"),))
    assert numbering.direction(caller, called, hops) is direction
