"""``earwitness keys``, and what an installation does with right and wrong keys."""

import json
import os
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from earwitness import encrypting, rotating
from earwitness.archiving import Archiving
from earwitness.cli.alike import told_once
from earwitness.cli.options import settings_from
from earwitness.errors import PartError
from earwitness.kinds import Kind
from earwitness.parts import archive as archive_part
from earwitness.parts.outage import Trouble
from earwitness.serving import serve
from storage.catalogue import Catalogue, sqlite_url
from storage.catalogue.runs import RunKind
from storage.errors import KeyUnusable, WrongKey
from storage.outcomes import Deferred
from tests.earwitness.test_verify import earwitness
from tests.storage.handoffs import a_call, hand_off
from tests.waiting import until

AUDIO = b"\x01" * 5000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With a settings file that says to encrypt with ``first.key``, and an escrow key pair."""
    escrow = X25519PrivateKey.generate()
    private = escrow.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "escrow.pem").write_bytes(private)
    public = escrow.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "escrow.pub").write_bytes(public)
    for name in ("first", "second"):
        assert earwitness("keys", "new", str(tmp_path / f"{name}.key")).exit_code == 0
    configure(tmp_path, "first")
    return tmp_path


def configure(folder: Path, master: str, *previous: str) -> list[str]:
    """Write the settings, and give the options that lead to them."""
    earlier = json.dumps([f"file:{folder}/{name}.key" for name in previous])
    (folder / "earwitness.toml").write_text(
        f'data = "{folder}/data"\n[encryption]\nmaster_key = "file:{folder}/{master}.key"\n'
        f'previous = {earlier}\nrecipients = ["{folder}/escrow.pub"]\n'
        if master
        else f'data = "{folder}/data"\n'
    )
    return ["--config", str(folder / "earwitness.toml")]


def archive(folder: Path, *numbers: int) -> None:
    settings = settings_from(folder / "earwitness.toml", None).settings
    settings.folders.make()
    for number in numbers:
        hand_off(settings.folders.handoff, number)
    with Archiving(settings) as archiving:
        assert len(list(archiving.take())) == len(numbers)


def played(folder: Path, number: int, options: list[str]) -> bytes | None:
    output = folder / "out.opus"
    output.unlink(missing_ok=True)
    done = earwitness("play", a_call(number).id, "-o", str(output), *options)
    return output.read_bytes() if done.exit_code == 0 else None


def test_a_new_key_is_closed_to_others_and_never_written_over(folder):
    path = folder / "first.key"
    before = path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert earwitness("keys", "new", str(path)).exit_code == 2
    assert path.read_text() == before


def test_encrypted_then_played(folder):
    archive(folder, 1)
    (path,) = (folder / "data" / "archive").rglob("*.opus")
    assert AUDIO[:100] not in path.read_bytes()
    assert played(folder, 1, configure(folder, "first")) == AUDIO
    assert earwitness("verify", "--all", *configure(folder, "first")).exit_code == 0


def test_with_a_wrong_key_nothing_starts_and_nothing_is_heard(folder):
    archive(folder, 1)
    for master in ("second", ""):
        options = configure(folder, master)
        settings = settings_from(folder / "earwitness.toml", None).settings
        with pytest.raises(WrongKey, match=r"encrypted with the master key \w+ \(1 in all\)"):
            encrypting.refuse_start(settings)
        for kind in (Kind.ARCHIVE, Kind.JOBS):
            with pytest.raises(WrongKey):
                serve(settings, [], kind)
        with pytest.raises(WrongKey), Archiving(settings):
            raise PartError("it was entered")
        assert played(folder, 1, options) is None
    (folder / "first.key").unlink()
    configure(folder, "first")
    with pytest.raises(KeyUnusable, match=r"cannot be read.*`earwitness keys new`"):
        encrypting.refuse_start(settings_from(folder / "earwitness.toml", None).settings)


def test_rotation_wraps_and_does_not_encrypt_again(folder):
    archive(folder, 1, 2)
    before = {path.name: path.read_bytes() for path in (folder / "data" / "archive").rglob("*.*")}
    options = configure(folder, "second", "first")
    archive(folder, 3)
    assert played(folder, 1, options) == AUDIO
    done = earwitness("keys", "rotate", *options)
    assert (done.exit_code, done.stdout) == (0, "2 keys are wrapped anew.\n")
    options = configure(folder, "second")
    for number in (1, 2, 3):
        assert played(folder, number, options) == bytes([number]) * 5000
    after = {path.name: path.read_bytes() for path in (folder / "data" / "archive").rglob("*.*")}
    changed = {name for name, data in before.items() if after[name] != data}
    assert changed == {f"{a_call(number).id}.key" for number in (1, 2)}
    assert earwitness("verify", "--all", *options).exit_code == 0
    assert earwitness("keys", "rotate", *options).stdout == "0 keys are wrapped anew.\n"
    assert earwitness("keys", "rotate", "--all", *options).stdout == "3 keys are wrapped anew.\n"
    shown = json.loads(earwitness("keys", "show", "--json", *options).stdout)
    assert [(row["role"], row["calls"]) for row in shown] == [("master", 3), ("recipient", 0), ("seals", 0)]
    catalogue = Catalogue(sqlite_url(folder / "data" / "catalogue.db"))
    runs = catalogue.runs.page(kind=RunKind.REWRAP)
    assert [(run.state, run.done) for run in runs] == [("done", 3), ("done", 0), ("done", 2)]
    catalogue.close()


def test_started_before_the_key_was_changed_nothing_is_archived_with_the_old_one(folder):
    archive(folder, 1)
    settings = settings_from(folder / "earwitness.toml", None).settings
    with Archiving(settings) as archiving:
        assert not archiving.outdated()
        assert earwitness("keys", "rotate", *configure(folder, "second", "first")).exit_code == 0
        trouble = until(archiving.outdated)
        assert "started before the master key was changed in the settings" in trouble
        assert "Restart it" in trouble
        call = hand_off(settings.folders.handoff, 2)
        assert archive_part.once(archiving) == (0, Trouble(trouble, blocks=True, alarm=True))
        assert list(archiving.take()) == [Deferred(call.id, trouble)]
        assert archiving.waiting() == 1
    options = configure(folder, "second")
    with Archiving(settings_from(folder / "earwitness.toml", None).settings) as archiving:
        assert [outcome.call_id for outcome in archiving.take()] == [call.id]
    assert [played(folder, number, options) for number in (1, 2)] == [AUDIO, b"\x02" * 5000]


def test_calls_that_come_while_keys_are_wrapped_are_counted_and_said(folder, monkeypatch):
    first, second, third, last = sorted(range(1, 5), key=lambda number: a_call(number).id)
    archive(folder, second, third)
    rotate = rotating.rotate
    heard = []

    def meanwhile(settings, catalogue, work, told, **others):
        def told_and_recorded(wrapped: int, failed: int, total: int) -> None:
            told(wrapped, failed, total)
            heard.append((wrapped, failed, total))
            if wrapped == 1:
                configure(folder, "first", "second")
                archive(folder, first, last)

        return rotate(settings, catalogue, work, told_and_recorded, **others)

    monkeypatch.setattr(rotating, "rotate", meanwhile)
    served = {"supervisor": os.getpid(), "parts": [{"part": "archive"}]}
    (folder / "data" / "run" / "serve.parts").write_text(json.dumps(served))
    done = earwitness("keys", "rotate", *configure(folder, "second", "first"))
    assert heard == [(1, 0, 2), (2, 0, 2), (3, 0, 3)]
    assert (done.exit_code, done.stdout) == (1, "3 keys are wrapped anew.\n")
    assert "1 key is still wrapped with other master keys" in done.stderr
    assert "restart `serve` with these settings, then rotate again" in done.stderr
    monkeypatch.undo()
    done = earwitness("keys", "rotate", *configure(folder, "second", "first"))
    assert (done.exit_code, done.stdout) == (0, "1 key is wrapped anew.\n")
    assert "`serve` runs here. If it was started before" in done.stderr
    catalogue = Catalogue(sqlite_url(folder / "data" / "catalogue.db"))
    runs = catalogue.runs.page(kind=RunKind.REWRAP)
    assert [(run.state, run.done, run.total) for run in runs] == [("done", 1, 1), ("failed", 3, 3)]
    catalogue.close()


def test_a_rotation_counts_what_is_wrapped_and_not_what_could_not_be(folder):
    archive(folder, 1, 2, 3)
    (spoiled,) = (folder / "data" / "archive").rglob(f"{a_call(2).id}.key")
    spoiled.unlink()
    spoiled.mkdir()
    done = earwitness("keys", "rotate", *configure(folder, "second", "first"))
    assert (done.exit_code, done.stdout) == (1, "2 keys are wrapped anew.\n")
    assert a_call(2).id in done.stderr
    catalogue = Catalogue(sqlite_url(folder / "data" / "catalogue.db"))
    (run,) = catalogue.runs.page(kind=RunKind.REWRAP)
    assert (run.state, run.done, run.total) == ("failed", 2, 3)
    assert run.message == "1 of 3 keys are still to be wrapped."
    catalogue.close()


def test_the_recipient_opens_a_call_and_saves_the_installation(folder):
    archive(folder, 1)
    options = configure(folder, "second")
    escrow = ["--key-file", str(folder / "escrow.pem")]
    output = folder / "opened.opus"
    opening = ["keys", "open", a_call(1).id, "-o", str(output)]
    assert earwitness(*opening, *options).exit_code == 1
    assert not output.exists()
    assert earwitness(*opening, *escrow, *options).exit_code == 0
    assert output.read_bytes() == AUDIO
    (folder / "first.key").unlink()
    assert earwitness("keys", "rotate", *options).exit_code == 1
    shown = json.loads(earwitness("keys", "show", "--json", *options).stdout)
    assert ("lost", 1) in [(row["role"], row["calls"]) for row in shown]
    assert earwitness("keys", "rotate", *escrow, *options).exit_code == 0
    assert played(folder, 1, options) == AUDIO


def test_what_is_wrong_with_many_keys_is_said_once(folder):
    archive(folder, *range(1, 7))
    (spoiled,) = (folder / "data" / "archive").rglob(f"{a_call(6).id}.key")
    options = configure(folder, "second")
    done = earwitness("keys", "rotate", *options)
    assert done.exit_code == 1
    first, second, third, *_ = sorted(a_call(number).id for number in range(1, 7))
    lines = done.stderr.splitlines()
    assert lines[0].startswith(
        f"6 keys ({first}, {second}, {third} and 3 more): The call {first} is encrypted"
    )
    assert len(lines) == 2
    spoiled.unlink()
    spoiled.mkdir()
    lines = earwitness("keys", "rotate", *configure(folder, "second", "first")).stderr.splitlines()
    assert lines[0].startswith(f"{a_call(6).id}: ")
    assert len(lines) == 2


def test_reasons_that_differ_by_the_call_alone_are_one():
    failures = [(f"c{number}", f"2026/11/2{number}/c{number}.key is not there.") for number in range(2)]
    assert list(told_once([*failures, ("d", "The disk is full.")], "keys")) == [
        "2 keys (c0, c1): 2026/11/20/c0.key is not there.",
        "d: The disk is full.",
    ]
    snapshots = [(f"nas: snapshots/{name}.key", f"snapshots/{name}.key is not there.") for name in "ab"]
    assert list(told_once(snapshots, "keys")) == [
        "2 keys (nas: snapshots/a.key, nas: snapshots/b.key): snapshots/a.key is not there."
    ]
    many = [(f"c{number}", f"reason {'x' * number}") for number in range(25)]
    *_, last = told_once([*many, ("d", "reason " + "x" * 24)], "keys")
    assert last == "… and 6 more, for 5 other reasons."
