"""The query language: ``agent:8001 number:*1234 after:2026-11-01 duration:>5m -state:missed "refund"``.

Conditions side by side must all be true; ``OR`` (or ``|``) between them asks for one, parentheses group, a
minus (or ``NOT``) denies. A field takes one value or several with commas, of which one must fit. Field names
and choices may be Chinese, punctuation full width. ``fields.py`` has the fields, ``values.py`` their values.
"""

from datetime import datetime, tzinfo

from indexer import fields, values
from indexer.errors import QueryError
from indexer.instants import Clock
from indexer.lexer import Kind, Token, lex
from indexer.query import AllOf, Condition, Query, all_of, any_of, negated

LONGEST = 2000
DEEPEST = 20


def parse(text: str, *, now: datetime, zone: tzinfo) -> Query:
    """The query that ``text`` says; times without a zone are read in ``zone``, relative ones from ``now``.

    Raises ``QueryError``, never anything else.
    """
    if len(text) > LONGEST:
        raise QueryError("too_long", LONGEST, len(text) - LONGEST, limit=LONGEST)
    return Query(_Parser(lex(text), Clock(now, zone)).query())


class _Parser:
    """Recursive descent over the tokens: alternatives, then conjunctions, then single conditions."""

    def __init__(self, tokens: list[Token], clock: Clock) -> None:
        self._tokens = tokens
        self._next = 0
        self._clock = clock
        self._depth = 0

    def query(self) -> Condition:
        condition = self._alternatives()
        token = self._peek()
        if token.kind is Kind.CLOSE:
            raise QueryError("unexpected_parenthesis", token.position, token.length)
        return condition

    def _peek(self) -> Token:
        return self._tokens[self._next]

    def _take(self) -> Token:
        token = self._tokens[self._next]
        self._next += 1
        return token

    def _alternatives(self) -> Condition:
        first = self._conjunction()
        found = [first]
        while self._peek().kind is Kind.OR:
            word = self._take()
            found.append(self._conjunction())
            if AllOf() in found[-2:]:
                raise QueryError("missing_operand", word.position, word.length, word=word.text)
        return any_of(found) if len(found) > 1 else first

    def _conjunction(self) -> Condition:
        found: list[Condition] = []
        while self._peek().kind not in (Kind.END, Kind.CLOSE, Kind.OR):
            found.append(self._condition())
        return all_of(found)

    def _condition(self) -> Condition:
        token = self._take()
        match token.kind:
            case Kind.MINUS:
                return self._denied(token)
            case Kind.OPEN:
                return self._group(token)
            case Kind.FIELD:
                return self._field(token)
            case Kind.QUOTED:
                return values.words(token, phrase=True)
            case _:
                return values.bare(token)

    def _denied(self, minus: Token) -> Condition:
        if self._peek().kind in (Kind.END, Kind.CLOSE, Kind.OR):
            raise QueryError("nothing_negated", minus.position, minus.length)
        self._descend(minus)
        condition = self._condition()
        self._depth -= 1
        return condition if condition == AllOf() else negated(condition)

    def _group(self, opening: Token) -> Condition:
        self._descend(opening)
        condition = self._alternatives()
        if self._take().kind is not Kind.CLOSE:
            raise QueryError("unclosed_parenthesis", opening.position, opening.length)
        self._depth -= 1
        return condition

    def _descend(self, token: Token) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise QueryError("too_deep", token.position, token.length, limit=DEEPEST)

    def _field(self, token: Token) -> Condition:
        name = fields.resolve(token.text)
        if name is None:
            suggestion = fields.nearest(token.text)
            raise QueryError(
                "unknown_field", token.position, len(token.text), suggestion=suggestion, name=token.text
            )
        alternatives = []
        while self._peek().kind is Kind.VALUE or self._peek().kind is Kind.QUOTED_VALUE:
            alternatives.append(values.value(name, self._take(), self._clock))
        if not alternatives:
            raise QueryError("missing_value", token.position, token.length, name=token.text)
        return any_of(alternatives)
