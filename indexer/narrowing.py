"""A condition as a scope lets it be asked. Pure."""

from dataclasses import replace

from indexer.query import AllOf, AnyOf, Condition, Equals, Not, Words
from indexer.scope import Scope


def narrowed(condition: Condition, scope: Scope) -> Condition:
    """``condition``; where ``scope`` hides tags, with no call bearing one and no word standing in one."""
    if scope.tags:
        return condition
    match condition:
        case Equals(field="tag"):
            return AnyOf(())
        case Words(field="text"):
            return replace(condition, field="untagged")
        case Not(denied):
            return Not(narrowed(denied, scope))
        case AllOf(conditions):
            return AllOf(tuple(narrowed(part, scope) for part in conditions))
        case AnyOf(conditions):
            return AnyOf(tuple(narrowed(part, scope) for part in conditions))
        case _:
            return condition
