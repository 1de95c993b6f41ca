"""What a command says when it fails tells no secret."""

import subprocess
import sys

import pytest

from earwitness.cli.faults import shown

SECRET = "S3cr3t-Zq9"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (["play", "--key", SECRET, "x"], ["play", "--key", "…", "x"]),
        (["play", f"--key={SECRET}"], ["play", "--key=…"]),
        (["search", "--set", f'catalogue.url="{SECRET}"'], ["search", "--set", "catalogue.url=…"]),
        (["search", f'--set=catalogue.url="{SECRET}"'], ["search", "--set=catalogue.url=…"]),
        (["migrate", f"postgresql://u:{SECRET}@h/x"], ["migrate", "postgresql://u:…@h/x"]),
        (["migrate", f"--to=postgresql://u:{SECRET}@h/x"], ["migrate", "--to=postgresql://u:…@h/x"]),
        (["play", "--to", "a=b"], ["play", "--to", "a=b"]),
    ],
)
def test_the_command_is_shown_without_secrets(line: list[str], told: list[str]) -> None:
    assert list(shown(line)) == told


@pytest.mark.parametrize(
    "setting",
    [
        f'catalogue.url="postgresql+psycopg://u:{SECRET}@host:port/x"',
        f'catalogue.url="nothing://u:{SECRET}@host/x"',
        f'targets=[{{name="a", kind="ftp", host="h", folder="/x", user="u", password="{SECRET}"}}]',
    ],
)
@pytest.mark.parametrize("flags", [[], ["--debug"]])
def test_no_refusal_of_a_setting_tells_it(setting: str, flags: list[str], tmp_path: object) -> None:
    line = [sys.executable, "-m", "earwitness", *flags, "search", "--data", str(tmp_path), "--set", setting]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert done.returncode
    assert SECRET not in done.stdout + done.stderr
    assert flags or "should not happen" not in done.stderr
