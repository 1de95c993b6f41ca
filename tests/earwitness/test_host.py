"""The checks of the doctor, on files like those of the kernel and on this very host."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from earwitness.host import capabilities, clock, disk, offloads, ring, software
from earwitness.host.finding import Level
from earwitness.settings import InterfaceTap, Settings

ETH = Settings(taps=(InterfaceTap(kind="interface", interface="eth7"),))


@pytest.mark.parametrize(
    ("sets", "settings", "level"),
    [
        ("0000000000002000", ETH, Level.WELL),
        ("0000000000000000", ETH, Level.WRONG),
        ("0000000000000000", Settings(), Level.WARNING),
    ],
)
def test_capabilities(tmp_path: Path, sets: str, settings: Settings, level: Level) -> None:
    status = tmp_path / "status"
    status.write_text(f"Name:\tpython\nCapPrm:\tffffffffffffffff\nCapEff:\t{sets}\n", encoding="ascii")
    (finding,) = capabilities.check(settings, status)
    assert finding.level is level


def test_the_clock_is_asked() -> None:
    (finding,) = clock.check()
    assert finding.check == "clock"
    assert finding.remedy or finding.level is Level.WELL


def test_a_clock_that_cannot_be_right_is_told_first() -> None:
    finding = next(clock.check(lambda: datetime(2019, 1, 1, tzinfo=UTC)))
    assert (finding.check, finding.level) == ("clock", Level.WRONG)
    assert finding.text.startswith("it says 2019-01-01")


def test_disk_room_is_that_of_the_nearest_folder_that_exists(tmp_path: Path) -> None:
    room, speed = disk.check(Settings(data=tmp_path / "not" / "yet"))
    assert str(tmp_path) in room.text
    assert "MB/s" in speed.text
    assert list(tmp_path.iterdir()) == []


def test_hours_of_calls() -> None:
    assert disk.hours(30 * 10**9, 15_500) == pytest.approx(4301, abs=1)


@pytest.mark.parametrize(("available", "level"), [(65536, Level.WARNING), (1 << 20, Level.WELL)])
def test_rings_fit_into_memory(tmp_path: Path, available: int, level: Level) -> None:
    meminfo = tmp_path / "meminfo"
    meminfo.write_text(f"MemTotal: 1 kB\nMemAvailable: {available} kB\n", encoding="ascii")
    finding = next(iter(ring.check(ETH, meminfo)))
    assert finding.level is level


def test_where_no_interface_is_captured_no_ring_is_spoken_of(tmp_path: Path) -> None:
    meminfo = tmp_path / "meminfo"
    meminfo.write_text("MemAvailable: 65536 kB\n", encoding="ascii")
    finding = next(iter(ring.check(Settings(), meminfo)))
    assert (finding.check, finding.level) == ("memory", Level.WELL)
    assert "rings of" not in finding.text


def test_a_missing_interface_is_wrong_and_the_others_are_named() -> None:
    (finding,) = offloads.check(ETH)
    assert finding.level is Level.WRONG
    assert "lo" in finding.remedy


def test_an_interface_that_is_down(tmp_path: Path) -> None:
    (tmp_path / "eth7").mkdir()
    (tmp_path / "eth7" / "flags").write_text("0x1002\n", encoding="ascii")
    (finding,) = offloads.check(ETH, tmp_path)
    assert (finding.level, finding.remedy) == (Level.WRONG, "ip link set eth7 up")


def test_the_loopback_interface_can_be_asked_for_its_offloads() -> None:
    (finding,) = offloads.check(Settings(taps=(InterfaceTap(kind="interface", interface="lo"),)))
    assert finding.level is not Level.WRONG


def test_software_is_complete_but_for_the_page(tmp_path: Path) -> None:
    findings = list(software.check(tmp_path))
    assert [each.check for each in findings if each.level is Level.WRONG] == ["web page"]
    (tmp_path / "index.html").touch()
    assert software.page(tmp_path).level is Level.WELL
    assert software.unbuilt(tmp_path) == ""
    assert software.unbuilt(tmp_path / "none").endswith("Build it: make web")
