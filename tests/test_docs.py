"""What the documents promise is there."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from earwitness.cli.application import SUMMARIES
from earwitness.cli.listing import loaded
from earwitness.keeping_settings import AnyTarget, PlacementSettings
from earwitness.settings import Settings
from earwitness.sources import flat, load
from qa_api.passwords import MAXIMUM, MINIMUM
from storage.model import Call, Word

ROOT = Path(__file__).parents[1]
PAPERS = [
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "docs/design.md",
    "docs/call.md",
    "docs/commands.md",
    "docs/keeping.md",
]
LINK = re.compile(r"\]\(([^)#]+)(?:#[^)]*)?\)")
CODE = re.compile(r"`([^`]+)`")
EXAMPLE = ROOT / "deploy" / "earwitness.toml"
IN_TABLES = {"targets", "placement"}
"""Settings of which the example shows tables that are not in force."""


def commands() -> Iterator[str]:
    """Full names of all commands, those below groups too."""

    for name in SUMMARIES:
        below = getattr(loaded(name), "commands", {"": None})
        yield from (f"{name} {inner}".strip() for inner in below)


@pytest.mark.parametrize("command", sorted(commands()))
def test_every_command_is_documented(command: str) -> None:
    text = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert f"## {command}\n" in text


def test_every_documented_command_exists() -> None:
    text = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^## (.+)$", text, re.MULTILINE)) == set(commands())


@pytest.mark.parametrize("paper", PAPERS)
def test_every_link_leads_somewhere(paper: str) -> None:
    place = ROOT / paper
    links = [link for link in LINK.findall(place.read_text(encoding="utf-8")) if "://" not in link]
    assert [link for link in links if not (place.parent / link).exists()] == []


def test_every_file_of_the_path_of_a_call_exists() -> None:
    text = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
    table = text.split("## The path of a call", 1)[1].split("\n## ", 1)[0]
    for row in (line for line in table.splitlines() if line.startswith("|") and "`" in line):
        folder = ROOT
        for name in CODE.findall(row.split("|")[2]):
            # After the first, names in a cell may be given without their folder.
            place = ROOT / name if (ROOT / name).exists() else folder / name
            assert place.exists(), f"docs/design.md names {name}"
            folder = place if place.is_dir() else place.parent


def fields(word: type[Word]) -> Iterator[str]:
    """The names of fields in JSON, of the words below too."""
    for name, field in word.model_fields.items():
        yield field.alias or name
        for inner in (field.annotation, *get_args(field.annotation)):
            if isinstance(inner, type) and issubclass(inner, Word):
                yield from fields(inner)


def test_every_field_and_event_of_a_call_is_documented() -> None:
    named = set(CODE.findall((ROOT / "docs" / "call.md").read_text(encoding="utf-8")))
    assert {"round_trip_ms", "reordered", "longest_silence", "relation"} <= set(fields(Call))
    shown = (ROOT / "web_ui" / "src" / "i18n" / "call.en.ts").read_text(encoding="utf-8")
    kinds = re.findall(r'^    "?([a-z-]+)"?:', shown.split("  event: {")[1].split("  },")[0], re.MULTILINE)
    assert "no-answer" in kinds
    of_the_page = {"title", "none", "jump", "transfer-attended", "terminated"}
    assert (set(fields(Call)) | set(kinds)) - of_the_page - named == set()


def test_the_example_settings_are_right_as_they_are_and_with_every_line_in_force(tmp_path: Path) -> None:
    load(EXAMPLE, {})
    text = re.sub(r"^# (\w+ = )", r"\1", EXAMPLE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    whole = tmp_path / "whole.toml"
    whole.write_text(text, encoding="utf-8")
    load(whole, {})
    named = {name for name, _ in flat(tomllib.loads(text))}
    assert {name for name, _ in flat(Settings().model_dump())} - IN_TABLES == named


def test_the_other_taps_of_the_example_are_right(tmp_path: Path) -> None:
    text = re.sub(r"^#( {5}| (?=\w+ = ))", "", EXAMPLE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    taps = tmp_path / "taps.toml"
    taps.write_text(text, encoding="utf-8")
    kinds = {tap.kind: tap for tap in load(taps, {}).settings.taps}
    assert set(kinds) == {"interface", "pcap", "simulator"}
    written = {tap["kind"]: set(tap) for tap in tomllib.loads(text)["taps"]}
    assert written == {kind: set(type(tap).model_fields) for kind, tap in kinds.items()}


def test_the_targets_and_placements_of_the_example_are_right(tmp_path: Path) -> None:
    text = re.sub(r"^#( {5}| (?=\w+ = ))", "", EXAMPLE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    whole = tmp_path / "whole.toml"
    whole.write_text(text, encoding="utf-8")
    settings = load(whole, {}).settings
    assert [target.kind for target in settings.targets] == ["local", "usb", "ftp", "sftp", "s3", "minio"]
    shared = set(AnyTarget.model_fields)
    for written, target in zip(tomllib.loads(text)["targets"], settings.targets, strict=True):
        assert set(type(target).model_fields) - shared == set(written) - shared
        assert target.kind != "local" or shared <= set(written)
    assert set(tomllib.loads(text)["placement"][0]) == set(PlacementSettings.model_fields)


def test_commented_lines_of_the_example_show_the_defaults() -> None:
    lines = re.findall(r"^# (\w+ = .*)|^(\[\w+\])", EXAMPLE.read_text(encoding="utf-8"), re.MULTILINE)
    shown = dict(flat(tomllib.loads("\n".join(value or table for value, table in lines))))
    defaults = dict(flat(Settings().model_dump(mode="json")))
    examples = {"archive.folder", "catalogue.url", "api.origins", "signalling.tls_key_log"}
    examples |= {"encryption.master_key", "seals.key"}
    numbers = ("own", "ranges", "services", "region", "outside_prefix", "trunks")
    examples |= {f"numbers.{name}" for name in numbers}
    differing = {name for name, value in shown.items() if name in defaults and value != defaults[name]}
    assert differing - examples == set()


def test_the_rules_for_passwords_are_those_that_are_kept() -> None:
    said = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert f"A password has {MINIMUM} to {MAXIMUM} characters" in said
