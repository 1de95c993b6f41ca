"""What an operator hears of encrypted signalling that stays closed."""

from pathlib import Path

from structlog.testing import capture_logs

from earwitness.parts.capture import Watcher, counted
from earwitness.settings import Settings
from earwitness.unread import REASONS, unread
from recorder.capture import Capture
from recorder.protocol import tls_session


def test_every_reason_has_its_words() -> None:
    reasons = ("NO_KEY", "WRONG_KEY", "SUITE", "MIDDLE", "GAP", "MALFORMED")
    assert {getattr(tls_session, name) for name in reasons} == set(REASONS)


def test_it_is_logged_at_first_and_when_it_doubles(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    settings.folders.make()
    watcher, capture = Watcher(settings, "capture-x"), Capture(tmp_path / "calls")
    with capture_logs() as logs:
        for count in (0, 1, 1, 2, 3, 4, 5):
            capture.counters.rejected["tls-no-key"] = count
            watcher.look(capture)
        capture.counters.rejected["tls-suite"] = 1
        watcher.look(capture)
    assert [(line["connections"], line["why"]) for line in logs] == [
        (1, "no key was given for them"),
        (2, "no key was given for them"),
        (4, "no key was given for them"),
        (1, "their cipher is not supported"),
    ]
    assert counted(capture)["tls_connections_unread"] == 6
    capture.stop()


def test_other_reasons_are_other_matters() -> None:
    assert list(unread({"not-sip": 3, "tls-other": 2, "tls-gap": 0})) == []
