"""What is wrong with the value of a setting, in plain words: pydantic's own speak of tags and instances."""

import difflib
import re
from collections.abc import Iterable, Sequence
from typing import Any


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that looks most like ``name``, if any looks like it."""
    found = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return found[0] if found else None


def worded(detail: Any, kinds: Sequence[str]) -> str:
    """What pydantic's ``detail`` of an error says, without a full stop; ``kinds`` are those of a union."""
    match detail["type"]:
        case "union_tag_invalid":
            tag = str(detail["ctx"]["tag"])
            near = nearest(tag.lower(), kinds)
            return f"there is no kind {tag!r}; there are {listed(kinds)}" + (
                f". Did you mean {near}?" if near else ""
            )
        case "union_tag_not_found":
            return f"it is missing; write one of {listed(kinds)}"
        case "missing":
            return "it is missing"
        case "tuple_type" | "list_type":
            return (
                "it should be a list; a table that there may be several of stands in double brackets: [[…]], "
                'anything else in single ones: ["…"]'
            )
        case "model_type" | "model_attributes_type" | "dict_type":
            return "it should be a table, with a name and a value in each line"
        case "pattern_type" | "pattern_str_type":
            return "it should be a regular expression, in quotes"
        case "pattern_regex":
            return _wrong_expression(str(detail["input"]))
        case "path_type":
            return "it should be a path, in quotes"
    message = str(detail["msg"]).removeprefix("Value error, ").removesuffix(".")
    return f"{message[0].lower()}{message[1:]}"


def _wrong_expression(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        where = "" if error.pos is None else f" at character {error.pos + 1}"
        why = f": {error.msg}{where}"
    else:
        why = ""
    return f"{text!r} is no regular expression{why}; a sign that stands for itself has \\\\ before it in TOML"


def listed(names: Sequence[str]) -> str:
    """``a, b and c``."""
    return " and ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part)
