"""Which way a call went."""

import re
from dataclasses import replace

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
        ("anonymous", "8001", Direction.INBOUND),
        ("Anonymous", "8001", Direction.INBOUND),
        ("unknown", "8001", Direction.INBOUND),
        ("anonymous.invalid", "8001", Direction.INBOUND),
        ("agent7", "8001", Direction.INTERNAL),
        ("SEP001122334455", "john.doe2", Direction.INTERNAL),
        ("8001", "8002-desk", Direction.INTERNAL),
        ("8001", "80-02", Direction.INTERNAL),
        ("8001", "*97", Direction.INTERNAL),
        ("8001", "*21*8002#", Direction.INTERNAL),
        ("8001", "#31#01701234567", Direction.OUTBOUND),
        ("8001", "(030) 12 34-567", Direction.OUTBOUND),
        ("192.0.2.5", "8001", Direction.INBOUND),
        ("8001", "01701234567-trunk", Direction.OUTBOUND),
    ],
)
def test_the_direction_follows_from_whose_the_numbers_are(
    caller: str, called: str, direction: Direction
) -> None:
    assert Numbering().direction(caller, called) is direction


@pytest.mark.parametrize(
    ("region", "prefix", "called"),
    [
        ("DE", "0", "112"),
        ("DE", "0", "0110"),
        ("US", "9", "911"),
        ("US", "9", "9911"),
        ("GB", "", "999"),
        ("CN", "", "120"),
    ],
)
def test_emergency_numbers_are_outside_unless_we_say_that_they_are_ours(
    region: str, prefix: str, called: str
) -> None:
    there = Numbering(region=region, outside_prefix=prefix)
    assert there.direction("8001", called) is Direction.OUTBOUND
    assert there.direction("8001", "113" if region == "DE" else "555") is Direction.INTERNAL
    ours = replace(there, ranges=(NumberRange.parse(called),))
    assert ours.direction("8001", called) is Direction.INTERNAL


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
