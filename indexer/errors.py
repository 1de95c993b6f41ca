"""Everything that can go wrong in the indexer room.

IndexerError
├── QueryError       a query that cannot be understood; says where, why, and what was probably meant
├── IndexUnusable    the index cannot be read as it is: absent, damaged, or of another version; rebuild it
├── IndexBlocked     the operating system refuses: no space, no permission, too many files; nothing is lost
└── IndexBusy        another process writes this index

Messages are for people: they say what is wrong and what to do about it. ``QueryError`` also carries a
stable code with parameters, so that a user interface can say it in its own language.
"""

from collections.abc import Mapping


class IndexerError(Exception):
    """Base of every error of this room."""


class QueryError(IndexerError, ValueError):
    """A query that cannot be understood.

    ``code`` is one of ``CODES`` and never changes its meaning; ``parameters`` fill its text.
    ``position`` and ``length`` are characters of the text that was parsed, counted from 0; the message counts
    from 1 as people do. ``suggestion`` replaces exactly those characters, empty where there is none.
    ``source`` names the parameter that the text came from, empty for the free text.
    """

    CODES: Mapping[str, str] = {
        "unknown_field": "unknown field '{name}'",
        "unclosed_quote": "this quote is never closed",
        "unclosed_parenthesis": "this parenthesis is never closed",
        "unexpected_parenthesis": "this parenthesis closes nothing",
        "missing_value": "'{name}' needs a value after the colon",
        "missing_operand": "'{word}' needs something to search for on both sides",
        "nothing_negated": "there is nothing after the minus",
        "bad_duration": "'{value}' is no duration; write 90s, 5m30s, >5m, <=1h or 30s..2m",
        "bad_time": "'{value}' is no date or time; write 2026-11-21, 2026-11-21T18:00, today or -7d",
        "bad_number": "'{value}' is no number; write digits, with * where any may stand",
        "bad_choice": "'{value}' is no {name}; choose from {choices}",
        "no_words": "'{value}' has no letter or digit to search for",
        "too_long": "the query has more than {limit} characters",
        "too_deep": "more than {limit} parentheses inside each other",
        "given_twice": "'{name}' is given twice",
    }

    def __init__(
        self,
        code: str,
        position: int,
        length: int,
        *,
        suggestion: str = "",
        source: str = "",
        **parameters: str | int,
    ) -> None:
        self.code = code
        self.position = position
        self.length = length
        self.suggestion = suggestion
        self.source = source
        self.parameters: dict[str, str | int] = parameters
        self.reason = self.CODES[code].format(**parameters)
        super().__init__(self._message())

    def _message(self) -> str:
        place = f" in {self.source}" if self.source else ""
        hint = f"; did you mean '{self.suggestion}'?" if self.suggestion else ""
        return f"{self.reason} at {self.position + 1}{place}{hint}"

    def of(self, source: str) -> "QueryError":
        """The same error, said of the parameter ``source``."""
        return QueryError(
            self.code,
            self.position,
            self.length,
            suggestion=self.suggestion,
            source=source,
            **self.parameters,
        )


class IndexUnusable(IndexerError):
    """The index is absent, damaged or of another version. It is derived: rebuilding loses nothing."""


class IndexBlocked(IndexerError):
    """The operating system refused to read or write the index, which is as it was at the last commit."""


class IndexBusy(IndexerError):
    """Another process holds the writer's lock of this index."""
