"""What a query means, said plainly for one document at a time. The measure of every engine."""

from collections.abc import Callable

from indexer import numbers, words
from indexer.document import SearchDocument
from indexer.query import (
    After,
    AllOf,
    AnyOf,
    Before,
    Comparison,
    Condition,
    Equals,
    Keys,
    Length,
    Not,
    Number,
    Words,
)
from indexer.scope import Scope

_COMPARE: dict[Comparison, Callable[[int, int], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def visible(document: SearchDocument, scope: Scope) -> bool:
    """Whether ``document`` is within reach of ``scope``."""
    if scope.released_only and not document.released:
        return False
    return (
        scope.everything
        or (document.agent != "" and document.agent in scope.agents)
        or (document.team != "" and document.team in scope.teams)
        or (document.id != "" and document.id in scope.calls)
    )


def matches(document: SearchDocument, condition: Condition) -> bool:
    """Whether ``condition`` is true of ``document``."""
    match condition:
        case AllOf(conditions):
            return all(matches(document, part) for part in conditions)
        case AnyOf(conditions):
            return any(matches(document, part) for part in conditions)
        case Not(denied):
            return not matches(document, denied)
        case _:
            return _property(document, condition)


def _property(
    document: SearchDocument, condition: Equals | Number | Keys | Length | After | Before | Words
) -> bool:
    match condition:
        case Equals(field, value):
            return value in document.exact[field]
        case Number(field, pattern):
            return pattern in document.writings[field] or any(
                numbers.matches(pattern, form) for form in document.numbers[field]
            )
        case Keys(digits):
            return digits in document.dtmf
        case Length(field, comparison, milliseconds):
            length = document.duration if field == "duration" else document.unrecorded
            return _COMPARE[comparison](length, milliseconds)
        case After(at):
            return document.start >= at
        case Before(at):
            return document.start < at
        case Words():
            return _words(document, condition)


def _words(document: SearchDocument, condition: Words) -> bool:
    rows = [words.joined(texts) for texts in _texts(document, condition.field)]
    wanted = words.phrases(condition.text, whole=condition.phrase, prefix=condition.prefix)
    return bool(wanted) and all(any(_stands(phrase, row) for row in rows) for phrase in wanted)


def _texts(document: SearchDocument, field: str) -> tuple[tuple[str, ...], ...]:
    match field:
        case "name":
            return (document.names,)
        case "untagged":
            return (document.text,)
        case _:
            return (document.text, document.tags)


def _stands(phrase: words.Phrase, row: list[str]) -> bool:
    return any(
        all(start + part.offset < len(row) and _fits(part, row[start + part.offset]) for part in phrase)
        for start in range(len(row))
    )


def _fits(part: words.Part, token: str) -> bool:
    return token.startswith(part.token) if part.prefix else token == part.token
