"""Names of blobs, beyond the tables of the contract suite."""

from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.errors import BadName
from storage.targets.names import checked_component, checked_name

ODD = st.text(st.sampled_from("a/.\\: \0\n\x7f\x85é报\ud800"), max_size=12)


@given(st.text(max_size=300) | ODD)
def test_a_name_is_safe_or_refused(name):
    try:
        assert checked_name(name) == name
    except BadName:
        return
    path = PurePosixPath(name)
    assert not path.is_absolute()
    assert str(path) == name, "no empty part, no part that is a dot"
    assert not any(part.startswith(".") for part in path.parts)
    assert len(name.encode()) <= 1000
    assert name.isprintable() or not any(ord(character) < 32 for character in name)


@given(st.text(max_size=300) | ODD)
def test_a_component_is_a_name_without_a_slash(name):
    try:
        checked_component(name)
    except BadName:
        return
    assert "/" not in name
    assert checked_name(name) == name


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "cannot be empty"),
        ("/etc/passwd", "is absolute or holds an empty part"),
        ("a/../b", "begins with a dot"),
        ("a./b", "ends in a dot or a space"),
        ("a\x00", r"holds the character '\\x00'"),
        ("x" * 241, "more than 240 bytes"),
        ("x/" * 501, "1002 bytes; 1000 are allowed"),
        ("\ud800", "UTF-8"),
    ],
)
def test_the_reason_is_said(name, reason):
    with pytest.raises(BadName, match=reason):
        checked_name(name)
