"""``earwitness target``, as people and programs call it."""

import json
import socket
from collections.abc import Callable, Iterator

import pytest
from click.testing import Result
from typer.testing import CliRunner

from earwitness import wiring
from earwitness.cli.application import app
from earwitness.cli.faults import Flags, report
from earwitness.cli.options import settings_from
from storage.errors import TargetAbsent
from tests.storage.targets import disks

SETTINGS = """
data = "{folder}/data"
[[targets]]
kind = "local"
name = "nas"
folder = "{folder}/copies"
[[targets]]
kind = "usb"
name = "disk"
volume = "backup-1"
roots = ["{folder}/media"]
[[targets]]
kind = "s3"
name = "bucket"
role = "export"
bucket = "{bucket}"
endpoint = "{endpoint}"
[[targets]]
kind = "ftp"
name = "ftp"
host = "127.0.0.1"
port = 9
user = "calls"
password = "env:NOT_SET_ANYWHERE"
"""

Call = Callable[..., Result]


@pytest.fixture
def call(tmp_path, s3_server) -> Call:
    """Runs the command with four targets: a folder, a disk, a bucket, and a server without its password."""
    settings = tmp_path / "earwitness.toml"
    text = SETTINGS.format(folder=tmp_path, bucket=s3_server.bucket(), endpoint=s3_server.endpoint)
    settings.write_text(text, encoding="utf-8")
    (tmp_path / "media").mkdir()

    def run(command: str, *arguments: str) -> Result:
        return CliRunner().invoke(
            app, ["target", command, *arguments, "--config", str(settings)], obj=Flags()
        )

    return run


def test_list_says_how_each_is(call):
    done = call("list", "--json")
    assert done.exit_code == 0, done.output
    found = {each["name"]: each for each in json.loads(done.stdout)}
    assert {name: (each["kind"], each["role"], each["state"]) for name, each in found.items()} == {
        "local": ("local", "primary", "up"),
        "nas": ("local", "copy", "up"),
        "disk": ("usb", "copy", "absent"),
        "bucket": ("s3", "export", "up"),
        "ftp": ("ftp", "copy", "down"),
    }
    assert 0 < found["nas"]["free"] <= found["nas"]["total"]
    assert found["bucket"]["free"] is None
    assert "Plug it in" in found["disk"]["detail"]
    table = call("list").stdout
    assert [line.split()[0] for line in table.splitlines()[:6]] == ["name", *found]
    assert (
        "ftp: The password of the target ftp should be in the environment variable NOT_SET_ANYWHERE" in table
    )


SERVERS = """
[[targets]]
kind = "ftp"
name = "ftp"
host = "127.0.0.1"
port = {port}
user = "calls"
password = "env:PASSWORD_OF_SERVERS"
[[targets]]
kind = "sftp"
name = "sftp"
host = "127.0.0.1"
port = {port}
user = "calls"
password = "env:PASSWORD_OF_SERVERS"
known_hosts = "{folder}/known_hosts"
[[targets]]
kind = "s3"
name = "s3"
bucket = "calls"
endpoint = "http://127.0.0.1:{port}"
[[targets]]
kind = "minio"
name = "minio"
bucket = "others"
endpoint = "127.0.0.1:{port}"
access_key = "env:PASSWORD_OF_SERVERS"
secret_key = "env:PASSWORD_OF_SERVERS"
tls = false
"""


def test_servers_that_do_not_run_are_down_and_not_absent(tmp_path, monkeypatch):
    for name in ("PASSWORD_OF_SERVERS", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "whatever")
    (tmp_path / "known_hosts").touch()
    settings = tmp_path / "earwitness.toml"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    settings.write_text(f'data = "{tmp_path}/data"\n' + SERVERS.format(folder=tmp_path, port=port))
    done = CliRunner().invoke(app, ["target", "list", "--json", "--config", str(settings)], obj=Flags())
    assert done.exit_code == 0, done.output
    _, *servers = json.loads(done.stdout)
    assert [(each["name"], each["state"]) for each in servers] == [
        (name, "down") for name in ("ftp", "sftp", "s3", "minio")
    ]
    for each in servers:
        assert "cannot be reached" in each["detail"]


def test_probe_tries_out_what_works_and_says_what_does_not(call, tmp_path):
    done = call("probe", "nas", "bucket", "--json")
    assert done.exit_code == 0, done.output
    for steps in json.loads(done.stdout).values():
        assert [step["step"] for step in steps] == ["write", "read back", "read a part", "list", "delete"]
        assert {step["problem"] for step in steps} == {""}
    assert list((tmp_path / "copies").iterdir()) == []
    done = call("probe")
    assert done.exit_code == 1
    rows = [line.split() for line in done.stdout.splitlines()]
    assert ["disk", "write", "failed"] in rows
    assert ["ftp", "write", "failed"] in rows
    assert {row[0] for row in rows[1:]} == {"nas", "disk", "bucket", "ftp"}, "no archive folder is made"
    assert "disk: The disk backup-1 is not mounted" in done.stderr
    assert list((tmp_path / "media").iterdir()) == []


def test_probe_leaves_what_cannot_be_deleted(call, tmp_path):
    once = f"targets=[{{kind='local',name='nas',folder='{tmp_path}/once',write_once=true}}]"
    done = call("probe", "nas", "--set", once)
    assert done.exit_code == 0, done.output
    assert "stays: this target keeps what it has" in done.stdout
    assert len(list((tmp_path / "once").iterdir())) == 1


@pytest.mark.parametrize("arguments", [("eject", "nas"), ("prepare", "bucket", "/")])
def test_names_that_do_not_fit_are_wrong_usage(call, arguments):
    done = call(*arguments)
    assert done.exit_code == 2
    assert "There is no" in done.stderr


def test_a_target_that_is_not_there_is_called_so_by_every_command(call, tmp_path, data_folder):
    config = ["--config", str(tmp_path / "earwitness.toml")]
    for command in (
        ["target", "probe", "moon"],
        ["target", "prepare", "moon"],
        ["target", "eject", "moon"],
        ["backup", "--to", "moon"],
        ["scrub", "--target", "moon"],
        ["verify", "--target", "moon"],
        ["restore", "--from", "moon", "--data", str(tmp_path / "new")],
    ):
        done = CliRunner().invoke(app, [*command, *config], obj=Flags())
        assert str(done.exception).startswith("There is no target moon in the settings; there are: "), command
        assert report(done.exception) == 2


def test_a_disk_that_is_not_there_cannot_be_ejected(call):
    done = call("eject", "disk")
    assert done.exit_code == 1
    assert isinstance(done.exception, TargetAbsent)


@pytest.fixture
def data_folder(call, tmp_path) -> None:
    settings = settings_from(tmp_path / "earwitness.toml", None).settings
    settings.folders.make()
    wiring.catalogue(settings).close()


@pytest.fixture
def disk(tmp_path) -> Iterator[disks.Disk]:
    made = disks.make("ext4", tmp_path / "image", 16)
    yield made
    made.unplug()


@pytest.mark.root
def test_a_disk_is_prepared_used_and_ejected(call, disk, tmp_path):
    settings = settings_from(tmp_path / "earwitness.toml", None).settings
    settings.folders.make()
    wiring.catalogue(settings).close()
    place = disk.plug(tmp_path / "media" / "usb")
    done = call("prepare", "disk", str(place))
    assert done.exit_code == 0, done.output
    assert f"The disk at {place} is backup-1 now" in done.stdout
    assert call("probe", "disk").exit_code == 0
    done = call("eject", "disk")
    assert done.exit_code == 0, done.output
    assert done.stdout == f"The disk backup-1 was at {place}. It may be taken now.\n"
    assert not place.is_mount()
    disk.plugged.clear()
    catalogue = wiring.catalogue(settings)
    try:
        noted = [(event.action, event.object_id) for event in catalogue.audit.page()]
    finally:
        catalogue.close()
    assert noted == [("target.eject", "disk"), ("target.prepare", "disk")]
