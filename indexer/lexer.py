"""The query text as tokens with their places. Full-width punctuation means what its plain form means."""

import re
from dataclasses import dataclass
from enum import StrEnum

from indexer.errors import QueryError


class Kind(StrEnum):
    """What a token is."""

    WORD = "word"
    QUOTED = "quoted"
    FIELD = "field"
    VALUE = "value"
    QUOTED_VALUE = "quoted value"
    MINUS = "minus"
    OPEN = "open"
    CLOSE = "close"
    OR = "or"
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    """One token; ``text`` without quotes and colon, ``position`` and ``length`` as it stands in the query."""

    kind: Kind
    text: str
    position: int
    length: int


_CLOSING = {'"': '"＂', "＂": '"＂', "“": "”", "”": "”", "「": "」", "『": "』"}
_BLANK = re.compile(r"\s*")
_FIELD = re.compile(r"([^\W\d_][^\W\d]*(?:-[^\W\d]+)*)\s*[:：]")
_WORD = re.compile(r"[^\s()（）\"＂“”「『]+")
_VALUE = re.compile(r"[^\s()（）,，、\"＂“”「『]+")
_COMMA = re.compile(r"[,，、]\s*")
_MINUSES = "-－−–"
_OR = frozenset({"OR", "|", "｜", "||"})


def lex(text: str) -> list[Token]:
    """The tokens of ``text``, the last of kind END. Raises ``QueryError`` where a quote is not closed."""
    tokens: list[Token] = []
    position = _skip(text, 0)
    while position < len(text):
        found = _at(text, position)
        last = found[-1]
        tokens += (token for token in found if token.text or token.kind is not Kind.WORD)
        position = _skip(text, last.position + last.length)
    return [*tokens, Token(Kind.END, "", len(text), 0)]


def _skip(text: str, position: int) -> int:
    blank = _BLANK.match(text, position)
    return blank.end() if blank else position


def _at(text: str, position: int) -> list[Token]:
    character = text[position]
    if character in "(（":
        return [Token(Kind.OPEN, "(", position, 1)]
    if character in ")）":
        return [Token(Kind.CLOSE, ")", position, 1)]
    if character in _CLOSING:
        return [_quoted(text, position, Kind.QUOTED)]
    if character in _MINUSES:
        return [Token(Kind.MINUS, "-", position, 1)]
    if field := _FIELD.match(text, position):
        name = Token(Kind.FIELD, field[1], position, field.end() - position)
        return [name, *_values(text, _skip(text, field.end()))]
    return [_word(text, position)]


def _word(text: str, position: int) -> Token:
    found = _WORD.match(text, position)
    word = found[0] if found else text[position]
    if word in _OR:
        return Token(Kind.OR, word, position, len(word))
    if word == "NOT":
        return Token(Kind.MINUS, word, position, len(word))
    return Token(Kind.WORD, "" if word == "AND" else word, position, len(word))


def _values(text: str, position: int) -> list[Token]:
    tokens: list[Token] = []
    while position < len(text):
        if text[position] in _CLOSING:
            tokens.append(_quoted(text, position, Kind.QUOTED_VALUE))
        elif plain := _VALUE.match(text, position):
            tokens.append(Token(Kind.VALUE, plain[0], position, len(plain[0])))
        else:
            break
        position = tokens[-1].position + tokens[-1].length
        comma = _COMMA.match(text, position)
        if comma is None:
            break
        position = comma.end()
    return tokens


def _quoted(text: str, position: int, kind: Kind) -> Token:
    closing = _CLOSING[text[position]]
    characters: list[str] = []
    place = position + 1
    while place < len(text):
        character = text[place]
        if character in closing:
            return Token(kind, "".join(characters), position, place + 1 - position)
        if character == "\\" and place + 1 < len(text):
            place += 1
            character = text[place]
        characters.append(character)
        place += 1
    raise QueryError("unclosed_quote", position, len(text) - position)
