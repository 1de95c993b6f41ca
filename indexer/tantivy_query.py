"""Queries and scopes as tantivy's own queries."""

from collections.abc import Sequence

import tantivy
from tantivy import FieldType, Occur

from indexer import words
from indexer.engine import milliseconds_up
from indexer.narrowing import narrowed
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
from indexer.tantivy_schema import (
    CALL,
    END,
    START,
    YES,
    exact_field,
    gram_field,
    grams,
    unblanked,
    whole_field,
    written_field,
)

_SPECIAL = frozenset(r".+*?()|[]{}^$\#&-~")
_LARGEST = 2**62
_PLACES = {"text": ("text", "tags"), "untagged": ("text",)}
"""The index fields that words are looked for in, where they have another name."""


class Compiler:
    """Turns conditions into queries of one schema."""

    def __init__(self, schema: tantivy.Schema) -> None:
        self._schema = schema

    def compiled(self, condition: Condition, scope: Scope) -> tantivy.Query:
        """What finds the calls within ``scope`` that ``condition`` is true of."""
        must, must_not = self._sides(narrowed(condition, scope))
        return _boolean([*self._scope(scope), *must], must_not)

    def started(self, low: int | None, high: int | None) -> tantivy.Query:
        """Calls that started from ``low`` to ``high``, milliseconds since the epoch, both included."""
        return tantivy.Query.range_query(self._schema, "start", FieldType.Integer, low, high)

    def calls(self) -> tantivy.Query:
        """Every call."""
        return self._term("kind", CALL)

    def _scope(self, scope: Scope) -> list[tantivy.Query]:
        queries = [self._term("released", YES)] if scope.released_only else []
        if scope.everything:
            return [*queries, self._term("kind", CALL)]
        reach = [
            tantivy.Query.term_set_query(self._schema, field, sorted(names - {""}))
            for field, names in (
                ("seen_agent", scope.agents),
                ("seen_team", scope.teams),
                ("id", scope.calls),
            )
            if names - {""}
        ]
        return [*queries, _any(reach)]

    def _sides(self, condition: Condition) -> tuple[list[tantivy.Query], list[tantivy.Query]]:
        conditions = condition.conditions if isinstance(condition, AllOf) else (condition,)
        must = self._times([part for part in conditions if isinstance(part, After | Before)])
        must += [self._query(part) for part in conditions if not isinstance(part, Not | After | Before)]
        must_not = [self._query(part.condition) for part in conditions if isinstance(part, Not)]
        return must, must_not

    def _query(self, condition: Condition) -> tantivy.Query:
        match condition:
            case AnyOf(conditions):
                return _any([self._query(part) for part in conditions])
            case AllOf() | Not():
                return _boolean(*self._sides(condition))
            case Equals(field, value):
                return self._term(exact_field(field), value)
            case Number(field, pattern):
                return self._number(field, pattern)
            case Keys(digits):
                return self._grams("dtmf", digits)
            case Length(field, comparison, length):
                return self._range(field, comparison, length)
            case After() | Before():
                return self._times([condition])[0]
            case Words():
                return self._words(condition)

    def _times(self, times: Sequence[After | Before]) -> list[tantivy.Query]:
        """All of ``times`` as one look at the column of starts, where there are any."""
        if not times:
            return []
        low = max((milliseconds_up(time.at) for time in times if isinstance(time, After)), default=None)
        high = min((milliseconds_up(time.at) - 1 for time in times if isinstance(time, Before)), default=None)
        if low is not None and high is not None and low > high:
            return [tantivy.Query.empty_query()]
        return [self.started(low, high)]

    def _term(self, field: str, value: str) -> tantivy.Query:
        return tantivy.Query.term_query(self._schema, field, value, "basic")

    def _regex(self, field: str, pattern: str) -> tantivy.Query:
        return tantivy.Query.regex_query(self._schema, field, pattern)

    def _range(self, field: str, comparison: Comparison, bound: int) -> tantivy.Query:
        inclusive = comparison in ("<=", ">=")
        bound = max(-_LARGEST, min(_LARGEST, bound))
        kind = FieldType.Integer
        if comparison in ("<", "<="):
            return tantivy.Query.range_query(
                self._schema, field, kind, upper_bound=bound, include_upper=inclusive
            )
        return tantivy.Query.range_query(
            self._schema, field, kind, lower_bound=bound, include_lower=inclusive
        )

    def _number(self, field: str, pattern: str) -> tantivy.Query:
        first, *rest = unblanked(pattern).split("*")
        if not rest:
            return _any([self._term(name(field), pattern) for name in (whole_field, written_field)])
        last = rest[-1]
        if len(rest) == 1 and not last:
            return self._grams(field, START + first)
        if len(rest) == 1 and not first:
            return self._grams(field, last + END)
        if len(rest) == 2 and not first and not last:
            return self._grams(field, rest[0])
        return self._regex(whole_field(field), ".*".join(_escaped(part) for part in pattern.split("*")))

    def _grams(self, field: str, text: str) -> tantivy.Query:
        row = grams(text)
        if not row:
            return self._regex(gram_field(field), _escaped(text) + ".*")
        if len(row) == 1:
            return self._term(gram_field(field), row[0])
        return tantivy.Query.phrase_query(self._schema, gram_field(field), [*row])

    def _words(self, condition: Words) -> tantivy.Query:
        wanted = words.phrases(condition.text, whole=condition.phrase, prefix=condition.prefix)
        if not wanted:
            return tantivy.Query.empty_query()
        places = _PLACES.get(condition.field, (condition.field,))
        return _boolean([_any([self._phrase(place, phrase) for place in places]) for phrase in wanted], [])

    def _phrase(self, field: str, phrase: words.Phrase) -> tantivy.Query:
        *_, last = phrase
        if len(phrase) == 1:
            return (
                self._regex(field, _escaped(last.token) + ".*")
                if last.prefix
                else self._term(field, last.token)
            )
        if not last.prefix:
            return tantivy.Query.phrase_query(
                self._schema, field, [(part.offset, part.token) for part in phrase]
            )
        row: list[str | tuple[int, str]] = [
            (part.offset, _escaped(part.token) + (".*" if part.prefix else "")) for part in phrase
        ]
        return tantivy.Query.regex_phrase_query(self._schema, field, row)


def _escaped(text: str) -> str:
    return "".join(f"\\{character}" if character in _SPECIAL else character for character in text)


def _any(queries: Sequence[tantivy.Query]) -> tantivy.Query:
    if not queries:
        return tantivy.Query.empty_query()
    if len(queries) == 1:
        return queries[0]
    return tantivy.Query.boolean_query([(Occur.Should, query) for query in queries])


def _boolean(must: Sequence[tantivy.Query], must_not: Sequence[tantivy.Query]) -> tantivy.Query:
    if len(must) == 1 and not must_not:
        return must[0]
    wanted = must or [tantivy.Query.all_query()]
    return tantivy.Query.boolean_query(
        [*((Occur.Must, query) for query in wanted), *((Occur.MustNot, query) for query in must_not)]
    )
