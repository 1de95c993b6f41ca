"""A copy is one only in a place of its own: targets that share one are refused before anything is lost."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from earwitness.settings import Settings
from tests.hanging import HangingFolder


def settings(tmp_path: Path, *targets: dict[str, Any]) -> Settings:
    named = [{"name": f"t{number}", **target} for number, target in enumerate(targets)]
    return Settings.model_validate({"data": tmp_path / "data", "targets": named})


def local(folder: Path) -> dict[str, Any]:
    return {"kind": "local", "folder": folder}


def sftp(host: str, folder: str, port: int = 22) -> dict[str, Any]:
    return {
        "kind": "sftp",
        "host": host,
        "user": "ew",
        "known_hosts": "known",
        "folder": folder,
        "port": port,
    }


def s3(bucket: str, prefix: str = "", endpoint: str = "") -> dict[str, Any]:
    return {"kind": "s3", "bucket": bucket, "prefix": prefix, "endpoint": endpoint}


def minio(bucket: str, prefix: str, endpoint: str) -> dict[str, Any]:
    keys = {"access_key": "env:A", "secret_key": "env:B"}
    return {"kind": "minio", "bucket": bucket, "prefix": prefix, "endpoint": endpoint, **keys}


@pytest.mark.parametrize(
    "way", ["archive", "archive/..", "archive/inner", "../data/archive", "other/../archive"]
)
def test_the_archive_folder_is_no_place_for_copies(tmp_path, way):
    with pytest.raises(ValidationError, match="local and t0 are one place, or one lies within the other"):
        settings(tmp_path, local(tmp_path / "data" / way))


def test_nor_is_it_by_a_link(tmp_path):
    (tmp_path / "data" / "archive").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "data" / "archive")
    with pytest.raises(ValidationError, match="local and t0"):
        settings(tmp_path, local(tmp_path / "link"))


def test_a_folder_that_hangs_is_judged_by_its_path_and_keeps_nothing_from_starting(tmp_path):
    hanging = HangingFolder(tmp_path / "nas")
    hanging.hang()
    try:
        assert settings(tmp_path, local(tmp_path / "nas"), local(tmp_path / "disk")).targets
        with pytest.raises(ValidationError, match="t0 and t1"):
            settings(tmp_path, local(tmp_path / "nas"), local(tmp_path / "disk" / ".." / "nas" / "calls"))
    finally:
        hanging.answer()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (local(Path("/mnt/nas")), local(Path("/mnt/nas/calls"))),
        (sftp("NAS", "/calls"), sftp("nas", "calls/")),
        (s3("calls"), s3("calls", "berlin")),
        (s3("calls", "a", "http://objects:9000"), minio("calls", "a", "objects:9000")),
        ({"kind": "usb", "volume": "disk"}, {"kind": "usb", "volume": "disk"}),
    ],
)
def test_two_targets_in_one_place_are_refused(tmp_path, one, other):
    with pytest.raises(ValidationError, match="t0 and t1"):
        settings(tmp_path, one, other)


def test_places_beside_one_another_are_taken(tmp_path):
    beside = [
        local(tmp_path / "nas"),
        local(tmp_path / "nas2"),
        local(tmp_path / "data" / "second"),
        sftp("nas", "calls"),
        sftp("nas", "calls2"),
        sftp("nas", "calls", 2222),
        s3("calls", "berlin"),
        s3("calls", "berlin2"),
        s3("calls2"),
        s3("calls", "berlin", "https://objects"),
        {"kind": "usb", "volume": "one"},
        {"kind": "usb", "volume": "two"},
    ]
    assert len(settings(tmp_path, *beside).targets) == len(beside)
