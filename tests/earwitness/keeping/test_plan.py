"""What the API shows of the settings of keeping: where things are, and no secret."""

from pathlib import Path

from earwitness.keeping.plan import plan
from earwitness.settings import Settings
from storage.encryption.masterkey import load_master, new_master_text


def test_every_kind_of_target_is_told_without_its_secrets(tmp_path: Path) -> None:
    key = tmp_path / "master.key"
    key.write_text(new_master_text())
    key.chmod(0o600)
    settings = Settings(
        data=tmp_path / "data",
        targets=(
            {"name": "disk", "kind": "local", "folder": tmp_path / "disk"},
            {"name": "stick", "kind": "usb", "volume": "EW-1"},
            {
                "name": "nas",
                "kind": "ftp",
                "host": "nas.example",
                "user": "ew",
                "password": "env:NAS",
                "folder": "/calls",
                "bandwidth": "10 MB/s",
                "window": "20:00-06:00",
            },
            {"name": "cloud", "kind": "s3", "bucket": "calls", "prefix": "ew", "role": "export"},
            {
                "name": "store",
                "kind": "minio",
                "endpoint": "minio:9000",
                "bucket": "calls",
                "access_key": "env:A",
                "secret_key": "env:B",
            },
        ),
        placement=({"to": ("nas",), "older_than_days": 1},),
        encryption={"master_key": f"file:{key}"},
    )
    found = plan(settings)
    assert [target.name for target in found.targets] == ["local", "disk", "stick", "nas", "cloud", "store"]
    assert [target.place for target in found.targets[2:]] == [
        "EW-1",
        "nas.example:21/calls",
        "calls/ew",
        "minio:9000/calls",
    ]
    nas, cloud = found.targets[3], found.targets[4]
    assert (nas.bandwidth, nas.window, nas.schedule) == (10_000_000, "20:00-06:00", "continuous")
    assert (cloud.role, cloud.schedule) == ("export", "")
    assert (found.home, found.targets[0].role) == ("local", "primary")
    assert found.master_key == load_master(f"file:{key}").id
    assert "env:" not in repr(found)
    assert found.placement[0].older_than_days == 1


def test_beside_a_primary_target_the_archive_folder_gets_nothing(tmp_path: Path) -> None:
    target = {"name": "disk", "kind": "local", "folder": tmp_path / "disk", "role": "primary"}
    found = plan(Settings(data=tmp_path / "data", targets=(target,)))
    assert (found.home, found.targets[0].role, found.master_key) == ("disk", "earlier", "")
    assert not found.targets[0].takes_copies
