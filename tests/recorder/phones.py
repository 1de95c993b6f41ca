"""A call between two phones on the wire, and what is handed off of it."""

from pathlib import Path

from recorder.batch import Batch
from recorder.capture import Capture
from recorder.finish.policy import ArchivePolicy
from recorder.finish.worker import FinishWorker, WorkerOptions
from recorder.media import MediaBlock
from storage.model import Call
from tests.recorder import frames
from tests.recorder.assembly.messages import Talk
from tests.recorder.finish.sealed import bodies, headers

CALLER, CALLED = ("192.0.2.1", 4000), ("192.0.2.2", 5000)


def rtp(block: MediaBlock, source: tuple[str, int], destination: tuple[str, int]) -> list[bytes]:
    """The block on the wire."""
    return [
        frames.ethernet(
            frames.ipv4(frames.udp(head + body, source[1], destination[1]), source[0], destination[0])
        )
        for head, body in zip(headers(block), bodies(block), strict=True)
    ]


def sip(message: bytes, source: str, destination: str) -> bytes:
    return frames.ethernet(frames.ipv4(frames.udp(message), source, destination))


def talk(offer: bytes, answer: bytes, media: MediaBlock) -> Batch:
    """A call whose called party says ``media``, a packet every 20 ms."""
    one = Talk()
    begin = [
        sip(bytes(one.request(body=offer)), CALLER[0], CALLED[0]),
        sip(bytes(one.response(200, answer)), CALLED[0], CALLER[0]),
    ]
    spoken = rtp(media, CALLED, CALLER)
    end = [sip(bytes(one.request("BYE", to_tag="b")), CALLER[0], CALLED[0])]
    batch = frames.batch([*begin, *spoken, *end])
    batch.times[2:] = batch.times[1] + 20_000_000 * (1 + batch.times[2:].argsort())
    return batch


def recorded(tmp_path: Path, *batches: Batch) -> tuple[Call, Path]:
    """The one call of the batches, handed off, and its folder."""
    capture = Capture(tmp_path / "spool")
    for batch in batches:
        capture.feed(batch)
    capture.finish()
    done: list[Call] = []
    options = WorkerOptions(ArchivePolicy(format="wav"))
    FinishWorker(tmp_path / "spool", tmp_path / "out", options, done=done.append).poll()
    (call,) = done
    return call, tmp_path / "out" / call.id


def finished_as_it_runs(tmp_path: Path, batch: Batch) -> tuple[Call, Path]:
    """The one call of the batch, of which what was captured is finished five times a second;
    ``worker.ENOUGH`` must be 0 for that."""
    capture = Capture(tmp_path / "spool")
    done: list[Call] = []
    options = WorkerOptions(ArchivePolicy(format="wav"))
    finishing = FinishWorker(tmp_path / "spool", tmp_path / "out", options, done=done.append)
    for part in batch.within(200_000_000):
        capture.feed(part)
        finishing.poll()
    capture.finish()
    finishing.poll()
    (call,) = done
    return call, tmp_path / "out" / call.id
