import json
from pathlib import Path

from recorder.simulate.options import ALL_ANSWERED, SimulationOptions
from recorder.simulate.run import simulate, to_pcap
from recorder.taps.capture_file import CaptureFileTap

OPTIONS = SimulationOptions(
    concurrent=3, calls=3, duration=None, talk_seconds=2, ring_seconds=0.3, outcomes=ALL_ANSWERED
)


def test_a_capture_file_holds_what_the_truth_says(tmp_path: Path) -> None:
    truths = to_pcap(OPTIONS, tmp_path / "calls.pcap")
    with CaptureFileTap(tmp_path / "calls.pcap") as tap:
        frames = sum(len(batch) for batch in tap)
    assert frames == truths.frames > 1000
    assert len(truths.calls) == 3


def test_any_sink_will_do() -> None:
    class Counter:
        frames = 0

        def write(self, batch) -> None:
            self.frames += len(batch)

    sink = Counter()
    assert simulate(OPTIONS, sink).frames == sink.frames


def test_the_truth_can_be_written_as_json(tmp_path: Path) -> None:
    truths = to_pcap(OPTIONS, tmp_path / "calls.pcap")
    truths.write(tmp_path / "truth.json")
    document = json.loads((tmp_path / "truth.json").read_text(encoding="utf-8"))
    assert document["frames"] == truths.frames
    assert [call["id"] for call in document["calls"]] == [call.id for call in truths.calls]
    assert document["calls"][0]["streams"][0]["sent"] == truths.calls[0].streams[0].sent
    assert document["calls"][0]["state"] == "answered"
