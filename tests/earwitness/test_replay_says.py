"""What ``earwitness replay`` says of calls that it could not archive or could not hear."""

import json
import subprocess
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np

from earwitness import wiring
from earwitness.settings import Settings
from recorder.simulate.options import ALL_ANSWERED, SimulationOptions
from recorder.simulate.run import to_pcap
from recorder.taps.pcap_writer import PcapWriter
from storage.clock import utc_now
from storage.retention.deletion import Deletion
from storage.retention.removing import remove_pending
from tests.earwitness import warm
from tests.recorder.assembly.messages import sdp
from tests.recorder.finish.sealed import key, sealed
from tests.recorder.recording import traffic
from tests.recorder.streamed import whole
from tests.recorder.test_encrypted_calls import CALLED, CALLER, SAID, talk


def replay(capture: Path, data: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    return warm.earwitness("replay", str(capture), "--data", str(data), *options)


def test_a_shorter_cut_is_put_aside_and_both_places_are_named(tmp_path: Path) -> None:
    whole, cut, data = tmp_path / "whole.pcap", tmp_path / "cut.pcap", tmp_path / "data"
    to_pcap(SimulationOptions(calls=1, concurrent=1, talk_seconds=4, outcomes=ALL_ANSWERED), whole)
    content = whole.read_bytes()
    cut.write_bytes(content[: len(content) * 3 // 4])
    first = replay(whole, data, "--json")
    assert first.returncode == 0, first.stderr
    call = json.loads(first.stdout)
    done = replay(cut, data)
    assert (done.returncode, done.stdout) == (1, "")
    assert str(data / "archive" / call["recording"]["path"]) in done.stderr
    (aside,) = (data / "handoff" / ".rejected").iterdir()
    assert str(aside) in done.stderr


def test_a_file_without_any_call_is_no_silence(tmp_path: Path) -> None:
    batches, _ = traffic(legs=1, calls=1, concurrent=1)
    with PcapWriter(tmp_path / "nothing.pcap") as writer:
        writer.write(whole(batches).part(0, 0))
    done = replay(tmp_path / "nothing.pcap", tmp_path / "data", "--json")
    assert (done.returncode, done.stdout, done.stderr) == (
        0,
        "",
        "earwitness: no call was found in the file\n",
    )


def test_trunks_that_no_call_went_over_are_told_of(tmp_path: Path) -> None:
    capture = tmp_path / "calls.pcap"
    to_pcap(SimulationOptions(calls=1, concurrent=1, talk_seconds=1, outcomes=ALL_ANSWERED), capture)
    first = replay(capture, tmp_path / "data", "--json")
    (leg, *_) = json.loads(first.stdout)["legs"]
    for trunk, is_said in (("198.51.100.0/24", True), (leg["source"], False), (leg["destination"], False)):
        done = replay(capture, tmp_path / trunk[:9], "--set", f'numbers.trunks=["{trunk}"]')
        assert ("no call went over a trunk of [numbers]" in done.stderr) is is_said, done.stderr


def test_calls_that_stay_closed_are_counted(tmp_path: Path) -> None:
    offer, answer = (sdp(*place, protocol="RTP/SAVP 0") for place in (CALLER, CALLED))
    with PcapWriter(tmp_path / "sealed.pcap") as writer:
        writer.write(talk(offer, answer, sealed(SAID, key(seed=2))))
    done = replay(tmp_path / "sealed.pcap", tmp_path / "data", "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["recording"] is None
    assert done.stderr == "earwitness: 1 call was encrypted: `earwitness decrypt` takes the keys\n"
    (tmp_path / "earwitness.toml").write_text("[finish]\nkeep_encrypted = false\n")
    config = ["--config", str(tmp_path / "earwitness.toml")]
    done = replay(tmp_path / "sealed.pcap", tmp_path / "other", "--json", *config)
    assert json.loads(done.stdout)["encrypted"] is None
    assert done.stderr == "earwitness: 1 call was not decoded: codec SRTP/PCMU\n"


def test_packets_that_the_capture_cut_are_counted(tmp_path: Path) -> None:
    batches, _ = traffic(legs=1, calls=1, concurrent=1)
    batch = whole(batches)
    is_media = batch.lengths == 214
    with PcapWriter(tmp_path / "short.pcap") as writer:
        writer.write(replace(batch, lengths=np.where(is_media, 100, batch.lengths).astype(np.int32)))
    done = replay(tmp_path / "short.pcap", tmp_path / "data", "--json")
    assert done.returncode == 0
    assert done.stderr == (
        f"earwitness: {is_media.sum()} packets of sound are incomplete: the capture kept only their first "
        "bytes (its snap length), and the rest cannot be heard\n"
    )


def test_calls_that_rules_deleted_are_said_to_be_kept_again(tmp_path: Path) -> None:
    capture, data = tmp_path / "calls.pcap", tmp_path / "data"
    to_pcap(SimulationOptions(calls=2, concurrent=2, talk_seconds=1, outcomes=ALL_ANSWERED), capture)
    first = replay(capture, data, "--json")
    assert (first.returncode, first.stderr) == (0, "")
    ids = [json.loads(line)["id"] for line in first.stdout.splitlines()]
    stay = "again until a rule deletes what it covers"
    for gone, said in (
        (ids[:1], f"1 call was deleted by rules before, and stays {stay}"),
        (ids, f"2 calls were deleted by rules before, and stay {stay}"),
    ):
        let_go(data, gone)
        done = replay(capture, data, "--json")
        assert (done.returncode, done.stderr) == (0, f"earwitness: {said}\n")
        assert {json.loads(line)["id"] for line in done.stdout.splitlines()} == set(ids)


def let_go(data: Path, call_ids: list[str]) -> None:
    """As rules do."""
    settings, now = Settings(data=data), utc_now()
    with closing(wiring.catalogue(settings)) as catalogue:
        Deletion(catalogue).again(dict.fromkeys(call_ids, "retention: Old"), by="rules", now=now)
        assert set(remove_pending(catalogue, wiring.targets(settings), now=now).calls) == set(call_ids)
