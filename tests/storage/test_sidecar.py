"""The sidecar beside the audio."""

import json
from datetime import timedelta, timezone

import pytest

from storage.archive_names import audio_name, peaks_name, sidecar_name
from storage.catalogue import SealHead
from storage.errors import DamagedSidecar, KeyUnusable
from storage.seals.sealing import Sealable
from storage.seals.segments import segmented
from storage.seals.statement import GENESIS
from storage.sidecar import read_sidecar
from tests.storage.handoffs import START, a_call
from tests.storage.sealers import a_sealer


def written(description: bytes, *, encrypted: bool = False) -> bytes:
    call = a_call(audio=b"x")
    what = Sealable(call, [("a", segmented([b"x"]))], description, encrypted)
    return a_sealer().seal(SealHead(0, GENESIS), [what], START)[0].sidecar


def test_comes_back_as_written():
    call = a_call(audio=b"x")
    sidecar = read_sidecar(written(call.model_dump_json().encode()))
    assert sidecar.call() == call
    assert (sidecar.call_id, sidecar.encrypted) == (call.id, False)
    assert [(file.name, file.bytes) for file in sidecar.files] == [("a", 1)]
    assert sidecar.seal.number == 1


def test_an_encrypted_description_is_given_out_as_it_is():
    sidecar = read_sidecar(written(b"\xff\x00cipher", encrypted=True))
    assert (sidecar.description, sidecar.encrypted) == (b"\xff\x00cipher", True)
    with pytest.raises(KeyUnusable, match="its key is needed"):
        sidecar.call()


def test_the_first_format_is_read_still():
    call = a_call(audio=b"x")
    files = [{"name": "a", "bytes": 1, "sha256": "b"}]
    old = {"format": "earwitness sidecar 1", "call": json.loads(call.model_dump_json()), "files": files}
    sidecar = read_sidecar(json.dumps(old).encode())
    assert sidecar.call() == call
    assert (sidecar.seal, sidecar.hash, sidecar.files[0].name) == (None, "", "a")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"\xff",
        b'{"format": "earwitness sidecar 3", "call": {}, "files": []}',
        written(b"{}").replace(b'"signature":"', b'"signature":"zz'),
        written(b"{}").replace(b'"call":"{}"', b'"call":"!"'),
    ],
)
def test_anything_else_is_said(data):
    with pytest.raises(DamagedSidecar, match="no sidecar that this version can read"):
        read_sidecar(data)


def test_a_description_that_is_no_call_is_said():
    with pytest.raises(DamagedSidecar):
        read_sidecar(written(b"{}")).call()
    nameless = a_call(1).model_copy(update={"id": ""})
    with pytest.raises(DamagedSidecar, match="the call has no id"):
        read_sidecar(written(nameless.model_dump_json().encode())).call()


def test_names_go_by_the_date_in_utc():
    there = START.astimezone(timezone(timedelta(hours=9)))
    assert there.day == 22
    call = a_call(start=there, id="x")
    assert audio_name(call, "opus") == "2026/11/21/x.opus"
    assert peaks_name(call) == "2026/11/21/x.peaks.dat"
    assert sidecar_name(call) == "2026/11/21/x.json"
