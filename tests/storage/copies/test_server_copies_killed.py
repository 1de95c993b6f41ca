"""Copying to real servers is killed a hundred times in all: nothing is lost, nothing doubled or left over."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests import s3
from tests.storage.copies import killed_server_copies
from tests.storage.copies.killed_server_copies import KILLS, UPLOADS
from tests.storage.targets import ftp_server, sftp_server


def killed(folder: Path, kind: str, place: dict[str, object]) -> int:
    """Let copying be killed; how many calls lie on the server then, all of them read back."""
    root = Path(killed_server_copies.__file__).parents[3]
    folder.mkdir()
    ran = subprocess.run(
        [sys.executable, "-m", "tests.storage.copies.killed_server_copies", kind, folder, json.dumps(place)],
        env={**os.environ, **s3.ENVIRONMENT, "PYTHONPATH": str(root)},
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout)
    kills = found["kills"]
    assert sum(kills.values()) >= KILLS
    assert kills["upload"] >= UPLOADS, "blobs were cut"
    assert found["left"] > 3, "the server saw that"
    calls: int = found["calls"]
    assert calls > KILLS // 6
    return calls


def files(root: Path) -> int:
    return sum(path.is_file() for path in root.rglob("*"))


def test_an_ftp_server(tmp_path):
    with ftp_server.running(tmp_path / "server") as server:
        place = {"user": ftp_server.USER, "password": ftp_server.PASSWORD, "port": server.port}
        assert 3 * killed(tmp_path / "data", "ftp", place) == files(server.root)


def test_an_sftp_server(tmp_path):
    with sftp_server.running(tmp_path) as server:
        place = {
            "user": sftp_server.USER,
            "password": sftp_server.PASSWORD,
            "port": server.port,
            "known_hosts": str(server.known_hosts),
        }
        assert 3 * killed(tmp_path / "data", "sftp", place) == files(server.root)


def test_a_server_that_speaks_s3(tmp_path, s3_server):
    bucket = s3_server.bucket()
    calls = killed(tmp_path / "data", "s3", {"bucket": bucket, "endpoint": s3_server.endpoint})
    client = s3_server.client()
    assert len(client.list_objects_v2(Bucket=bucket).get("Contents", ())) == 3 * calls
    assert not client.list_multipart_uploads(Bucket=bucket).get("Uploads")
