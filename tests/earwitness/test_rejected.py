"""Finished calls that were put aside are told by the doctor, and can be put right."""

from earwitness import encrypting, wiring
from earwitness.archiving import ROLE
from earwitness.host import rejected
from earwitness.host.finding import Level
from earwitness.settings import Settings
from storage.lock import DataFolderLock
from tests.storage.handoffs import hand_off


def archive(settings: Settings) -> int:
    """Archive what waits; how many calls there are then."""
    catalogue = wiring.catalogue(settings)
    try:
        with DataFolderLock(settings.data, ROLE) as lock:
            wiring.intake(settings, catalogue, encrypting.keyring(settings, catalogue), lock).run_once()
        return catalogue.calls.count()
    finally:
        catalogue.close()


def test_a_call_that_was_put_aside_is_told_until_it_is_put_right(tmp_path):
    settings = Settings(data=tmp_path)
    settings.folders.make()
    assert list(rejected.check(settings)) == []
    call = hand_off(settings.folders.handoff, 1)
    audio = settings.folders.handoff / call.id / "audio.opus"
    whole = audio.read_bytes()
    audio.write_bytes(whole[:-1])
    assert archive(settings) == 0
    (found,) = rejected.check(settings)
    aside = settings.folders.handoff / ".rejected" / f"{call.id}-1"
    assert (found.level, found.check) == (Level.WARNING, "put aside")
    assert found.text.startswith(
        f"1 finished call is in no archive, but in {aside.parent}; of {aside.name}: "
    )
    assert "audio.opus has 4999 bytes; call.json says 5000." in found.text
    (aside / "audio.opus").write_bytes(whole)
    aside.rename(settings.folders.handoff / call.id)
    assert archive(settings) == 1
    assert list(rejected.check(settings)) == []


def test_one_without_its_reason_is_told_too(tmp_path):
    settings = Settings(data=tmp_path)
    for name in ("a-1", "b-1"):
        (settings.folders.handoff / ".rejected" / name).mkdir(parents=True)
    (found,) = rejected.check(settings)
    assert found.text.startswith("2 finished calls are in no archive")
    assert found.text.endswith("of b-1: why cannot be read")
