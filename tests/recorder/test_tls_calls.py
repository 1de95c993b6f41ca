"""Calls whose signalling is encrypted: as any other with a key, their media alone without."""

from collections.abc import Callable
from pathlib import Path

import pytest

from recorder.batch import Batch
from recorder.capture import CaptureOptions
from recorder.key_files import tls_keys
from recorder.simulate.truth import Truths
from storage.model import CallState
from tests.recorder.protocol import tls_talk
from tests.recorder.protocol.tls_talk import V1_2, V1_3, TlsTalk
from tests.recorder.recording import call_files, captured, matched, traffic
from tests.recorder.streamed import Line, PlainLine, TlsLine, WebSocketLine, over_tcp, whole


@pytest.fixture(scope="module")
def calls() -> tuple[Batch, Truths]:
    """Calls on both sides of a PBX."""
    batches, truths = traffic(legs=2, hold=0.0)
    return whole(batches), truths


def line(log: Path | None, version: object, ciphers: str, inner: Callable[[], Line]) -> Callable[[], Line]:
    context, server = tls_talk.client_context(log, version, ciphers), tls_talk.server_context("rsa")
    return lambda: TlsLine(TlsTalk(context, server), inner())


@pytest.mark.parametrize(
    ("version", "ciphers", "inner", "size"),
    [
        (V1_3, "", PlainLine, 1460),
        (V1_2, "", PlainLine, 300),
        (V1_3, "", WebSocketLine, 500),
        (V1_2, "AES128-SHA", PlainLine, 1460),
    ],
)
def test_with_a_key_they_are_as_over_udp(
    tmp_path: Path,
    calls: tuple[Batch, Truths],
    version: object,
    ciphers: str,
    inner: Callable[[], Line],
    size: int,
) -> None:
    batch, truths = calls
    log = None if ciphers else tmp_path / "keys"
    secured = over_tcp(batch, size, line(log, version, ciphers, inner), port=5061)
    server_key = tmp_path / "server.pem"
    server_key.write_bytes(tls_talk.pem("rsa"))
    keys = tls_keys(log, () if log else (server_key,))
    plain = [file.call for file in call_files(captured(tmp_path / "udp", [batch]))]
    capture = captured(tmp_path / "tls", [secured], CaptureOptions(tls_keys=keys))
    found = [file.call for file in call_files(capture)]
    for call, other in zip(found, plain, strict=True):
        assert (call.from_, call.to, call.agent) == (other.from_, other.to, other.agent)
        assert (call.start, call.answered, call.end) == (other.start, other.answered, other.end)
        assert [party.packets for party in call.parties] == [party.packets for party in other.parties]
    matched(found, truths)
    assert not [reason for reason in capture.counters.rejected if reason.startswith("tls")]


def test_without_a_key_their_media_is_recorded(tmp_path: Path, calls: tuple[Batch, Truths]) -> None:
    batch, truths = calls
    secured = over_tcp(batch, 1460, line(None, V1_3, "", PlainLine), port=5061)
    capture = captured(tmp_path, [secured])
    found = [file.call for file in call_files(capture)]
    assert {call.state for call in found} == {CallState.MEDIA_ONLY}
    assert capture.counters.written == sum(stream.seen for truth in truths.calls for stream in truth.streams)
    assert capture.counters.rejected["tls-no-key"] > 0
