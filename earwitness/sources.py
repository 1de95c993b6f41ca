"""Where settings come from: file, environment over it, command line over that, each value with its origin."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from earwitness.errors import SettingsError
from earwitness.names import explain
from earwitness.settings import Settings
from earwitness.wrong_values import nearest

PREFIX = "EARWITNESS_"
NOT_SETTINGS = frozenset({"EARWITNESS_CONFIG", "EARWITNESS_CAPTURES"})
"""Variables with our prefix that are read elsewhere: the settings file, and the tests' folder of calls."""
USUAL_FILES = (Path("earwitness.toml"), Path("/etc/earwitness/earwitness.toml"))

Tree = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings in force, with the origin of each value that is not the default, by dotted name."""

    settings: Settings
    origins: Mapping[str, str]
    file: Path | None


def load(file: Path | None, environ: Mapping[str, str], assignments: Sequence[str] = ()) -> Loaded:
    """Settings from ``file`` (or the usual places), ``environ`` and ``name=value`` assignments, last wins.

    Raises ``SettingsError`` for a file that cannot be read, an unknown name or a wrong value.
    """
    file = _chosen(file, environ)
    layers: list[tuple[str, Tree]] = []
    if file is not None:
        layers.append((str(file), _from_file(file)))
    layers.append(("environment", _from_environment(environ)))
    layers.append(("command line", _from_assignments(assignments)))
    merged: Tree = {}
    origins: dict[str, str] = {}
    for origin, tree in layers:
        _merge(merged, tree)
        origins |= dict.fromkeys((name for name, _ in flat(tree)), origin)
    try:
        settings = Settings(**merged)
    except ValidationError as error:
        raise SettingsError(explain(error, Settings, origins)) from error
    return Loaded(settings, origins, file)


def flat(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted names and values of the leaves."""
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _chosen(file: Path | None, environ: Mapping[str, str]) -> Path | None:
    if file is None and "EARWITNESS_CONFIG" in environ:
        file = Path(environ["EARWITNESS_CONFIG"])
    if file is not None:
        if not file.is_file():
            raise SettingsError(f"There is no settings file {file}.")
        return file
    return next((usual for usual in USUAL_FILES if usual.is_file()), None)


def _from_file(file: Path) -> Tree:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{file} is not valid TOML: {error}.") from error
    except OSError as error:
        raise SettingsError(f"{file} cannot be read: {error.strerror}.") from error


def _from_environment(environ: Mapping[str, str]) -> Tree:
    ours = {name: value for name, value in environ.items() if name.upper().startswith(PREFIX)}
    known = {f"{PREFIX}{field.upper()}" for field in Settings.model_fields}
    for name in ours.keys() - NOT_SETTINGS:
        if name.upper().split("__")[0] not in known:
            near = nearest(name.upper().split("__")[0], known)
            hint = f"; did you mean {near}?" if near else "."
            raise SettingsError(f"The environment variable {name} names no setting{hint}")
    if not ours:
        return {}
    # What reads variables takes as long to load as all settings, and few installations have any.
    from earwitness import environment

    try:
        return environment.read(ours, PREFIX)
    except ValueError as error:
        raise SettingsError(f"{error}. Lists are written as JSON in the environment.") from error


def _from_assignments(assignments: Sequence[str]) -> Tree:
    tree: Tree = {}
    for text in assignments:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise SettingsError(
                f"{text!r} does not set anything: write NAME=VALUE, as in finish.bitrate=24000."
            )
        branch: Tree = {}
        *path, leaf = name.strip().split(".")
        inner = branch
        for key in path:
            inner = inner.setdefault(key, {})
        inner[leaf] = _value(value.strip())
        _merge(tree, branch)
    return tree


def _value(text: str) -> Any:
    """A TOML value where it is one, else the text itself, so that names need no quotes in the shell."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _merge(into: Tree, tree: Mapping[str, Any]) -> None:
    for key, value in tree.items():
        if isinstance(value, Mapping):
            below = into.get(key)
            if not isinstance(below, dict):
                below = into[key] = {}
            _merge(below, value)
        else:
            into[key] = value
