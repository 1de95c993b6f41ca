"""From settings to targets."""

import json
from pathlib import Path

import pytest
from pydantic import TypeAdapter
from typer.testing import CliRunner

from earwitness import wiring
from earwitness.cli.application import app
from earwitness.cli.faults import Flags
from earwitness.keeping_settings import TargetSettings
from earwitness.late import LateTarget
from earwitness.settings import Settings
from earwitness.targets import late_target, open_target
from storage.errors import TargetAbsent, TargetRefused
from storage.targets import LocalTarget, MemoryTarget, Target
from storage.targets.ftp import FtpTarget
from storage.targets.minio import MinioTarget
from storage.targets.retrying import RetryingTarget
from storage.targets.s3 import S3Target
from storage.targets.sftp import SftpTarget
from storage.targets.throttled import ThrottledTarget
from storage.targets.usb import UsbTarget
from tests.earwitness.test_commands import earwitness
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
    bare = open_target(spec(**values), environ=ENVIRON, patience=None)
    assert isinstance(bare, kind)
    usual = open_target(spec(**values), environ=ENVIRON)
    assert isinstance(usual, RetryingTarget) is (kind not in (LocalTarget, UsbTarget))
    paced = open_target(spec(bandwidth="1 MB/s", **values), environ=ENVIRON, patience=None, paced=True)
    assert isinstance(paced, ThrottledTarget)
    assert isinstance(paced.inner, kind)


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


def test_calls_come_in_where_the_primary_target_is(tmp_path, s3_server, monkeypatch):
    bucket = s3_server.bucket()
    settings = tmp_path / "earwitness.toml"
    settings.write_text(
        f'[[targets]]\nkind = "s3"\nname = "bucket"\nrole = "primary"\n'
        f'bucket = "{bucket}"\nendpoint = "{s3_server.endpoint}"\n',
        encoding="utf-8",
    )
    monkeypatch.setenv("EARWITNESS_CONFIG", str(settings))
    data = tmp_path / "data"
    options = ["--calls", "2", "--concurrent", "2", "--talk", "2", "--seed", "4", "--json"]
    done = earwitness("simulate", *options, data=data)
    assert (done.returncode, json.loads(done.stdout)["recorded"]) == (0, 2), done.stderr
    objects = {each["Key"] for each in s3_server.client().list_objects_v2(Bucket=bucket)["Contents"]}
    opened = wiring.catalogue(Settings(data=data))
    try:
        found = opened.calls.page()
    finally:
        opened.close()
    assert {copy.target for each in found for copy in each.copies} == {"bucket"}
    assert {copy.name for each in found for copy in each.copies} <= objects
    audio, recording = tmp_path / "audio", found[0].call.recording
    play = ["play", found[0].call.id, "-o", str(audio), "--data", str(data)]
    assert CliRunner().invoke(app, play, obj=Flags()).exit_code == 0
    assert audio.stat().st_size == recording.bytes
    assert list(data.glob("archive/**/*.opus")) == []
