"""Finished calls that were put aside because they are not what they say: in no archive, and in no list."""

import json
from collections.abc import Iterator
from pathlib import Path

from earwitness.host.finding import Finding, warning
from earwitness.settings import Settings
from storage.rejection import REASON, REJECTED

CHECK = "put aside"


def check(settings: Settings) -> Iterator[Finding]:
    """Nothing is said where there are none."""
    folder = settings.folders.handoff / REJECTED
    try:
        found = sorted(place for place in folder.iterdir() if place.is_dir())
    except FileNotFoundError:
        return
    except OSError as error:
        text = f"whether calls were put aside cannot be seen: {error.strerror}: {folder}"
        yield warning(CHECK, text, "run it as the user of the service")
        return
    if not found:
        return
    some = "1 finished call is" if len(found) == 1 else f"{len(found):,} finished calls are"
    yield warning(
        CHECK,
        f"{some} in no archive, but in {folder}; of {found[-1].name}: {_reason(found[-1])}",
        f"put right what {REASON} there says and move the folder to {settings.folders.handoff}, with the id "
        "of the call for its name, so that it is archived; or remove it: the call lies nowhere else",
    )


def _reason(place: Path) -> str:
    try:
        return str(json.loads((place / REASON).read_bytes())["reason"])
    except (OSError, ValueError, KeyError, TypeError):
        return "why cannot be read"
