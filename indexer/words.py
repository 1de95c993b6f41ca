"""Text as words: the one analysis that documents and queries share, and Chinese segmentation.

A text becomes a row of tokens. A word in an alphabet is one token, folded in case and accents. A run of
Chinese, Japanese or Korean characters becomes its pairs of neighbours and, last, its last character
(退款政策: 退款 款政 政策 策), so that whatever stands in a text is found by any part of it, however a
dictionary would cut it there. A query is cut into words by jieba first: 退款政策 finds texts with 退款 and
政策 in any place, between quotes only texts where they stand together.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from indexer import segmenter

_HAN = "\u2e80-\u2fdf\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_PAIRED = _HAN + "\u3040-\u30ff\u31f0-\u31ff\uac00-\ud7af"
_RUN = re.compile(rf"(?P<paired>[{_PAIRED}]+)|(?P<word>[^\W_{_PAIRED}]+)")
_HAN_RUN = re.compile(rf"[{_HAN}]+")
_ACCENTS = re.compile("[\u0300-\u036f]")
_LONGEST = 64

SEPARATOR = "\u2016"
"""A token that no text yields."""


@dataclass(frozen=True, slots=True)
class Part:
    """One token of a phrase, ``offset`` tokens after its first; with ``prefix`` a token that begins so."""

    offset: int
    token: str
    prefix: bool = False


Phrase = tuple[Part, ...]


def folded(text: str) -> str:
    """``text`` without differences of case, of accents and of compatible forms such as full width."""
    plain = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).casefold())
    return unicodedata.normalize("NFKC", _ACCENTS.sub("", plain))


def tokens(text: str) -> list[str]:
    """The tokens of a document's text, in order."""
    found: list[str] = []
    for run in _RUN.finditer(folded(text)):
        characters = run["paired"]
        if characters is None:
            found.append(run["word"][:_LONGEST])
        else:
            found += map("".join, pairwise(characters))
            found.append(characters[-1])
    return found


def phrases(text: str, *, whole: bool = False, prefix: bool = False) -> tuple[Phrase, ...]:
    """What a document must hold to be found by ``text``: every phrase, each somewhere.

    ``whole`` keeps the text together as one phrase; with ``prefix`` its last word may go on, and stand apart
    from the rest. Without a letter or digit there is no phrase.
    """
    plain = folded(text)
    pieces = [plain] if whole else _segments(plain)
    built = [phrase for phrase in map(_phrase, pieces) if phrase]
    if prefix and built:
        *before, last = built.pop()
        built += [tuple(before)] if before else []
        built.append((Part(0, last.token, prefix=True),))
    return tuple(built)


def _phrase(text: str) -> Phrase:
    parts: list[Part] = []
    offset = 0
    for run in _RUN.finditer(text):
        last = _RUN.search(text, run.end()) is None
        characters = run["paired"]
        if characters is None:
            parts.append(Part(offset, run["word"][:_LONGEST]))
            offset += 1
        elif len(characters) == 1:
            parts.append(Part(offset, characters, last))
            offset += 1
        else:
            pairs = map("".join, pairwise(characters))
            parts += (Part(offset + place, pair) for place, pair in enumerate(pairs))
            offset += len(characters)
    return tuple(parts)


def _segments(text: str) -> list[str]:
    pieces: list[str] = []
    position = 0
    for run in _HAN_RUN.finditer(text):
        words = segmenter.cut(run[0])
        if len(words) > 1:
            pieces += (text[position : run.start()], *words[:-1])
            position = run.end() - len(words[-1])
    pieces.append(text[position:])
    return [piece for piece in pieces if _RUN.search(piece)]


def joined(texts: Iterable[str]) -> list[str]:
    """The tokens of several texts, kept apart so that no phrase reaches from one into the next."""
    row: list[str] = []
    for text in texts:
        found = tokens(text)
        if found:
            row += (SEPARATOR, *found) if row else found
    return row
