"""What is searched for: one ``Query``, the same in the API, the page and the command.

A query is a tree of conditions. ``str(query)`` gives its canonical text, which ``language.parse`` reads back
into an equal query, whatever the time zone and the present time.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from indexer import durations

Comparison = Literal["<", "<=", ">", ">="]

_BARE = re.compile(r"[^\s\"“”＂「」『』()（）,，、\\\-－|:：<>＜＞=][^\s\"“”＂「」『』()（）,，、\\|]*")
_RESERVED = frozenset({"OR", "AND", "NOT"})


def quoted(text: str) -> str:
    """``text`` between quotes, those inside it escaped."""
    return '"' + re.sub(r'([\\"＂])', r"\\\1", text) + '"'


def _value(text: str) -> str:
    return text if _BARE.fullmatch(text) and text not in _RESERVED else quoted(text)


@dataclass(frozen=True, slots=True)
class Equals:
    """A property that is exactly this: ``field`` is a name of ``fields.CHOICES`` or ``fields.EXACT``."""

    field: str
    value: str

    def __str__(self) -> str:
        return f"{self.field}:{_value(self.value)}"


@dataclass(frozen=True, slots=True)
class Number:
    """A number that fits ``pattern`` (of ``numbers``); ``field`` is ``number``, ``from`` or ``to``."""

    field: str
    pattern: str

    def __str__(self) -> str:
        return f"{self.field}:{self.pattern if _BARE.fullmatch(self.pattern) else quoted(self.pattern)}"


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys pressed one after the other, anywhere among the keys pressed in the call."""

    digits: str

    def __str__(self) -> str:
        return f"dtmf:{self.digits}"


@dataclass(frozen=True, slots=True)
class Length:
    """A length of time compared with ``milliseconds``; ``field`` is ``duration`` or ``unrecorded``."""

    field: str
    comparison: Comparison
    milliseconds: int

    def __str__(self) -> str:
        return f"{self.field}:{self.comparison}{durations.written(self.milliseconds)}"


@dataclass(frozen=True, slots=True)
class After:
    """A call that started at ``at`` or later."""

    at: datetime

    def __str__(self) -> str:
        return f"after:{_instant(self.at)}"


@dataclass(frozen=True, slots=True)
class Before:
    """A call that started before ``at``."""

    at: datetime

    def __str__(self) -> str:
        return f"before:{_instant(self.at)}"


@dataclass(frozen=True, slots=True)
class Words:
    """Words of the text and the tags; of the text alone where ``field`` is ``untagged``, of the names of
    people where it is ``name``.

    A ``phrase`` stands as it is written; without it Chinese text is split into words that may stand apart.
    With ``prefix`` the last word may go on; digits that may go on are a ``Number`` instead.
    """

    text: str
    field: str = "text"
    phrase: bool = False
    prefix: bool = False

    def __str__(self) -> str:
        start = "" if self.field == "text" else f"{self.field}:"
        if self.phrase:
            return start + quoted(self.text)
        return start + self.text + ("*" if self.prefix else "")


@dataclass(frozen=True, slots=True)
class Not:
    """A call that ``condition`` is not true of."""

    condition: "Condition"

    def __str__(self) -> str:
        return f"-{_grouped(self.condition)}"


@dataclass(frozen=True, slots=True)
class AllOf:
    """A call that every one of ``conditions`` is true of; of none, every call."""

    conditions: tuple["Condition", ...] = ()

    def __str__(self) -> str:
        return " ".join(f"({part})" if isinstance(part, AnyOf) else str(part) for part in self.conditions)


@dataclass(frozen=True, slots=True)
class AnyOf:
    """A call that at least one of ``conditions`` is true of; of none, no call."""

    conditions: tuple["Condition", ...]

    def __str__(self) -> str:
        return " OR ".join(_grouped(part) for part in self.conditions)


Condition = Equals | Number | Keys | Length | After | Before | Words | Not | AllOf | AnyOf


def _grouped(condition: Condition) -> str:
    return f"({condition})" if isinstance(condition, AllOf | AnyOf) else str(condition)


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def all_of(conditions: Iterable[Condition]) -> Condition:
    """Their conjunction, flat, without repetition; a single one stays itself."""
    flat: list[Condition] = []
    for condition in conditions:
        flat += condition.conditions if isinstance(condition, AllOf) else (condition,)
    unique = tuple(dict.fromkeys(flat))
    return unique[0] if len(unique) == 1 else AllOf(unique)


def any_of(conditions: Iterable[Condition]) -> Condition:
    """Their disjunction, flat, without repetition; a single one stays itself. At least one is needed.

    Where one of them is true of every call, so is their disjunction.
    """
    flat: list[Condition] = []
    for condition in conditions:
        flat += condition.conditions if isinstance(condition, AnyOf) else (condition,)
    unique = tuple(dict.fromkeys(flat))
    if not unique:
        raise ValueError("a disjunction needs a condition")
    if AllOf() in unique:
        return AllOf()
    return unique[0] if len(unique) == 1 else AnyOf(unique)


def negated(condition: Condition) -> Condition:
    """Its negation; a negation of a negation is the condition itself. ``AllOf()`` denied has no text."""
    return condition.condition if isinstance(condition, Not) else Not(condition)


@dataclass(frozen=True, slots=True)
class Query:
    """One search. Without a condition it finds every call that the scope lets be seen."""

    condition: Condition = field(default_factory=AllOf)

    def __str__(self) -> str:
        return str(self.condition)

    def __bool__(self) -> bool:
        return self.condition != AllOf()

    def __and__(self, other: "Query") -> "Query":
        """What both find."""
        return Query(all_of((self.condition, other.condition)))
