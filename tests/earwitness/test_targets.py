"""From settings to targets."""

from pathlib import Path

import pytest
from pydantic import TypeAdapter

from earwitness import encrypting, wiring
from earwitness.archiving import ROLE
from earwitness.keeping_settings import TargetSettings
from earwitness.late import LateTarget
from earwitness.settings import Settings
from earwitness.targets import late_target, open_target
from storage.errors import TargetAbsent, TargetRefused
from storage.lock import DataFolderLock
from storage.targets import LocalTarget, MemoryTarget, Target
from storage.targets.ftp import FtpTarget
from storage.targets.minio import MinioTarget
from storage.targets.retrying import RetryingTarget
from storage.targets.s3 import S3Target
from storage.targets.sftp import SftpTarget
from storage.targets.throttled import Limiter, ThrottledTarget
from storage.targets.timely import TimelyTarget
from storage.targets.usb import UsbTarget
from tests.storage.handoffs import hand_off
from tests.storage.targets.contract import DATA, TargetContract, content

ENVIRON = {"FTP_PASSWORD": "ftp secret", "ACCESS": "testing", "SECRET": "testing-secret"}


def spec(**values) -> TargetSettings:
    return TypeAdapter(TargetSettings).validate_python({"name": "there", **values})


LOCAL = {"kind": "local", "folder": "/srv/copies"}
USB = {"kind": "usb", "volume": "backup-1"}
FTP = {"kind": "ftp", "host": "127.0.0.1", "port": 9, "user": "calls", "password": "env:FTP_PASSWORD"}
SFTP = {"kind": "sftp", "host": "127.0.0.1", "port": 9, "user": "calls", "known_hosts": "/etc/hosts"}
S3 = {"kind": "s3", "bucket": "calls", "endpoint": "http://127.0.0.1:9"}
MINIO = {
    "kind": "minio",
    "endpoint": "127.0.0.1:9",
    "bucket": "calls",
    "access_key": "env:ACCESS",
    "secret_key": "env:SECRET",
    "tls": False,
}


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (LOCAL, LocalTarget),
        (USB, UsbTarget),
        (FTP, FtpTarget),
        (SFTP, SftpTarget),
        (S3, S3Target),
        (MINIO, MinioTarget),
    ],
)
def test_every_kind_is_opened_without_connecting(values, kind):
    at_hand = kind in (LocalTarget, UsbTarget)

    def there(target):
        """The target itself: of a folder, behind what does not wait for it without end."""
        assert isinstance(target, TimelyTarget) is at_hand
        return target.inner if at_hand else target

    assert isinstance(there(open_target(spec(**values), environ=ENVIRON, patience=None)), kind)
    usual = open_target(spec(**values), environ=ENVIRON)
    assert isinstance(usual, RetryingTarget) is not at_hand
    paced = open_target(spec(bandwidth="1 MB/s", **values), environ=ENVIRON, patience=None, paced=True)
    assert isinstance(paced, ThrottledTarget)
    assert isinstance(there(paced.inner), kind)
    assert paced.sending is not paced.receiving, "each direction has the rate"


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (
            FTP,
            "password of the target there should be in the environment variable FTP_PASSWORD, which is not",
        ),
        (MINIO, "access key of the target there should be in the environment variable ACCESS"),
        (
            {**FTP, "password": "file:/nowhere/ftp"},
            "in the file /nowhere/ftp, which cannot be read: No such file",
        ),
    ],
)
def test_a_secret_that_is_not_there_is_said_at_each_use(values, reason):
    with pytest.raises(TargetRefused, match=reason):
        open_target(spec(**values), environ={})
    target = late_target(spec(**values), environ={})
    for use in (
        lambda: target.put("a", DATA),
        lambda: target.get("a"),
        lambda: target.stat("a"),
        target.list,
        lambda: target.delete("a"),
        target.space,
    ):
        with pytest.raises(TargetRefused, match=reason):
            use()
    assert not target.capabilities.durable


def test_secrets_of_files_have_no_line_end(tmp_path):
    (tmp_path / "access").write_text("testing\n", encoding="utf-8")
    (tmp_path / "secret").write_text("gehe!m \r\n", encoding="utf-8")
    values = MINIO | {"access_key": f"file:{tmp_path}/access", "secret_key": f"file:{tmp_path}/secret"}
    target = open_target(spec(**values), patience=None)
    assert isinstance(target, MinioTarget)
    assert (target.place.access_key, target.place.secret_key) == ("testing", "gehe!m ")


def test_a_secret_that_comes_later_is_found(tmp_path, s3_server):
    values = MINIO | {"endpoint": s3_server.host, "bucket": s3_server.bucket()}
    values |= {"secret_key": f"file:{tmp_path}/secret"}
    target = late_target(spec(**values), environ=ENVIRON)
    with pytest.raises(TargetRefused, match="cannot be read"):
        target.put("a", DATA)
    (tmp_path / "secret").write_text("testing-secret", encoding="utf-8")
    target.put("a", DATA)
    assert content(target, "a") == DATA
    assert target.capabilities.durable


class TestLateTarget(TargetContract):
    @pytest.fixture
    def target(self) -> Target:
        memory = MemoryTarget()
        return LateTarget(lambda: memory)


def test_all_targets_by_name_and_none_that_is_down_stops_another(tmp_path):
    settings = Settings(
        data=tmp_path,
        targets=(
            spec(**LOCAL | {"folder": str(tmp_path / "copies"), "name": "nas"}),
            spec(**USB | {"name": "disk", "roots": [str(tmp_path / "media")]}),
            spec(**SFTP | {"name": "away", "known_hosts": "/nowhere/known_hosts"}),
            spec(**S3 | {"name": "bucket"}),
        ),
    )
    for paced in (False, True):
        targets = wiring.targets(settings, paced=paced)
        assert list(targets) == ["local", "nas", "disk", "away", "bucket"]
        targets["nas"].put("a", DATA)
        with pytest.raises(TargetAbsent):
            targets["disk"].put("a", DATA)
        assert content(targets["nas"], "a") == DATA
    assert Path(tmp_path / "copies" / "a").read_bytes() == DATA


def taken_in(folder, target):
    """A call that came in where these settings of a target say, as the catalogue knows it."""
    settings = Settings(data=folder, targets=(spec(**target),))
    settings.folders.make()
    call = hand_off(settings.folders.handoff, 1)
    catalogue = wiring.catalogue(settings)
    try:
        keys = encrypting.keyring(settings, catalogue)
        with DataFolderLock(folder, ROLE) as lock:
            assert wiring.intake(settings, catalogue, keys, lock).run_once() == 1
        return catalogue.calls.get(call.id)
    finally:
        catalogue.close()


def test_calls_come_in_no_faster_than_the_bandwidth_of_the_primary_target(tmp_path, monkeypatch):
    taken = []
    monkeypatch.setattr(Limiter, "take", lambda _, count: taken.append(count))
    nas = LOCAL | {"name": "nas", "role": "primary", "folder": str(tmp_path / "nas"), "bandwidth": "9 B/s"}
    found = taken_in(tmp_path, nas)
    assert sum(taken) >= 2 * sum(copy.bytes for copy in found.copies), "sent, and read back"


def test_calls_come_in_where_the_primary_target_is(tmp_path, s3_server):
    bucket = s3_server.bucket()
    values = S3 | {"name": "bucket", "role": "primary", "bucket": bucket, "endpoint": s3_server.endpoint}
    found = taken_in(tmp_path, values)
    objects = {each["Key"] for each in s3_server.client().list_objects_v2(Bucket=bucket)["Contents"]}
    assert {copy.target for copy in found.copies} == {"bucket"}
    assert {copy.name for copy in found.copies} <= objects
    assert found.call.recording.path in objects
    assert list(tmp_path.glob("archive/**/*.opus")) == []
