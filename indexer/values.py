"""What the value of each field means: tokens of the query language into conditions."""

import re
import unicodedata

from indexer import durations, fields, instants, numbers
from indexer.errors import QueryError
from indexer.fields import KINDS, Kind
from indexer.instants import Clock
from indexer.lexer import Kind as TokenKind
from indexer.lexer import Token
from indexer.query import (
    After,
    Before,
    Comparison,
    Condition,
    Equals,
    Keys,
    Length,
    Number,
    Words,
    all_of,
)
from indexer.words import phrases

_BOUND = re.compile(r"(<=|>=|<|>|=|≤|≥)?\s*(.*)", re.DOTALL)
_COMPARISONS: dict[str, Comparison] = {"<": "<", "<=": "<=", ">": ">", ">=": ">=", "≤": "<=", "≥": ">="}
_KEYS = re.compile(r"[0-9A-D*#]+")
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_BETWEEN = re.compile(r"\.\.+|…|~|～")


def value(field: str, token: Token, clock: Clock) -> Condition:
    """The condition that ``field`` has the value of ``token``. Raises ``QueryError``."""
    match KINDS[field]:
        case Kind.EXACT:
            return _exact(field, token)
        case Kind.CHOICE:
            return _choice(field, token)
        case Kind.NUMBER:
            return _number(field, token)
        case Kind.KEYS:
            return _keys(token)
        case Kind.WORDS:
            return words(token, field=field, phrase=token.kind is TokenKind.QUOTED_VALUE)
        case Kind.LENGTH:
            return _length(field, token)
        case Kind.AFTER | Kind.BEFORE | Kind.DAY as kind:
            return _time(kind, token, clock)


def bare(token: Token) -> Condition:
    """A word of the free text; digits with a star are a number, and the id of a call is that."""
    plain = unicodedata.normalize("NFKC", token.text)
    if _ID.fullmatch(plain):
        return _exact("id", token)
    if numbers.is_pattern(plain):
        return Number("number", numbers.pattern(plain))
    return words(token, phrase=False)


def words(token: Token, *, phrase: bool, field: str = "text") -> Words:
    """The words of ``token``; a star at the end of an unquoted word lets it go on."""
    text = token.text
    prefix = not phrase and text[-1:] in ("*", "＊")
    if prefix:
        text = text.rstrip("*＊")
    if not phrases(text, whole=True):
        raise QueryError("no_words", token.position, token.length, value=token.text)
    return Words(text, field, phrase, prefix)


def _exact(field: str, token: Token) -> Equals:
    folded = fields.exact(field, token.text)
    if not folded:
        raise QueryError("missing_value", token.position, token.length, name=field)
    return Equals(field, folded)


def _choice(field: str, token: Token) -> Equals:
    found = fields.resolve_choice(field, token.text)
    if found is None:
        raise QueryError(
            "bad_choice",
            token.position,
            token.length,
            suggestion=fields.nearest(token.text, field),
            value=token.text,
            name=field,
            choices=", ".join(fields.CHOICES[field]),
        )
    return Equals(field, found)


def _number(field: str, token: Token) -> Number:
    try:
        return Number(field, numbers.pattern(token.text))
    except ValueError as error:
        raise QueryError("bad_number", token.position, token.length, value=token.text) from error


def _keys(token: Token) -> Keys:
    digits = unicodedata.normalize("NFKC", token.text).strip().upper()
    if not _KEYS.fullmatch(digits):
        raise QueryError("bad_number", token.position, token.length, value=token.text)
    return Keys(digits)


def _length(field: str, token: Token) -> Condition:
    text = unicodedata.normalize("NFKC", token.text.replace("…", "..")).strip()
    ends = _BETWEEN.split(text)
    try:
        if len(ends) == 2 and any(ends):
            low, high = (durations.parse(end.strip())[0] if end.strip() else None for end in ends)
            return _between(field, low, high)
        bound = _BOUND.fullmatch(text)
        if bound is None:
            raise ValueError(text)
        sign, length = bound[1], bound[2]
        milliseconds, step = durations.parse(length)
        if sign in _COMPARISONS:
            return Length(field, _COMPARISONS[sign], milliseconds)
        return all_of((Length(field, ">=", milliseconds), Length(field, "<", milliseconds + step)))
    except ValueError as error:
        raise QueryError("bad_duration", token.position, token.length, value=token.text) from error


def _between(field: str, low: int | None, high: int | None) -> Condition:
    bounds: list[Length] = []
    if low is not None:
        bounds.append(Length(field, ">=", low))
    if high is not None:
        bounds.append(Length(field, "<=", high))
    return all_of(bounds)


def _time(kind: Kind, token: Token, clock: Clock) -> Condition:
    ends = [token.text] if kind is not Kind.DAY else _BETWEEN.split(token.text)
    try:
        if len(ends) > 2:
            raise ValueError(token.text)
        first, last = instants.parse(ends[0], clock), instants.parse(ends[-1], clock)
    except ValueError as error:
        raise QueryError("bad_time", token.position, token.length, value=token.text) from error
    if kind is Kind.AFTER:
        return After(first.start)
    if kind is Kind.BEFORE:
        return Before(first.start)
    return all_of((After(first.start), Before(last.end)))
