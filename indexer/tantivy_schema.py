"""How a search document lies in a tantivy index. Change ``VERSION`` whenever anything here changes meaning.

Numbers and pressed keys are indexed as their overlapping triples of characters, with markers at both ends
(``^^1 ^13 138 … 34$ 4$$``, say): then a beginning, an end and a middle are all phrases. Over a million
numbers a middle costs 0.3 ms so, 320 ms by a regular expression over whole numbers; an end of one digit 1 ms
against 54 ms over reversed numbers.
"""

import tantivy

from indexer.document import NUMBER_FIELDS, SearchDocument
from indexer.engine import milliseconds
from indexer.fields import CHOICES, EXACT
from indexer.words import joined

VERSION = 5

GRAM = 3
START, END = "\x02\x02", "\x03\x03"
"""The markers of a number; no normal form has these characters."""
CALL, CHECKPOINT = "call", "checkpoint"
YES = "yes"


def schema() -> tantivy.Schema:
    """The fields; ``kind`` tells calls from the one document that holds the checkpoint."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("kind", tokenizer_name="raw", index_option="basic")
    builder.add_integer_field("position", stored=True)
    builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    for name in ("start", "duration", "unrecorded"):
        builder.add_integer_field(name, fast=True)
    for name in ("seen_agent", "seen_team", "released", *map(exact_field, (*EXACT, *CHOICES))):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in NUMBER_FIELDS:
        builder.add_text_field(whole_field(name), tokenizer_name="raw", index_option="basic")
        builder.add_text_field(written_field(name), tokenizer_name="raw", index_option="basic")
        builder.add_text_field(gram_field(name), tokenizer_name="whitespace")
    for name in (gram_field("dtmf"), "text", "name", "tags"):
        builder.add_text_field(name, tokenizer_name="whitespace")
    return builder.build()


def exact_field(name: str) -> str:
    """The index field of an exact value or choice."""
    return f"is_{name}"


def whole_field(name: str) -> str:
    """The index field of whole numbers."""
    return f"whole_{name}"


def written_field(name: str) -> str:
    """The index field of further ways to write whole numbers."""
    return f"written_{name}"


def gram_field(name: str) -> str:
    """The index field of the triples of numbers or keys."""
    return f"grams_{name}"


def grams(text: str) -> list[str]:
    """The triples of ``text`` as it stands; none where it is shorter."""
    return [text[place : place + GRAM] for place in range(len(text) - GRAM + 1)]


def marked(number: str) -> str:
    """A whole number between its markers."""
    return f"{START}{number}{END}"


def to_tantivy(document: SearchDocument) -> tantivy.Document:
    """``document`` as tantivy takes it."""
    entry = tantivy.Document()
    entry.add_text("kind", CALL)
    entry.add_text("id", document.id)
    entry.add_integer("start", milliseconds(document.start))
    entry.add_integer("duration", document.duration)
    entry.add_integer("unrecorded", document.unrecorded)
    if document.agent:
        entry.add_text("seen_agent", document.agent)
    if document.team:
        entry.add_text("seen_team", document.team)
    if document.released:
        entry.add_text("released", YES)
    for name, values in document.exact.items():
        for value in values:
            entry.add_text(exact_field(name), value)
    for name in NUMBER_FIELDS:
        _add_numbers(entry, name, document)
    if document.dtmf:
        _add_grams(entry, "dtmf", [marked(document.dtmf)])
    entry.add_text("text", " ".join(joined(document.text)))
    entry.add_text("name", " ".join(joined(document.names)))
    entry.add_text("tags", " ".join(joined(document.tags)))
    return entry


def _add_numbers(entry: tantivy.Document, name: str, document: SearchDocument) -> None:
    forms = document.numbers[name]
    for form in forms:
        entry.add_text(whole_field(name), form)
    for form in document.writings[name]:
        entry.add_text(written_field(name), form)
    _add_grams(entry, name, [marked(form) for form in forms])


def _add_grams(entry: tantivy.Document, name: str, texts: list[str]) -> None:
    # A number may hold blanks where it is a name; the index splits at them, so they are put as a sign.
    row = [gram for text in texts for gram in grams(unblanked(text))]
    entry.add_text(gram_field(name), " ".join(row))


def unblanked(text: str) -> str:
    """``text`` with each blank as one sign that is none."""
    return text.replace(" ", "\u2423")


def checkpoint(position: int) -> tantivy.Document:
    """The document that holds ``position`` of the change feed."""
    entry = tantivy.Document()
    entry.add_text("kind", CHECKPOINT)
    entry.add_integer("position", position)
    return entry
