"""The lock files hold what pyproject.toml asks for, with hashes and without the address of any host."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
REQUIREMENTS = ROOT / "requirements"
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==(\S+)(?: ; .*)? \\$")


def pins(lock: str) -> dict[str, str]:
    lines = (REQUIREMENTS / lock).read_text(encoding="utf-8").splitlines()
    found = (PIN.match(line) for line in lines if line and not line[0].isspace())
    return {canonicalize_name(match[1]): match[2] for match in found if match}


def wanted(lock: str) -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    runtime, groups = project["project"]["dependencies"], project["dependency-groups"]
    build = (REQUIREMENTS / "build.in").read_text(encoding="utf-8").split()
    return {
        "runtime.lock": runtime,
        "dev.lock": runtime + groups["dev"],
        "node.lock": groups["node"],
        "build.lock": build + project["build-system"]["requires"],
    }[lock]


LOCKS = ["runtime.lock", "dev.lock", "node.lock", "build.lock"]


@pytest.mark.parametrize("lock", LOCKS)
def test_every_dependency_is_pinned_within_its_bounds(lock: str) -> None:
    pinned = pins(lock)
    for text in wanted(lock):
        requirement = Requirement(text)
        version = pinned.get(canonicalize_name(requirement.name))
        assert version is not None, f"{requirement.name} is missing from {lock}: make lock"
        assert requirement.specifier.contains(version), f"{lock} pins {version} of {text}: make lock"


@pytest.mark.parametrize("lock", LOCKS)
def test_locks_name_no_host_and_hash_every_pin(lock: str) -> None:
    text = (REQUIREMENTS / lock).read_text(encoding="utf-8")
    assert "://" not in text
    entries = re.split(r"\n(?=\S)", text)
    assert all("--hash=sha256:" in entry for entry in entries)


def test_the_locks_agree() -> None:
    """Runtime, build and development packages are installed into one environment."""
    merged: dict[str, str] = {}
    for lock in LOCKS:
        for name, version in pins(lock).items():
            assert merged.setdefault(name, version) == version, f"{name} differs in {lock}"
