"""Processes that end while targets on servers are in use: at once, and without a word."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import storage
from storage.errors import TargetError
from tests.storage.targets import ftp_server, sftp_server
from tests.storage.targets.contract import DATA

PROGRAM = """
from pathlib import Path
from storage.targets.{module} import {target}
target = {target}("127.0.0.1", "recorder", {arguments}, port={port})
target.put("a", bytes(3_000_000))
chunks = target.get("a")
next(chunks)
print(target.stat("a").bytes)
"""


@pytest.fixture(params=["ftp", "sftp"])
def program(request, tmp_path):
    if request.param == "ftp":
        with ftp_server.running(tmp_path / "disk", tls=ftp_server.certificate(tmp_path)) as server:
            arguments = f'"secret", tls=Path({str(server.certificate)!r})'
            yield PROGRAM.format(module="ftp", target="FtpTarget", arguments=arguments, port=server.port)
    else:
        with sftp_server.running(tmp_path) as server:
            arguments = f'Path({str(server.known_hosts)!r}), password="secret"'
            yield PROGRAM.format(module="sftp", target="SftpTarget", arguments=arguments, port=server.port)


def test_nothing_keeps_a_process_from_ending(program):
    ran = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", program],
        env={**os.environ, "PYTHONPATH": str(Path(storage.__file__).parents[1])},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "3000000\n", "")


def test_a_target_that_was_closed_while_it_is_read(tmp_path):
    with sftp_server.running(tmp_path) as server:
        target = server.target()
        target.put("a", bytes(3_000_000))
        chunks = target.get("a")
        next(chunks)
        target.close()
        target.close()
        for use in (lambda: list(chunks), lambda: target.put("b", DATA)):
            with pytest.raises(TargetError):
                use()
