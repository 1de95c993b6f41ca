"""The sentences that Python code says to people, as they stand in it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

HOLE = "{}"
_WORDS = re.compile(r"[A-Za-z]+ (?:[a-z]+ |\{\} )?[a-z]+")
_LOGGED = frozenset({"debug", "info", "warning", "error", "exception"})


def sentences(path: Path) -> Iterator[tuple[int, str]]:
    """Line and text of each string with words, whose values are ``{}``; no docstrings, no lines of the log,
    no messages of ``ValueError`` (those are for programmers)."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    silent = set(_silent(tree))
    for node in ast.walk(tree):
        if node not in silent and (text := _text(node)) and _WORDS.search(text):
            yield node.lineno, text


def _text(node: ast.AST) -> str:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=values):
            return "".join(_text(value) or HOLE for value in values)
        case _:
            return ""


def _silent(tree: ast.AST) -> Iterator[ast.AST]:
    """What nobody is told, or is told as part of another string."""
    for node in ast.walk(tree):
        match node:
            case ast.Expr(value=ast.Constant() as text):
                yield text
            case ast.JoinedStr(values=values):
                yield from (value for value in values if isinstance(value, ast.Constant))
            case ast.Call(func=ast.Attribute(attr=name)) if name in _LOGGED:
                yield from ast.walk(node)
            case ast.Call(func=ast.Name(id="ValueError" | "RuntimeError" | "AssertionError")):
                yield from ast.walk(node)
