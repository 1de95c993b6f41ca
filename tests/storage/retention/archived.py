"""Calls that lie on several targets, with rules that let the old ones go."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from storage.archive_names import audio_name, peaks_name, sidecar_name
from storage.catalogue import Catalogue, Copy
from storage.criteria import Criteria
from storage.model import Call
from storage.retention.rules import Rule, Rules
from storage.targets import Target
from tests.storage.handoffs import START, a_call

NOW = START + timedelta(days=100)


def archive(
    catalogue: Catalogue,
    targets: Mapping[str, Target],
    numbers: Iterable[int],
    at: datetime = START,
    **changes: object,
) -> list[Call]:
    """Put calls that start a day apart on all targets and into the catalogue."""
    made = []
    for number in numbers:
        start = START + timedelta(days=number)
        call = a_call(number, start=start, audio=b"x", **changes)
        blobs = {
            audio_name(call, "opus"): b"audio " + call.id.encode() * 20,
            peaks_name(call): b"peaks",
            sidecar_name(call): b"{}",
        }
        copies = []
        for name, target in targets.items():
            for blob, data in blobs.items():
                target.put(blob, data)
                copies.append(Copy(name, blob, len(data), hashlib.sha256(data).hexdigest(), at))
        made.append((call, copies))
    catalogue.calls.add_many(made)
    return [call for call, _ in made]


def rule(catalogue: Catalogue, days: int | None, priority: int = 10, **criteria: object) -> Rule:
    """A rule in force."""
    rules = Rules(catalogue)
    made = rules.propose("Old", Criteria(**criteria), days, priority=priority, by="anna", now=NOW)
    return rules.approve(made.id, "ben", NOW)


def names(target: Target) -> set[str]:
    """The names of all blobs."""
    return {blob.name for blob in target.list()}
