"""Whether copies elsewhere are enough to go on from is said by the doctor."""

import pytest

from earwitness.host import copies
from earwitness.host.finding import Level
from earwitness.settings import Settings
from tests.earwitness.test_backup import centre
from tests.earwitness.test_commands import earwitness


def found(targets: list[dict[str, object]], *, encrypted: bool) -> list[tuple[Level, str]]:
    keys = {"master_key": "file:/etc/earwitness/master.key"} if encrypted else {}
    settings = Settings.model_validate({"targets": targets, "encryption": keys})
    return [(each.level, each.text) for each in copies.check(settings)]


def a_folder(name: str, **more: object) -> dict[str, object]:
    return {"kind": "local", "name": name, "folder": f"/srv/{name}"} | more


BUCKET = {"kind": "s3", "name": "s3", "bucket": "calls", "lock_days": 30}


@pytest.mark.parametrize(
    ("encrypted", "lost"), [(True, "nobody opens the copies"), (False, "no snapshot lies elsewhere")]
)
def test_copies_that_are_written_once_only_are_not_enough(encrypted, lost):
    once = [a_folder("tape", write_once=True), BUCKET, a_folder("usb", role="export")]
    ((level, text),) = found(once, encrypted=encrypted)
    assert level is Level.WARNING
    assert text.startswith("all targets are write_once (tape, s3): ")
    assert lost in text
    assert found([*once, a_folder("nas")], encrypted=encrypted) == [
        (Level.WELL, "keys and snapshots of the catalogue go to nas")
    ]


@pytest.mark.parametrize("others", [[], [a_folder("stick", role="export")]], ids=["alone", "and an export"])
def test_the_archive_folder_alone_is_not_enough(others):
    ((level, text),) = found(others, encrypted=True)
    assert level is Level.WARNING
    assert text == "calls lie in the archive folder only; should this machine be lost, all is lost with it"


def test_where_calls_come_in_counts_and_that_it_is_the_only_place_is_told():
    bucket = {"kind": "s3", "name": "s3", "bucket": "calls", "role": "primary"}
    keys = "keys and snapshots of the catalogue go to "
    assert found([bucket], encrypted=True) == [(Level.WELL, f"{keys}s3; calls lie nowhere else")]
    assert found([bucket, a_folder("nas")], encrypted=True) == [(Level.WELL, f"{keys}s3, nas")]
    ((level, text),) = found([bucket | {"lock_days": 30}], encrypted=False)
    assert level is Level.WARNING
    assert text.startswith("all targets are write_once (s3): ")


def test_calls_of_before_that_lie_in_the_archive_folder_alone_are_told(tmp_path):
    (tmp_path / "data").mkdir()
    made = centre(tmp_path / "data", tmp_path / "nas")
    made.archive(*range(3))
    made.copy("nas", limit=2)
    made.catalogue.close()
    nas = a_folder("nas", folder=tmp_path / "nas", role="primary")
    settings = Settings.model_validate({"data": tmp_path / "data", "targets": [nas]})
    *_, last = copies.check(settings)
    assert last.level is Level.WARNING
    assert last.text.startswith("1 call lies in the archive folder alone, from before calls came in on nas; ")
    assert "`earwitness backup --to nas` does so at once" in last.remedy
    assert [each.level for each in copies.check(settings.model_copy(update={"targets": ()}))] == [
        Level.WARNING
    ]


@pytest.mark.parametrize("others", [[], [a_folder("tape", write_once=True)]], ids=["alone", "and another"])
def test_keys_that_lie_in_the_catalogue_only_are_wrong(others):
    bucket = BUCKET | {"role": "primary"}
    ((level, text),) = found([bucket, *others], encrypted=True)
    assert level is Level.WRONG
    assert text == (
        "calls come in encrypted on s3, which is write_once and gets no keys, and no other target has them: "
        "without the catalogue of this machine nobody ever opens a call"
    )


def test_keys_of_calls_that_come_in_where_nothing_can_be_deleted_are_elsewhere():
    bucket = BUCKET | {"role": "primary"}
    ((level, text),) = found([bucket, a_folder("nas")], encrypted=True)
    assert level is Level.WELL
    assert text.endswith("gets no keys; keys and snapshots of the catalogue go to nas")
    assert found([bucket, a_folder("nas")], encrypted=False)[0][0] is Level.WELL


def test_sound_that_could_never_move_off_is_wrong():
    space = {"free_percent": 10, "copies": 2}
    settings = Settings.model_validate({"targets": [a_folder("nas")], "space": space})
    *_, last = copies.check(settings)
    assert last.level is Level.WRONG
    assert "once 2 other targets hold it (space.copies), and 1 target has the role copy" in last.text
    both = settings.model_validate({"targets": [a_folder("nas"), a_folder("nas2")], "space": space})
    assert [each.level for each in copies.check(both)] == [Level.WELL]


def test_the_doctor_says_it(tmp_path):
    once = f"targets=[{{kind='local',name='tape',folder='{tmp_path}/tape',write_once=true}}]"
    done = earwitness("doctor", "--json", "--set", once, data=tmp_path / "data")
    assert "all targets are write_once (tape): " in done.stdout
