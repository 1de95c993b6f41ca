"""What FAT and exFAT cannot hold."""

import pytest

from storage.errors import BadName, TargetRefused
from storage.targets.marker import marker, volume_of
from storage.targets.usb_limits import check_name, check_size, folder_full

GIB = 1 << 30


def test_a_file_of_fat32_ends_below_four_gibibytes():
    check_size("vfat", "a", 4 * GIB - 1)
    with pytest.raises(TargetRefused, match=r"a is longer than a file can be .* exFAT or ext4"):
        check_size("vfat", "a", 4 * GIB)
    check_size("exfat", "a", 40 * GIB)
    check_size("ext4", "a", 40 * GIB)


@pytest.mark.parametrize("name", ["con", "2026/NUL.opus", "aux.tar.gz", "Com1", "2026/lpt9.json/a"])
def test_names_of_devices(name, tmp_path):
    for kind in ("vfat", "exfat"):
        with pytest.raises(BadName, match="keeps for a device"):
            check_name(kind, tmp_path, name)
    check_name("ext4", tmp_path, name)


@pytest.mark.parametrize(
    "name", ["console", "2026/null.opus", "auxiliary", "com", "a.con", "2026/11/22/a.opus"]
)
def test_names_that_are_no_devices(name, tmp_path):
    check_name("vfat", tmp_path, name)


def test_capital_letters_are_no_other_name(tmp_path, monkeypatch):
    (tmp_path / "Report.json").write_bytes(b"")
    check_name("vfat", tmp_path, "Report.json")
    check_name("vfat", tmp_path, "other.json")
    # This folder tells them apart, unlike FAT: a second name for the file stands for what FAT finds.
    (tmp_path / "shown").mkdir()
    (tmp_path / "shown/report.json").symlink_to(tmp_path / "Report.json")
    monkeypatch.setattr("os.listdir", lambda _: ["Report.json"])
    with pytest.raises(BadName, match="capital letters"):
        check_name("exfat", tmp_path, "shown/report.json")


def test_a_full_folder_is_told_from_a_full_disk():
    said = folder_full("vfat", "2026/11/22/a", 1000, 10**9)
    assert "The folder 2026/11/22 of this disk takes no more files" in str(said)
    assert folder_full("vfat", "2026/11/22/a", 1000, 1500) is None
    assert folder_full("vfat", "2026/11/22/a", None, 10**9) is None
    assert folder_full("ext4", "2026/11/22/a", 1000, 10**9) is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff",
        b'{"volume": "a"}',
        b'{"format": "other 1", "volume": "a"}',
        b'{"format": "earwitness medium 1", "volume": 7}',
    ],
)
def test_no_markers(data):
    assert volume_of(data) == ""


def test_a_marker_names_its_volume():
    assert volume_of(marker("Büro 备份")) == "Büro 备份"
