"""The list of commands: complete although nothing is loaded for it; each command whole once it is named."""

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from earwitness.cli.application import SUMMARIES, app
from earwitness.cli.faults import Flags
from earwitness.cli.listing import loaded

HEAVY = (
    "pydantic",
    "pydantic_settings",
    "structlog",
    "sqlalchemy",
    "alembic",
    "rich",
    "phonenumbers",
    "asyncio",
)


def listed(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(arguments), obj=Flags(), env={"COLUMNS": "100"})
    return result.exit_code, result.output


def test_every_command_is_in_the_list() -> None:
    status, shown = listed("--help")
    assert status == 0
    assert all(f"\n  {name} " in shown for name in SUMMARIES)


@pytest.mark.parametrize("name", SUMMARIES)
def test_the_list_says_what_the_command_says_of_itself(name: str) -> None:
    help_text = " ".join(loaded(name).help.split())
    summary = SUMMARIES[name]
    assert help_text.startswith(summary)
    assert summary.endswith(".")
    assert ". " not in summary
    status, shown = listed(name, "--help")
    assert status == 0
    assert summary in " ".join(shown.split())


def test_a_command_with_a_slip_of_the_pen_is_told_its_name() -> None:
    status, shown = listed("retentio")
    assert status == 2
    assert "No such command 'retentio'. Did you mean 'retention'?" in shown
    assert "Did you mean 'list'?" in listed("user", "lst")[1]


@pytest.mark.parametrize("arguments", [["--help"], ["--version"]])
def test_the_list_loads_nothing_that_commands_need(arguments: list[str]) -> None:
    program = (
        "import sys\n"
        "from earwitness.cli import main\n"
        "try:\n    main()\n"
        f"finally:\n    sys.exit(str(set({HEAVY!r}) & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], check=False, capture_output=True, text=True
    )
    assert done.stderr.splitlines()[-1] == "set()"
