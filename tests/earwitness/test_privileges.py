"""Rights are gone for good once given up."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from earwitness.errors import HostError
from earwitness.privileges import identity, refuse_root

PROGRAM = """
import os, socket
from earwitness.privileges import give_up
give_up("nobody")
print(os.getuid(), os.getgroups())
print([line.split()[1] for line in open("/proc/self/status") if line.startswith(("CapEff", "CapPrm"))])
try:
    os.setuid(0)
except PermissionError:
    print("stays")
"""


@pytest.mark.root
def test_a_part_started_by_root_becomes_the_user_and_stays_it() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        f"{identity('nobody').uid} []",
        str(["0" * 16] * 2),
        "stays",
    ]


@pytest.mark.root
def test_serve_as_root_is_refused_at_once_with_both_ways_out(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "earwitness", "serve", "--data", str(tmp_path / "data")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    *_, said = done.stderr.splitlines()
    assert "--set user=earwitness" in said
    assert "--set api.allow_root=true" in said
    assert not (tmp_path / "data").exists()


@pytest.mark.root
def test_nothing_changes_for_root_without_a_user() -> None:
    program = "import os; from earwitness.privileges import give_up; give_up(''); print(os.getuid())"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "0\n"


def test_an_unknown_user_is_said() -> None:
    with pytest.raises(HostError, match="There is no user no-such-user"):
        identity("no-such-user")


def test_root_is_refused_where_it_is_not_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    refuse_root("API", allowed=True)
    with pytest.raises(HostError, match="does not run as root"):
        refuse_root("API", allowed=False)
