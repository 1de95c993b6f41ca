"""The sidecar beside the audio."""

import json
from datetime import timedelta, timezone

import pytest

from storage.archive_names import audio_name, peaks_name, sidecar_name
from storage.errors import DamagedSidecar
from storage.sidecar import Sidecar, SidecarFile, read_sidecar
from tests.storage.handoffs import START, a_call


def test_comes_back_as_written():
    sidecar = Sidecar(call=a_call(audio=b"x"), files=(SidecarFile(name="a", bytes=1, sha256="b"),))
    data = sidecar.encode()
    assert read_sidecar(data) == sidecar
    assert read_sidecar(data).encode() == data
    assert json.loads(data)["call"]["recording"]["channels"] == 2


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"\xff", b'{"format": "earwitness sidecar 2", "call": {}, "files": []}']
)
def test_anything_else_is_said(data):
    with pytest.raises(DamagedSidecar, match="no sidecar that this version can read"):
        read_sidecar(data)


def test_names_go_by_the_date_in_utc():
    there = START.astimezone(timezone(timedelta(hours=9)))
    assert there.day == 22
    call = a_call(start=there, id="x")
    assert audio_name(call, "opus") == "2026/11/21/x.opus"
    assert peaks_name(call) == "2026/11/21/x.peaks.dat"
    assert sidecar_name(call) == "2026/11/21/x.json"
